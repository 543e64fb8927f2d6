//go:build integration

package transformer_test

import (
	"os"
	"testing"

	"github.com/semroute/semroute/embed/ollama"
	"github.com/semroute/semroute/embed/transformer"
)

// TestAsOllama: the model that Ollama keeps gives the vectors that Ollama's own
// runner gives.
func TestAsOllama(t *testing.T) {
	if os.Getenv("OLLAMA_MODELS") == "" {
		t.Skip("OLLAMA_MODELS does not say where the Ollama at OLLAMA_HOST keeps its models")
	}
	model := os.Getenv("SEMROUTE_BENCH_OLLAMA_MODEL")
	if model == "" {
		model = "all-minilm"
	}
	none := ""
	own := open(t, transformer.Config{Path: "ollama:" + model, QueryPrefix: &none})
	theirs, err := ollama.New(t.Context(), ollama.Config{Model: model, QueryPrefix: &none})
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{
		"where is my refund", "Write a function in Python that sorts a list of numbers.", "play some jazz", "Übermäßig teuer, c'est ça?",
		"what is the weather in Paris tomorrow, and should I take an umbrella with me?", "日本語のテキスト", "x", "3.14 + 2 = ?",
	}
	got, err := own.EmbedQueries(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	want, err := theirs.EmbedQueries(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	const least = .985
	mean := 0.0
	for i, text := range texts {
		cosine := dot(got.Vectors[i], want.Vectors[i])
		mean += cosine / float64(len(texts))
		t.Logf("%.5f %s", cosine, text)
		if cosine < least {
			t.Errorf("%q: cosine %v with Ollama's vector", text, cosine)
		}
	}
	if mean < .995 {
		t.Errorf("mean cosine %v", mean)
	}
}
