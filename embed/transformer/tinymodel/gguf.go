package tinymodel

import (
	"bytes"
	"encoding/binary"
	"strings"

	"github.com/semroute/semroute/embed/transformer/encoder"
)

// Kinds of values in a GGUF file.
const (
	ggufUint32, ggufFloat32, ggufString, ggufArray = uint32(4), uint32(6), uint32(8), uint32(9)
	ggufAlignment                                  = 32
)

// ggufNames are what llama.cpp calls what Hugging Face calls otherwise, in the
// order of replacement.
var ggufNames = strings.NewReplacer(
	"embeddings.word_embeddings", "token_embd", "embeddings.position_embeddings", "position_embd",
	"embeddings.token_type_embeddings", "token_types", "embeddings.LayerNorm", "token_embd_norm", "encoder.layer", "blk",
	"attention.self.query", "attn_q", "attention.self.key", "attn_k", "attention.self.value", "attn_v",
	"attention.output.dense", "attn_output", "attention.output.LayerNorm", "attn_output_norm",
	"intermediate.dense", "ffn_up", "output.dense", "ffn_down", "output.LayerNorm", "layer_output_norm",
)

// ggufFile writes numbers and texts as GGUF has them; a buffer takes everything.
type ggufFile struct{ bytes.Buffer }

func (f *ggufFile) put(v any) { _ = binary.Write(f, binary.LittleEndian, v) }

func (f *ggufFile) text(s string) {
	f.put(uint64(len(s)))
	f.WriteString(s)
}

func (f *ggufFile) setting(name string, kind uint32, value any) {
	f.text(name)
	f.put(kind)
	if s, ok := value.(string); ok {
		f.text(s)
		return
	}
	f.put(value)
}

// GGUF is the model as a file of llama.cpp. Its vocabulary is as long as the
// table of vectors, which such a file has to have.
func (m *Model) GGUF() []byte {
	var f ggufFile
	f.WriteString("GGUF")
	f.put(uint32(3))
	f.put(uint64(len(m.names)))
	const settings = 10
	f.put(uint64(settings))
	f.setting("general.architecture", ggufString, "bert")
	s := &m.Shape
	for name, value := range map[string]int{
		"block_count": s.Layers, "embedding_length": s.Hidden, "attention.head_count": s.Heads,
		"feed_forward_length": s.Inner, "context_length": s.Positions,
	} {
		f.setting("bert."+name, ggufUint32, uint32(value))
	}
	f.setting("bert.attention.layer_norm_epsilon", ggufFloat32, s.Epsilon)
	f.setting("bert.pooling_type", ggufUint32, map[encoder.Pooling]uint32{encoder.Mean: 1, encoder.CLS: 2}[m.Pooling])
	f.setting("tokenizer.ggml.model", ggufString, "bert")
	m.ggufTokens(&f)
	offset := uint64(0)
	for _, name := range m.names {
		t := m.Tensors[name]
		f.text(ggufNames.Replace(name))
		f.put(uint32(len(t.Dimensions)))
		for i := range t.Dimensions { // the innermost first
			f.put(uint64(t.Dimensions[len(t.Dimensions)-1-i]))
		}
		f.put(uint32(0)) // F32
		f.put(offset)
		offset += uint64(4*len(t.Values)+ggufAlignment-1) / ggufAlignment * ggufAlignment
	}
	for _, name := range m.names {
		f.Write(make([]byte, -f.Len()&(ggufAlignment-1)))
		f.put(m.Tensors[name].Values)
	}
	return f.Bytes()
}

func (m *Model) ggufTokens(f *ggufFile) {
	f.text("tokenizer.ggml.tokens")
	f.put(ggufArray)
	f.put(ggufString)
	f.put(uint64(len(m.Tokens)))
	for _, token := range m.Tokens {
		switch tail, isTail := strings.CutPrefix(token, "##"); {
		case isTail:
			f.text(tail)
		case strings.HasPrefix(token, "["):
			f.text(token)
		default:
			f.text("\u2581" + token)
		}
	}
}
