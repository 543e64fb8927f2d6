//go:build integration

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestServeWithOllama serves decisions by a real embedding model and asks for
// them from another process' point of view.
func TestServeWithOllama(t *testing.T) {
	cache := t.TempDir()
	args := []string{"--catalog", "../../examples/support", "--embedder", "ollama", "--cache-dir", cache}
	s := serveInProcess(t, args...)
	code, out, errs := runCommand(t.Context(), t, "", "route", "--server", s.address, "--json", "i was billed twice this month")
	if code != 0 || !strings.Contains(out, `"route":"billing"`) {
		t.Errorf("exit code %d, output %s, errors %s", code, out, errs)
	}
	// Log lines come within a moment, all of them before the end.
	waitFor(t, func() bool { return strings.Contains(s.log.String(), `"embedded":161`) }, s.log)
	s.stop()
	if code := <-s.code; code != 0 {
		t.Fatalf("exit code %d", code)
	}
	again := serveInProcess(t, args...)
	waitFor(t, func() bool { return strings.Contains(again.log.String(), `"embedded":0`) }, again.log)
}

// TestStaticStageSavesCalls fits the bound of the static stage and serves by it.
func TestStaticStageSavesCalls(t *testing.T) {
	dir, cache := t.TempDir(), t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../examples/support")); err != nil {
		t.Fatal(err)
	}
	common := []string{"--catalog", dir, "--embedder", "ollama", "--cache-dir", cache}
	code, out, errs := runCommand(t.Context(), t, "", append([]string{"fit", "--static-loss", "0.2"}, common...)...)
	if code != 0 || !strings.Contains(out, "static stage: confidence >=") {
		t.Fatalf("exit code %d, output %s, errors %s", code, out, errs)
	}
	t.Log(out)
	_, out, _ = runCommand(t.Context(), t, "", append([]string{"route", "--json", "i was billed twice this month"}, common...)...)
	if !strings.Contains(out, `"stage":"STATIC"`) {
		t.Errorf("an easy prompt went to the embedder: %s", out)
	}
}

// TestQualityOnOutsideData prints the accuracy on labelled data that is not part
// of the project, where OUTSIDE_DATA names a folder with train.jsonl and
// test.jsonl, and holds it above a floor.
func TestQualityOnOutsideData(t *testing.T) {
	data := os.Getenv("OUTSIDE_DATA")
	if data == "" {
		t.Skip("OUTSIDE_DATA names no folder with train.jsonl and test.jsonl")
	}
	code, catalog, errs := runCommand(t.Context(), t, "", "import", "jsonl", filepath.Join(data, "train.jsonl"))
	if code != 0 {
		t.Fatal(errs)
	}
	path := filepath.Join(t.TempDir(), "catalog.yaml")
	if err := os.WriteFile(path, []byte(catalog), 0o600); err != nil {
		t.Fatal(err)
	}
	for embedder, floor := range map[string]float64{"static": 0.85, "ollama": 0.89} {
		t.Run(embedder, func(t *testing.T) {
			code, out, errs := runCommand(t.Context(), t, "", "eval", "--catalog", path, "--embedder", embedder, "--embed-timeout", "5m",
				"--data", filepath.Join(data, "test.jsonl"), "--perturbed", "0", "--json", "--cache-dir", t.TempDir())
			if code != 0 {
				t.Fatal(errs)
			}
			var result struct {
				Accuracy float64 `json:"accuracy"`
				N        int     `json:"n"`
			}
			if err := json.Unmarshal([]byte(out), &result); err != nil {
				t.Fatal(err)
			}
			t.Logf("%s: accuracy %.4f on %d prompts", embedder, result.Accuracy, result.N)
			if result.Accuracy < floor {
				t.Errorf("accuracy %.4f, at least %.2f is expected", result.Accuracy, floor)
			}
		})
	}
}
