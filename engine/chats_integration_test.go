//go:build integration

package engine

import "testing"

// TestTalksByOllama is TestTalks with all-MiniLM by the Ollama at OLLAMA_HOST.
func TestTalksByOllama(t *testing.T) {
	holdTalks(t, EmbedderConfig{Kind: Ollama, Model: "all-minilm"}, 94, 92)
}
