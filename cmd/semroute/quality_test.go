package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/eval"
	"github.com/semroute/semroute/eval/report"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

var update = flag.Bool("update", false, "write the golden quality files anew")

// tolerance leaves room for the rounding of other processors, not for a
// decision: one of the prompts is more than this.
const tolerance = 0.005

// TestGoldenQuality measures the project's own prompts on its own catalogs.
// A change that makes decisions better or worse shows here, and is committed
// with the new numbers by `make eval`.
func TestGoldenQuality(t *testing.T) {
	for _, c := range []struct{ name, kind, golden string }{
		{"support", engine.Static, "support"},
		{"support", engine.Transformer, "support-transformer"},
		{"assistant", engine.Static, "assistant"},
		{"assistant", engine.Transformer, "assistant-transformer"},
	} {
		t.Run(c.golden, func(t *testing.T) {
			if c.kind == engine.Transformer && engine.DefaultEmbedder(nil) != c.kind {
				t.Skip("built with the tag nomodel: there is no model to measure")
			}
			prompts, err := readLabelled(filepath.Join("..", "..", "testdata", "prompts", c.name+".jsonl"))
			if err != nil {
				t.Fatal(err)
			}
			result, embedder := measure(t, c.kind, filepath.Join("..", "..", "examples", c.name), prompts)
			now := report.Summarise(result, c.name, embedder, time.Now().UTC().Format(time.DateOnly))
			path := filepath.Join("..", "..", "testdata", "eval", c.golden+".golden")
			if *update {
				writeSummary(t, path, now)
				return
			}
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("%v; `make eval` writes it", err)
			}
			golden, err := report.ParseSummary(bytes.NewReader(content))
			if err != nil {
				t.Fatal(err)
			}
			for _, difference := range golden.Compare(now, tolerance) {
				t.Errorf("%s; if that is meant, run `make eval` and commit %s", difference, path)
			}
		})
	}
}

// measure evaluates prompts on a catalog with an embedder.
func measure(t *testing.T, kind, catalogPath string, prompts []routes.Labelled) (*eval.Result, string) {
	t.Helper()
	catalog, err := routes.Load(catalogPath)
	if err != nil {
		t.Fatal(err)
	}
	built, err := engine.Build(t.Context(), catalog, engine.Config{
		Embedder: engine.EmbedderConfig{Kind: kind},
		Index:    engine.IndexConfig{Kind: engine.Memory},
		Log:      zerolog.Nop(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = built.Close() })
	r := router.New(router.Config{})
	r.Swap(built.Generation)
	result, err := eval.Run(t.Context(), r, prompts, eval.Config{Known: routeNames(catalog), Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return result, built.Embedder.Fingerprint()
}

func writeSummary(t *testing.T, path string, s report.Summary) {
	t.Helper()
	var b bytes.Buffer
	if _, err := s.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
