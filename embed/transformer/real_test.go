package transformer_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/semroute/semroute/embed/transformer"
	"github.com/semroute/semroute/embed/transformer/checkpoint"
	"github.com/semroute/semroute/embed/transformer/modelfile"
	"github.com/semroute/semroute/embed/transformer/tokentest"
	"github.com/semroute/semroute/embed/transformer/unigram"
	"github.com/semroute/semroute/embed/transformer/wordpiece"
)

// realModels are the folders of real models below SEMROUTE_MODEL_DIR that have a
// reference.jsonl beside them, made by testdata/reference.py.
func realModels(t testing.TB) []string {
	t.Helper()
	dir := os.Getenv("SEMROUTE_MODEL_DIR")
	if dir == "" {
		t.Skip("SEMROUTE_MODEL_DIR is not set: no real weights to test with; `make reference` makes some in .build/models")
	}
	found, err := filepath.Glob(filepath.Join(dir, "*", "reference.jsonl"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no folder in %s has a reference.jsonl (%v)", dir, err)
	}
	for i := range found {
		found[i] = filepath.Dir(found[i])
	}
	return found
}

// leastCosine is what a vector of 8-bit arithmetic must have with that of float32,
// at least and on average; models with stronger outliers are named.
func leastCosine(model string) (lowest, mean float64) {
	if model == "all-minilm-l6-v2" {
		return .99, .998
	}
	return .997, .999
}

func TestRealModelsAgainstFloat32(t *testing.T) {
	for _, folder := range realModels(t) {
		name := filepath.Base(folder)
		t.Run(name, func(t *testing.T) {
			none := "" // the reference embeds texts as they are
			e := open(t, transformer.Config{Path: folder, QueryPrefix: &none})
			lowest, mean, count := compare(t, e, filepath.Join(folder, "reference.jsonl"))
			t.Logf("%d texts: cosine to float32 on average %.5f, at least %.5f", count, mean, lowest)
			if low, average := leastCosine(name); count < 100 || lowest < low || mean < average {
				t.Errorf("at least %v and on average %v is wanted", low, average)
			}
		})
	}
}

// compare embeds the texts of a reference and gives the lowest cosine and the
// mean. Texts that are cut are left out: the reference keeps only their beginning.
func compare(t *testing.T, e *transformer.Embedder, path string) (lowest, mean float64, count int) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	lowest = 1
	var room []float32
	for lines.Scan() {
		var want struct {
			Text   string
			Vector []float32
		}
		if err := json.Unmarshal(lines.Bytes(), &want); err != nil {
			t.Fatal(err)
		}
		got, err := e.EmbedQuery(t.Context(), want.Text, &room)
		if err != nil {
			t.Fatal(err)
		}
		if !got.Truncated {
			cosine := dot(got.Vector, want.Vector)
			lowest, mean, count = min(lowest, cosine), mean+cosine, count+1
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return lowest, mean / float64(max(count, 1)), count
}

// TestRealTokenizers holds the ids of a real model's vocabulary to those of the
// reference, which testdata/golden_ids.py asks for.
func TestRealTokenizers(t *testing.T) {
	for _, folder := range realModels(t) {
		name := filepath.Base(folder)
		t.Run(name, func(t *testing.T) {
			sums, err := os.ReadFile(filepath.Join("testdata", name+".sums"))
			if errors.Is(err, fs.ErrNotExist) {
				t.Skipf("testdata has no ids of %s", name)
			}
			if err != nil {
				t.Fatal(err)
			}
			c, err := checkpoint.OpenFolder(folder)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = c.Close() }()
			tokenizer := tokenizerOf(t, c)
			golden := tokentest.Golden{Sums: sums}
			golden.Compare(t, func(text string) []uint32 { return tokenizer.Append(nil, text) })
		})
	}
}

func tokenizerOf(t *testing.T, c *checkpoint.Checkpoint) modelfile.Tokenizer {
	t.Helper()
	if c.Unigram == nil {
		tokenizer, err := wordpiece.New(c.Tokenizer)
		if err != nil {
			t.Fatal(err)
		}
		return tokenizer
	}
	vocabulary, err := unigram.NewVocabulary(c.Unigram.Pieces)
	if err != nil {
		t.Fatal(err)
	}
	tokenizer, err := unigram.New(c.Unigram.Settings, vocabulary, c.Unigram.Charsmap)
	if err != nil {
		t.Fatal(err)
	}
	return tokenizer
}

// BenchmarkRealModels is one prompt of so many tokens on one core.
func BenchmarkRealModels(b *testing.B) {
	for _, folder := range realModels(b) {
		e := open(b, transformer.Config{Path: folder})
		for _, prompt := range []struct {
			name  string
			words int
		}{{"12", 10}, {"128", 126}} {
			b.Run(filepath.Base(folder)+"/"+prompt.name, func(b *testing.B) {
				text := ""
				for range prompt.words {
					text += "order "
				}
				var room []float32
				for b.Loop() {
					if _, err := e.EmbedQuery(b.Context(), text, &room); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
