package transformer_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/embed/embedtest"
	"github.com/semroute/semroute/embed/transformer"
	"github.com/semroute/semroute/embed/transformer/checkpoint"
	"github.com/semroute/semroute/embed/transformer/encoder"
	"github.com/semroute/semroute/embed/transformer/tinymodel"
)

func open(t testing.TB, c transformer.Config) *transformer.Embedder {
	t.Helper()
	e, err := transformer.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestSuite(t *testing.T) {
	for _, pooling := range []encoder.Pooling{encoder.Mean, encoder.CLS} {
		t.Run(string(pooling), func(t *testing.T) {
			folder, cache := tinymodel.New(pooling).Folder(t), t.TempDir()
			embedtest.Run(t, func(t *testing.T) embed.Embedder {
				return open(t, transformer.Config{Path: folder, CacheDir: cache})
			})
		})
	}
}

func TestFingerprintCoversWhatChangesVectors(t *testing.T) {
	folder := tinymodel.New(encoder.Mean).Folder(t)
	query := "query: "
	prints := map[string]string{}
	for name, c := range map[string]transformer.Config{
		"plain":           {Path: folder},
		"query prefix":    {Path: folder, QueryPrefix: &query},
		"document prefix": {Path: folder, DocumentPrefix: &query},
		"another pooling": {Path: tinymodel.New(encoder.CLS).Folder(t)},
	} {
		e := open(t, c)
		if other, twice := prints[e.Fingerprint()]; twice {
			t.Errorf("%s and %s share %s", name, other, e.Fingerprint())
		}
		prints[e.Fingerprint()] = name
	}
	if _, same := prints[open(t, transformer.Config{Path: folder, CacheDir: t.TempDir()}).Fingerprint()]; !same {
		t.Error("another fingerprint out of a cache folder")
	}
}

// TestConvertedOnce: the second opening reads what the first one left, and a
// changed or damaged file is converted again.
func TestConvertedOnce(t *testing.T) {
	folder, cache := tinymodel.New(encoder.Mean).Folder(t), t.TempDir()
	c := transformer.Config{Path: folder, CacheDir: cache}
	want := open(t, c).Fingerprint()
	kept, err := filepath.Glob(filepath.Join(cache, "encoders", "*.srm"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("kept %v, %v", kept, err)
	}
	data, err := os.ReadFile(kept[0])
	if err != nil {
		t.Fatal(err)
	}
	for at := range len(data) {
		if at > 200 && at%997 != 0 {
			continue
		}
		spoiled := append([]byte(nil), data...)
		spoiled[at] ^= 1
		replace(t, kept[0], spoiled)
		if at%5 == 0 { // opening converts again: a few times are enough
			if got := open(t, c).Fingerprint(); got != want {
				t.Fatalf("byte %d damaged: fingerprint %s, want %s", at, got, want)
			}
		}
	}
	replace(t, kept[0], data[:len(data)/2])
	if got := open(t, c).Fingerprint(); got != want {
		t.Errorf("cut short: fingerprint %s, want %s", got, want)
	}
	other := tinymodel.New(encoder.CLS).Files(t)
	for _, name := range []string{"1_Pooling/config.json"} {
		replace(t, filepath.Join(folder, name), other[name])
	}
	if got := open(t, c).Fingerprint(); got == want {
		t.Error("another pooling goes unnoticed")
	}
}

// replace writes a file as a whole: what is mapped must not change.
func replace(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func TestLongTextsKeepBothEnds(t *testing.T) {
	e := open(t, transformer.Config{Path: tinymodel.New(encoder.Mean).Folder(t)})
	embedOne := func(text string) []float32 {
		batch, err := e.EmbedQueries(t.Context(), []string{text})
		if err != nil || !batch.Truncated[0] {
			t.Fatalf("truncated %v, %v", batch.Truncated, err)
		}
		return batch.Vectors[0]
	}
	middle := strings.Repeat("sky ", 100_000)
	base := embedOne("refund " + middle + "jazz")
	if other := embedOne("refund " + middle + strings.Repeat("car ", 10) + middle + "jazz"); dot(base, other) < 1-1e-6 {
		t.Error("the middle of a long text matters")
	}
	for _, text := range []string{"house " + middle + "jazz", "refund " + middle + "house"} {
		if dot(base, embedOne(text)) > 1-1e-6 {
			t.Errorf("%.10s … %s: an end does not matter", text, text[len(text)-5:])
		}
	}
}

func dot(a, b []float32) (sum float64) {
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

func TestOneTextIsAsInABatch(t *testing.T) {
	for name, model := range map[string]*tinymodel.Model{"BERT": tinymodel.New(encoder.CLS), "XLM-RoBERTa": tinymodel.NewXLM(encoder.Mean)} {
		t.Run(name, func(t *testing.T) { oneTextIsAsInABatch(t, open(t, transformer.Config{Path: model.Folder(t)})) })
	}
}

func oneTextIsAsInABatch(t *testing.T, e *transformer.Embedder) {
	texts := []string{"refund my order", "", strings.Repeat("x ", 300), "play jazz"}
	batch, err := e.EmbedQueries(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	var room []float32
	for i, text := range texts {
		one, err := e.EmbedQuery(t.Context(), text, &room)
		if err != nil || one.Truncated != batch.Truncated[i] {
			t.Fatalf("text %d: truncated %v, %v", i, one.Truncated, err)
		}
		for j := range one.Vector {
			if one.Vector[j] != batch.Vectors[i][j] {
				t.Fatalf("text %d, element %d: %v and %v", i, j, one.Vector[j], batch.Vectors[i][j])
			}
		}
	}
	if raceDetector {
		t.Log("allocations are not counted: the race detector drops pooled memory at random")
		return
	}
	if n := testing.AllocsPerRun(20, func() {
		if _, err := e.EmbedQuery(t.Context(), texts[0], &room); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestPrefixesAreOfTheModelUnlessSet holds that prompts and utterances, which are
// the same kind of text, get the same prefix.
func TestPrefixesAreOfTheModelUnlessSet(t *testing.T) {
	files := tinymodel.New(encoder.Mean).Files(t)
	files["config_sentence_transformers.json"] = []byte(`{"prompts": {"query": "play jazz: ", "passage": "old house: "}}`)
	folder, none := tinymodel.WriteFolder(t, files), ""
	prompted := open(t, transformer.Config{Path: folder})
	plain := open(t, transformer.Config{Path: folder, QueryPrefix: &none, DocumentPrefix: &none})
	for _, c := range []struct{ prefix, kind string }{{"play jazz: ", "query"}, {"play jazz: ", "document"}} {
		call := prompted.EmbedQueries
		if c.kind == "document" {
			call = prompted.EmbedDocuments
		}
		got, err := call(t.Context(), []string{"red car"})
		if err != nil {
			t.Fatal(err)
		}
		want, err := plain.EmbedQueries(t.Context(), []string{c.prefix + "red car"})
		if err != nil {
			t.Fatal(err)
		}
		if dot(got.Vectors[0], want.Vectors[0]) < 1-1e-6 {
			t.Errorf("%s prefix: similarity %v to the text with it", c.kind, dot(got.Vectors[0], want.Vectors[0]))
		}
	}
	files["config_sentence_transformers.json"] = []byte(`{"prompts": {"query": "play jazz: "}}`)
	search := open(t, transformer.Config{Path: tinymodel.WriteFolder(t, files)})
	alone, err := search.EmbedQueries(t.Context(), []string{"red car"})
	if err != nil {
		t.Fatal(err)
	}
	bare, err := plain.EmbedQueries(t.Context(), []string{"red car"})
	if err != nil {
		t.Fatal(err)
	}
	if dot(alone.Vectors[0], bare.Vectors[0]) < 1-1e-6 {
		t.Error("a prompt before queries alone is used")
	}
	long := strings.Repeat("jazz ", 30)
	if _, err := transformer.Open(t.Context(), transformer.Config{Path: folder, QueryPrefix: &long}); err == nil {
		t.Error("a prefix of more than half of a text is no error")
	}
}

func TestBadPaths(t *testing.T) {
	t.Setenv("OLLAMA_MODELS", t.TempDir())
	for path, want := range map[string]error{
		"":                          transformer.ErrConfig,
		"/nonexistent/model":        transformer.ErrConfig,
		"ollama:absent":             checkpoint.ErrCheckpoint,
		"ollama:../../../etc/hosts": checkpoint.ErrCheckpoint,
		t.TempDir():                 checkpoint.ErrCheckpoint, // an empty folder
		os.Args[0]:                  checkpoint.ErrCheckpoint, // a file of another kind
	} {
		if _, err := transformer.Open(t.Context(), transformer.Config{Path: path, CacheDir: t.TempDir()}); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", path, err, want)
		}
	}
}
