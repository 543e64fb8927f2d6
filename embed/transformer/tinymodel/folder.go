package tinymodel

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/semroute/semroute/embed/transformer/encoder"
)

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
	return map[string][]byte{
		"config.json": encode(map[string]any{
			"model_type": m.kind(), "hidden_act": "gelu", "hidden_size": s.Hidden, "intermediate_size": s.Inner,
			"num_hidden_layers": s.Layers, "num_attention_heads": s.Heads, "max_position_embeddings": m.before + s.Positions, "pad_token_id": 1,
			"vocab_size": s.Vocabulary, "layer_norm_eps": s.Epsilon, "position_embedding_type": "absolute",
		}),
		"tokenizer.json": encode(m.tokenizer()),
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
