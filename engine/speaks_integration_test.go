//go:build integration

package engine

import (
	"testing"

	"github.com/rs/zerolog"
)

// all-MiniLM knows English only: no sentence set of another script may pass.
func TestAllMiniLMSpeaksEnglishOnly(t *testing.T) {
	e, err := OpenEmbedder(t.Context(), EmbedderConfig{Kind: Ollama, Model: "all-minilm"})
	if err != nil {
		t.Fatal(err)
	}
	speaks, err := (&trainer{log: zerolog.Nop()}).speaks(t.Context(), e, Ollama)
	t.Logf("speaks %v, %v", speaks, err)
	if err != nil || speaks["zh"] || speaks["ja"] || speaks["ar"] || speaks["ru"] || speaks["hi"] {
		t.Errorf("speaks %v, %v", speaks, err)
	}
}
