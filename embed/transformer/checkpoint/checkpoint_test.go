package checkpoint_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/semroute/semroute/embed/transformer/checkpoint"
	"github.com/semroute/semroute/embed/transformer/encoder"
	"github.com/semroute/semroute/embed/transformer/modelfile"
	"github.com/semroute/semroute/embed/transformer/tinymodel"
)

// convert opens a folder and converts it, as an embedder does.
func convert(folder string) error {
	c, err := checkpoint.OpenFolder(folder)
	if err != nil {
		return err
	}
	return errors.Join(modelfile.Write(&bytes.Buffer{}, c, 8), c.Close())
}

// edit changes a field of a JSON file, given by the keys that lead to it.
func edit(file string, value any, keys ...string) func(*testing.T, map[string][]byte) {
	return func(t *testing.T, files map[string][]byte) {
		t.Helper()
		var whole map[string]any
		if err := json.Unmarshal(files[file], &whole); err != nil {
			t.Fatal(err)
		}
		at := whole
		for _, key := range keys[:len(keys)-1] {
			at, _ = at[key].(map[string]any)
		}
		at[keys[len(keys)-1]] = value
		data, err := json.Marshal(whole)
		if err != nil {
			t.Fatal(err)
		}
		files[file] = data
	}
}

func remove(file string) func(*testing.T, map[string][]byte) {
	return func(_ *testing.T, files map[string][]byte) { delete(files, file) }
}

func write(file, content string) func(*testing.T, map[string][]byte) {
	return func(_ *testing.T, files map[string][]byte) { files[file] = []byte(content) }
}

// TestBadFolders: every error names the file and what is wrong in it.
func TestBadFolders(t *testing.T) {
	const weights, config, tokens, pooling = "model.safetensors", "config.json", "tokenizer.json", "1_Pooling/config.json"
	for _, bad := range []struct {
		spoil func(*testing.T, map[string][]byte)
		want  []string
	}{
		{remove(config), []string{"no config.json"}},
		{remove(weights), []string{"no model.safetensors"}},
		{remove(tokens), []string{"no tokenizer.json"}},
		{remove(pooling), []string{"no 1_Pooling/config.json"}},
		{write(config, "{"), []string{config, "unexpected end"}},
		{edit(config, "modernbert", "model_type"), []string{config, "model_type", "modernbert"}},
		{edit(config, "relative_key", "position_embedding_type"), []string{config, "position_embedding_type"}},
		{edit(config, "relu", "hidden_act"), []string{config, "hidden_act"}},
		{edit(config, 0, "num_hidden_layers"), []string{config, "layers"}},
		{edit(config, 3, "num_hidden_layers"), []string{weights, "no tensor encoder.layer.2."}},
		{edit(config, 1<<40, "vocab_size"), []string{config, "vocabulary"}},
		{edit(config, 5, "vocab_size"), []string{"vocabulary of", "vectors for 5"}},
		{edit(config, 400, "vocab_size"), []string{weights, "word_embeddings", "not [400 64]"}},
		{edit(config, 128, "intermediate_size"), []string{weights, "intermediate.dense.weight"}},
		{edit(pooling, 32, "word_embedding_dimension"), []string{pooling, "word_embedding_dimension is 32"}},
		{edit(pooling, true, "pooling_mode_cls_token"), []string{pooling, "pooling_mode"}},
		{edit(pooling, true, "pooling_mode_max_tokens"), []string{pooling, "pooling_mode"}},
		{write("modules.json", `[{"type": "sentence_transformers.models.Dense"}]`), []string{"modules.json", "Dense"}},
		{write("modules.json", `[{"type": "a.Pooling", "path": "../../etc"}]`), []string{"no etc/config.json"}},
		{write("sentence_bert_config.json", `{"max_seq_length": 1000}`), []string{"sentence_bert_config.json", "max_seq_length is 1000"}},
		{edit(tokens, "BPE", "model", "type"), []string{tokens, "model.type", "BPE"}},
		{edit(tokens, "NFC", "normalizer", "type"), []string{tokens, "normalizer.type"}},
		{edit(tokens, "Whitespace", "pre_tokenizer", "type"), []string{tokens, "pre_tokenizer.type"}},
		{edit(tokens, "Sequence", "post_processor", "type"), []string{tokens, "post_processor.type"}},
		{edit(tokens, 999, "model", "vocab", "[UNK]"), []string{tokens, "[UNK]"}},
		{write("vocab.txt", "[PAD]\nother\n"), []string{"vocab.txt", "not those of tokenizer.json"}},
		{write(weights, "short"), []string{weights, "5 bytes"}},
	} {
		files := tinymodel.New(encoder.Mean).Files(t)
		bad.spoil(t, files)
		refused(t, convert(tinymodel.WriteFolder(t, files)), bad.want)
	}
}

// refused fails where err is no ErrCheckpoint that says all of want.
func refused(t *testing.T, err error, want []string) {
	t.Helper()
	if !errors.Is(err, checkpoint.ErrCheckpoint) {
		t.Errorf("%v: got %v", want, err)
		return
	}
	for _, part := range want {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%v does not say %q", err, part)
		}
	}
}

// TestBadXLMFolders is the same of what only SentencePiece's tokenizers have.
func TestBadXLMFolders(t *testing.T) {
	const config, tokens = "config.json", "tokenizer.json"
	step := func(kind string) map[string]any { return map[string]any{"type": kind} }
	metaspace := map[string]any{"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "first"}
	for _, bad := range []struct {
		spoil func(*testing.T, map[string][]byte)
		want  []string
	}{
		{edit(config, 999, "pad_token_id"), []string{config, "pad_token_id is 999"}},
		{edit(config, -1, "pad_token_id"), []string{config, "pad_token_id is -1"}},
		{edit(config, 48, "pad_token_id"), []string{config, "positions"}},
		{edit(config, 60, "max_position_embeddings"), []string{"model.safetensors", "position_embeddings", "[60 64]"}},
		{write("sentence_bert_config.json", `{"max_seq_length": 51}`), []string{"max_seq_length is 51", "50"}},
		{edit(tokens, []any{[]any{"<s>", "x"}}, "model", "vocab"), []string{tokens, "model.vocab"}},
		{edit(tokens, []any{[]any{"<s>"}}, "model", "vocab"), []string{tokens, "is no piece with its score"}},
		{edit(tokens, []any{[]any{"<s>", 0}, []any{"</s>", 0}}, "model", "vocab"), []string{tokens, "unk_id"}},
		{edit(tokens, nil, "model", "unk_id"), []string{tokens, "unk_id"}},
		{edit(tokens, true, "model", "byte_fallback"), []string{tokens, "byte_fallback"}},
		{edit(tokens, step("NFKC"), "normalizer"), []string{tokens, "normalizer", "NFKC"}},
		{edit(tokens, map[string]any{"type": "Sequence", "normalizers": []any{step("Strip"), step("Precompiled")}}, "normalizer"), []string{tokens, "step 2", "in this order"}},
		{edit(tokens, map[string]any{"type": "Precompiled", "precompiled_charsmap": "AAAA"}, "normalizer"), []string{"precompiled_charsmap of 3 bytes"}},
		{edit(tokens, step("ByteLevel"), "pre_tokenizer"), []string{tokens, "pre_tokenizer", "ByteLevel"}},
		{edit(tokens, metaspace, "pre_tokenizer"), []string{tokens, "prepend_scheme", "first"}},
		{edit(tokens, map[string]any{"type": "Sequence", "pretokenizers": []any{}}, "pre_tokenizer"), []string{tokens, "pre_tokenizer"}},
		{edit(tokens, map[string]any{"type": "Sequence", "pretokenizers": []any{step("Digits"), metaspace}}, "pre_tokenizer"), []string{tokens, "WhitespaceSplit"}},
		{edit(tokens, map[string]any{"type": "BertProcessing", "cls": []any{"<none>", 0}, "sep": []any{"</s>", 2}}, "post_processor"), []string{tokens, "<none>"}},
		{edit(tokens, []any{map[string]any{"id": 7, "content": "<s>"}}, "added_tokens"), []string{tokens, "added_tokens", "id 7"}},
		{edit(tokens, []any{map[string]any{"id": 0, "content": "<s>", "normalized": true}}, "added_tokens"), []string{tokens, "normalized"}},
	} {
		files := tinymodel.NewXLM(encoder.Mean).Files(t)
		bad.spoil(t, files)
		refused(t, convert(tinymodel.WriteFolder(t, files)), bad.want)
	}
}

// TestWeightsThatAreNoNumbers: one value of any tensor that is used spoils the model.
func TestWeightsThatAreNoNumbers(t *testing.T) {
	model := tinymodel.New(encoder.Mean)
	for name, tensor := range model.Tensors {
		for _, value := range []float64{math.NaN(), math.Inf(-1)} {
			kept := tensor.Values[3]
			tensor.Values[3] = float32(value)
			if err := convert(model.Folder(t)); !errors.Is(err, checkpoint.ErrCheckpoint) || !strings.Contains(err.Error(), name) {
				t.Errorf("%s with %v: %v", name, value, err)
			}
			tensor.Values[3] = kept
		}
	}
}

// TestHugeWeights: finite weights that overflow on the way give a clear error or a
// model, and never a crash.
func TestHugeWeights(t *testing.T) {
	model := tinymodel.New(encoder.Mean)
	refusals := 0
	for _, tensor := range model.Tensors {
		kept := tensor.Values[3]
		tensor.Values[3] = 3e38
		if err := convert(model.Folder(t)); err != nil {
			refused(t, err, []string{"give random tokens no vectors"})
			refusals++
		}
		tensor.Values[3] = kept
	}
	if refusals == 0 {
		t.Error("none of the tensors can overflow anything")
	}
}

// TestVocabularyFile: a folder with vocab.txt alone gives the same model.
func TestVocabularyFile(t *testing.T) {
	model := tinymodel.New(encoder.CLS)
	files := model.Files(t)
	whole := converted(t, files)
	delete(files, "tokenizer.json")
	files["vocab.txt"] = []byte(strings.Join(model.Tokens, "\r\n") + "\n")
	if !bytes.Equal(whole, converted(t, files)) {
		t.Error("vocab.txt gives another model than tokenizer.json")
	}
	files["tokenizer_config.json"] = []byte(`{"do_lower_case": false}`)
	if bytes.Equal(whole, converted(t, files)) {
		t.Error("do_lower_case changes nothing")
	}
}

func converted(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	c, err := checkpoint.OpenFolder(tinymodel.WriteFolder(t, files))
	if err != nil {
		t.Fatal(err)
	}
	var data bytes.Buffer
	if err := errors.Join(modelfile.Write(&data, c, 8), c.Close()); err != nil {
		t.Fatal(err)
	}
	return data.Bytes()
}

// TestGGUF: the same weights out of a file of llama.cpp are the same model, apart
// from the prompts that such a file does not have.
func TestGGUF(t *testing.T) {
	for _, pooling := range []encoder.Pooling{encoder.Mean, encoder.CLS} {
		model := tinymodel.New(pooling)
		path := filepath.Join(t.TempDir(), "tiny.gguf")
		if err := os.WriteFile(path, model.GGUF(), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := checkpoint.OpenGGUF(path)
		if err != nil {
			t.Fatal(err)
		}
		var data bytes.Buffer
		if err := errors.Join(modelfile.Write(&data, c, 8), c.Close()); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(data.Bytes(), model.Convert(t)) {
			t.Errorf("%s: another model than out of the folder", pooling)
		}
	}
}

// TestHalves compares every 16-bit float with what its bits say.
func TestHalves(t *testing.T) {
	for bits := range 1 << 16 {
		exponent, fraction := bits>>10&31, float64(bits&1023)
		want := math.Ldexp(1024+fraction, exponent-25)
		switch {
		case exponent == 0:
			want = math.Ldexp(fraction, -24)
		case exponent == 31 && fraction == 0:
			want = math.Inf(1)
		case exponent == 31:
			want = math.NaN()
		}
		if bits>>15 == 1 {
			want = -want
		}
		got := checkpoint.Half(uint16(bits))
		if float64(got) != want && !(math.IsNaN(want) && got != got) {
			t.Fatalf("%#04x: %v, want %v", bits, got, want)
		}
	}
}

// TestCutAnywhere: a file of either kind that ends too early is refused, wherever
// it ends.
func TestCutAnywhere(t *testing.T) {
	model := tinymodel.New(encoder.Mean)
	folder, path := model.Folder(t), filepath.Join(t.TempDir(), "cut.gguf")
	weights, whole := filepath.Join(folder, "model.safetensors"), model.GGUF()
	tensors := model.Files(t)["model.safetensors"]
	for _, file := range []struct {
		path string
		data []byte
		open func() error
	}{
		{weights, tensors, func() error { return convert(folder) }},
		{path, whole, func() error { return convertGGUF(path) }},
	} {
		for size := 0; size < len(file.data); size += 1 + size/20 {
			if err := os.WriteFile(file.path, file.data[:size], 0o600); err != nil {
				t.Fatal(err)
			}
			if err := file.open(); !errors.Is(err, checkpoint.ErrCheckpoint) {
				t.Errorf("%s cut at %d of %d: %v", filepath.Base(file.path), size, len(file.data), err)
			}
		}
	}
}

func convertGGUF(path string) error {
	c, err := checkpoint.OpenGGUF(path)
	if err != nil {
		return err
	}
	return errors.Join(modelfile.Write(&bytes.Buffer{}, c, 8), c.Close())
}

// FuzzSafetensors and FuzzGGUF: whatever a file's head says of the tensors behind
// it, opening and converting it gives a model or an ErrCheckpoint, and takes memory
// by the file's size.
func FuzzSafetensors(f *testing.F) {
	files := tinymodel.New(encoder.Mean).Files(f)
	const length = 8
	weights := files["model.safetensors"]
	end := length + int(binary.LittleEndian.Uint64(weights))
	head, tensors := weights[length:end], weights[end:]
	f.Add(head)
	f.Add(head[:300])
	f.Add(bytes.Replace(head, []byte(`"shape":[64]`), []byte(`"shape":[-9]`), 1))
	folder := tinymodel.WriteFolder(f, files)
	f.Fuzz(func(t *testing.T, head []byte) {
		data := binary.LittleEndian.AppendUint64(nil, uint64(len(head)))
		data = append(append(data, head...), tensors...)
		if err := os.WriteFile(filepath.Join(folder, "model.safetensors"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		bounded(t, len(data), func() error { return convert(folder) })
	})
}

func FuzzGGUF(f *testing.F) {
	whole := tinymodel.New(encoder.Mean).GGUF()
	const head = 6000 // its settings and the places of its tensors end before
	f.Add(whole[:head])
	f.Add(tinymodel.NewXLM(encoder.Mean).GGUF()[:2*head])
	f.Add(whole[:1000])
	f.Add(append([]byte("GGUF\x03\x00\x00\x00"), bytes.Repeat([]byte{0xff}, 64)...))
	path := filepath.Join(f.TempDir(), "f.gguf")
	f.Fuzz(func(t *testing.T, head []byte) {
		data := append(bytes.Clone(head), whole[min(len(head), len(whole)):]...)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		bounded(t, len(data), func() error { return convertGGUF(path) })
	})
}

// bounded fails when opening does anything but succeed or refuse, and when it
// allocates out of proportion to the size of the file.
func bounded(t *testing.T, size int, open func() error) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := open(); err != nil && !errors.Is(err, checkpoint.ErrCheckpoint) {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	const fixed, factor = 4 << 20, 32
	if used := after.TotalAlloc - before.TotalAlloc; used > uint64(fixed+factor*size) {
		t.Fatalf("%d bytes allocated for a file of %d", used, size)
	}
}
