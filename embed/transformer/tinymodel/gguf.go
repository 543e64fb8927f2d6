package tinymodel

import (
	"bytes"
	"encoding/binary"
	"strings"

	"github.com/semroute/semroute/embed/transformer/encoder"
)

// Kinds of values in a GGUF file.
const (
	ggufUint8, ggufUint32, ggufInt32, ggufFloat32 = uint32(0), uint32(4), uint32(5), uint32(6)
	ggufBool, ggufString, ggufArray               = uint32(7), uint32(8), uint32(9)
	ggufAlignment                                 = 32
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
	settings := 10
	if m.Scores != nil {
		settings += 6
	}
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
	m.ggufTokenizer(&f)
	offset := uint64(0)
	for _, name := range m.names {
		t := m.ggufTensor(name)
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
		f.put(m.ggufTensor(name).Values)
	}
	return f.Bytes()
}

// ggufTensor is a tensor as llama.cpp has it: without the rows of the positions
// that no token has.
func (m *Model) ggufTensor(name string) Tensor {
	t := m.Tensors[name]
	if name == "embeddings.position_embeddings.weight" {
		t = Tensor{Dimensions: []int{m.Shape.Positions, m.Shape.Hidden}, Values: t.Values[m.before*m.Shape.Hidden:]}
	}
	return t
}

func (m *Model) ggufTokenizer(f *ggufFile) {
	model := "bert"
	if m.Scores != nil {
		model = "t5"
	}
	f.setting("tokenizer.ggml.model", ggufString, model)
	f.text("tokenizer.ggml.tokens")
	f.put(ggufArray)
	f.put(ggufString)
	f.put(uint64(len(m.Tokens)))
	for _, token := range m.Tokens {
		switch tail, isTail := strings.CutPrefix(token, "##"); {
		case m.Scores != nil:
			f.text(token)
		case isTail:
			f.text(tail)
		case strings.HasPrefix(token, "["):
			f.text(token)
		default:
			f.text(space + token)
		}
	}
	if m.Scores == nil {
		return
	}
	const normal, unknown, control = int32(1), int32(2), int32(3)
	scores, kinds := make([]float32, len(m.Tokens)), make([]int32, len(m.Tokens))
	for i, score := range m.Scores {
		if scores[i], kinds[i] = float32(score), normal; i < xlmSpecial {
			kinds[i] = control
		}
	}
	kinds[xlmUnknown] = unknown
	f.numbers("tokenizer.ggml.scores", ggufFloat32, len(scores), scores)
	f.numbers("tokenizer.ggml.token_type", ggufInt32, len(kinds), kinds)
	f.numbers("tokenizer.ggml.precompiled_charsmap", ggufUint8, len(Charsmap()), Charsmap())
	f.setting("tokenizer.ggml.bos_token_id", ggufUint32, uint32(xlmFirst))
	f.setting("tokenizer.ggml.eos_token_id", ggufUint32, uint32(xlmLast))
	f.setting("tokenizer.ggml.remove_extra_whitespaces", ggufBool, true)
}

func (f *ggufFile) numbers(name string, kind uint32, count int, values any) {
	f.text(name)
	f.put(ggufArray)
	f.put(kind)
	f.put(uint64(count))
	f.put(values)
}

func appendCharsmap(trie []uint32, replacements string) []byte {
	data := binary.LittleEndian.AppendUint32(nil, uint32(4*len(trie)))
	for _, unit := range trie {
		data = binary.LittleEndian.AppendUint32(data, unit)
	}
	return append(data, replacements...)
}
