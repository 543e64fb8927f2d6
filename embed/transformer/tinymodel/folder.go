package tinymodel

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/semroute/semroute/embed/transformer/encoder"
)

func vocabulary() []string {
	tokens := []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
	tokens = append(tokens, strings.Fields(words)...)
	const letters = "bcdefghijklmnopqrstuvwxyz0123456789.,!?'-:"
	for _, letter := range letters {
		tokens = append(tokens, string(letter))
	}
	for _, letter := range "abcdefghijklmnopqrstuvwxyz0123456789" {
		tokens = append(tokens, "##"+string(letter))
	}
	return tokens
}

// Files are the files of the model's folder, by their names in it.
func (m *Model) Files(t testing.TB) map[string][]byte {
	t.Helper()
	s := &m.Shape
	encode := func(v any) []byte {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	vocab := map[string]int{}
	for id, token := range m.Tokens {
		vocab[token] = id
	}
	added := []any{}
	for id := range 5 {
		added = append(added, map[string]any{"id": id, "content": m.Tokens[id], "special": true})
	}
	token := func(name string) any { return map[string]any{"SpecialToken": map[string]any{"id": name}} }
	return map[string][]byte{
		"config.json": encode(map[string]any{
			"model_type": "bert", "hidden_act": "gelu", "hidden_size": s.Hidden, "intermediate_size": s.Inner,
			"num_hidden_layers": s.Layers, "num_attention_heads": s.Heads, "max_position_embeddings": s.Positions,
			"vocab_size": s.Vocabulary, "layer_norm_eps": s.Epsilon, "position_embedding_type": "absolute",
		}),
		"tokenizer.json": encode(map[string]any{
			"added_tokens":  added,
			"normalizer":    map[string]any{"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "lowercase": true},
			"pre_tokenizer": map[string]any{"type": "BertPreTokenizer"},
			"post_processor": map[string]any{"type": "TemplateProcessing",
				"single": []any{token("[CLS]"), map[string]any{"Sequence": map[string]any{"id": "A"}}, token("[SEP]")}},
			"model": map[string]any{"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": vocab},
		}),
		"1_Pooling/config.json": encode(map[string]any{
			"word_embedding_dimension": s.Hidden, "pooling_mode_mean_tokens": m.Pooling == encoder.Mean, "pooling_mode_cls_token": m.Pooling == encoder.CLS,
		}),
		"modules.json":      encode([]any{map[string]any{"type": "sentence_transformers.models.Transformer"}, map[string]any{"type": "sentence_transformers.models.Pooling", "path": "1_Pooling"}}),
		"model.safetensors": m.safetensors(encode),
	}
}

func (m *Model) safetensors(encode func(any) []byte) []byte {
	index, data := map[string]any{"__metadata__": map[string]string{"format": "pt"}}, bytes.Buffer{}
	for _, name := range m.names {
		tensor := m.Tensors[name]
		from := data.Len()
		for _, v := range tensor.Values {
			_ = binary.Write(&data, binary.LittleEndian, v) // a buffer takes everything
		}
		index[name] = map[string]any{"dtype": "F32", "shape": tensor.Dimensions, "data_offsets": []int{from, data.Len()}}
	}
	head := encode(index)
	all := binary.LittleEndian.AppendUint64(nil, uint64(len(head)))
	return append(append(all, head...), data.Bytes()...)
}

// Folder writes the model and gives where.
func (m *Model) Folder(t testing.TB) string {
	t.Helper()
	return WriteFolder(t, m.Files(t))
}

// WriteFolder writes files into a new folder.
func WriteFolder(t testing.TB, files map[string][]byte) string {
	t.Helper()
	folder := t.TempDir()
	for name, data := range files {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}
