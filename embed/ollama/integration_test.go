//go:build integration

package ollama

import (
	"os"
	"strings"
	"testing"

	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/embed/embedtest"
)

// These tests need a real server at OLLAMA_HOST with all-minilm.

func openReal(t *testing.T) *Embedder {
	t.Helper()
	if os.Getenv("OLLAMA_HOST") == "" {
		t.Skip("OLLAMA_HOST is not set")
	}
	e, err := New(t.Context(), Config{Model: "all-minilm"})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestRealServerPassesTheSuite(t *testing.T) {
	embedtest.Run(t, func(t *testing.T) embed.Embedder { return openReal(t) })
}

// Some texts beyond the context make a real server answer 500 although it is
// asked to cut them.
func TestRealServerAndTextsBeyondItsContext(t *testing.T) {
	e := openReal(t)
	texts := []string{
		"short",
		strings.Repeat("antidisestablishmentarianism, ", 300),
		strings.Repeat("x9!-", 900),
		strings.Repeat("ångström café 東京 ", 400),
		strings.Repeat("the quick brown fox ", 40),
	}
	batch, err := e.EmbedDocuments(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{false, true, true, true, false} {
		if batch.Truncated[i] != want {
			t.Errorf("text %d: truncated %v, want %v", i, batch.Truncated[i], want)
		}
	}
	if e.Dimension() != 384 {
		t.Errorf("dimension %d", e.Dimension())
	}
}
