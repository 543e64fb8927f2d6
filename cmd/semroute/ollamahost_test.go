package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The flag takes what OLLAMA_HOST takes, and refuses the rest as a wrong flag,
// wherever it was set.
func TestOllamaHostTakesTheWordsOfTheVariable(t *testing.T) {
	route := func(more ...string) ran {
		return runWith(t, "", append([]string{"route", "--catalog", "../../examples/support", "--embedder", "ollama", "a prompt"}, more...)...)
	}
	got := route("--ollama-host", "127.0.0.1:1/") // nobody answers there, but it is an address
	if got.code != exitFailed || !strings.Contains(got.err, "http://127.0.0.1:1") {
		t.Errorf("HOST:PORT: code %d, %s", got.code, got.err)
	}
	const bad = "127.0.0.1:port"
	settings := filepath.Join(t.TempDir(), "semroute.yaml")
	if err := os.WriteFile(settings, []byte("ollama_host: "+bad+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	wrong := map[string]ran{"flag": route("--ollama-host", bad), "file": route("--config", settings)}
	t.Setenv("SEMROUTE_OLLAMA_HOST", bad)
	wrong["environment"] = route()
	for where, got := range wrong {
		if got.code != exitWrongUse || !strings.Contains(got.err, bad) {
			t.Errorf("%s: code %d, %s", where, got.code, got.err)
		}
	}
}
