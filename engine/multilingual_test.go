package engine

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/router"
)

// TestMultilingualModel: with multilingual-e5-small the English support catalog is
// asked in six other languages, none of which counts as unknown. Right is a
// prompt whose route leads.
func TestMultilingualModel(t *testing.T) {
	folder := filepath.Join(os.Getenv("SEMROUTE_MODEL_DIR"), "multilingual-e5-small")
	if _, err := os.Stat(folder); os.Getenv("SEMROUTE_MODEL_DIR") == "" || err != nil {
		t.Skip("SEMROUTE_MODEL_DIR has no multilingual-e5-small; `make multilingual-e5-small` makes it in .build/models")
	}
	embedder := EmbedderConfig{Kind: Transformer, ModelPath: folder}
	opened, err := OpenEmbedder(t.Context(), embedder)
	if err != nil {
		t.Fatal(err)
	}
	speaks, err := (&trainer{log: zerolog.Nop()}).speaks(t.Context(), opened, Transformer)
	if err != nil {
		t.Fatal(err)
	}
	for code := range translation {
		if !speaks[code] {
			t.Errorf("%s counts as unknown: it speaks %v", code, speaks)
		}
	}
	e := New(example(t, "support"), Config{Embedder: embedder, Index: IndexConfig{Kind: Memory}, Log: zerolog.Nop()})
	if err := e.Build(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	right, all := 0, 0
	for _, code := range []string{"de", "fr", "es", "zh", "ja", "ar"} {
		r, n := leads(t, e, filepath.Join("..", "testdata", "prompts", "support."+code+".jsonl"))
		t.Logf("%s: %d of %d lead to their route", code, r, n)
		right, all = right+r, all+n
	}
	if all < 150 || right*100 < 85*all {
		t.Errorf("%d of %d are right, less than 85 %%", right, all)
	}
}

// leads counts the prompts with a route, and those of them of which it leads.
func leads(t *testing.T, e *Engine, path string) (right, all int) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		var p struct{ Text, Route string }
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		d, err := e.Decide(t.Context(), router.Prompt{Text: p.Text}, router.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if p.Route == "" {
			continue
		}
		if all++; d.Leading == p.Route {
			right++
		}
	}
	return right, all
}
