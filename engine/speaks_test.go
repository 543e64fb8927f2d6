package engine

import (
	"context"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/embed"
)

// translator gives the sentences that it tries the vector of their meaning where
// it understands their language, and of their length where it does not.
type translator struct{ understands string }

func (translator) Dimension() int      { return 8 }
func (translator) Fingerprint() string { return "translator" }

func (e translator) EmbedDocuments(_ context.Context, texts []string) (embed.Batch, error) {
	var b embed.Batch
	for _, text := range texts {
		at := 7
		for i := range tried {
			if text == tried[i] {
				at = i
			}
			for code, sentences := range translation {
				if sentences[i] == text && strings.Contains(e.understands, code) {
					at = i
				}
			}
		}
		v := make([]float32, 8)
		v[at] = 1
		b.Vectors, b.Truncated = append(b.Vectors, v), append(b.Truncated, false)
	}
	return b, nil
}

func (e translator) EmbedQueries(ctx context.Context, texts []string) (embed.Batch, error) {
	return e.EmbedDocuments(ctx, texts)
}

func TestSpeaks(t *testing.T) {
	tr := &trainer{log: zerolog.Nop()}
	for understands, want := range map[string]int{"": 0, "de fr": 2, "de fr es zh ja ar ru hi": len(translation) + len(untried)} {
		got, err := tr.speaks(t.Context(), translator{understands}, Ollama)
		if err != nil || len(got) != want || got["de"] != strings.Contains(understands, "de") {
			t.Errorf("%q: speaks %v (%v), want %d", understands, got, err, want)
		}
	}
	for code, sentences := range translation {
		if len(sentences) != len(tried) {
			t.Errorf("%s has %d of %d sentences", code, len(sentences), len(tried))
		}
	}
	if got, err := tr.speaks(t.Context(), translator{"de"}, Static); got != nil || err != nil {
		t.Errorf("static vectors speak %v (%v)", got, err)
	}
}
