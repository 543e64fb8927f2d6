package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/eval/lint"
)

// choosyOllama embeds every text without the word choke and fails for the others.
func choosyOllama(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/tags", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, `{"models":[{"name":"all-minilm:latest","digest":"aaaaaaaaaaaaaaaa"}]}`)
	})
	mux.HandleFunc("POST /api/show", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, `{"capabilities":["embedding"],"model_info":{"general.architecture":"bert","bert.context_length":64,"bert.embedding_length":4}}`)
	})
	mux.HandleFunc("POST /api/embed", func(w http.ResponseWriter, r *http.Request) {
		var request struct{ Input []string }
		_ = json.NewDecoder(r.Body).Decode(&request)
		vectors := [][]float32{}
		for _, text := range request.Input {
			if strings.Contains(text, "choke") {
				http.Error(w, `{"error":"the runner fell over"}`, http.StatusInternalServerError)
				return
			}
			vectors = append(vectors, []float32{float32(len(text)%7 + 1), float32(strings.Count(text, "e") + 1), float32(strings.Count(text, "o")), 1})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"embeddings": vectors, "prompt_eval_count": len(vectors)})
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// What the embedder cannot take is named with its place and the reason; the rest
// is linted as ever.
func TestLintNamesWhatCannotBeEmbedded(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	catalog := file("c.yaml", "routes:\n  - name: a\n    utterances: [one day, you choke, one more]\n  - name: b\n    utterances:\n      - what else\n      - choke again\n")
	data := file("d.jsonl", `{"text": "choke on this", "route": "a"}`+"\n"+`{"text": "What else?", "route": "b"}`+"\n")
	code, out, errs := runCommand(t.Context(), t, "", "lint", "--catalog", catalog, "--data", data, "--json",
		"--embedder", "ollama", "--ollama-host", choosyOllama(t), "--cache-dir", "off")
	var result lintResult
	if err := json.Unmarshal([]byte(out), &result); err != nil {
		t.Fatalf("%v: %s %s", err, out, errs)
	}
	var lines []string
	for _, f := range result.Findings {
		if f.Kind == lint.KindUnembeddable {
			if !strings.Contains(f.Message, "the runner fell over") {
				t.Errorf("no reason in %q", f.Message)
			}
			f.Message = ""
			lines = append(lines, fmt.Sprintf("%s %v %s", f, f.Routes, f.Utterance))
		}
	}

	if diff := cmp.Diff([]string{
		catalog + ":3:27: error:  (unembeddable) [a] you choke",
		catalog + ":7:9: error:  (unembeddable) [b] choke again",
		"warning:  (unembeddable) [a] choke on this",
	}, lines); diff != "" {
		t.Error(diff)
	}
	if code != exitFailed || !strings.Contains(out, `"leak"`) {
		t.Errorf("exit %d; want 1, and the leak too: %s", code, out)
	}
}
