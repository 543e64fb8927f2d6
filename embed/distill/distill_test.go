package distill

import (
	"bytes"
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/embed/embedtest"
	"github.com/semroute/semroute/embed/static"
)

var pieces = []string{"[PAD]", "[UNK]", "[unused1]", "red", "blue", "car", "sky", "##s", "music", "jazz", "the"}

func config() Config {
	return Config{
		Provenance: static.Provenance{Teacher: "fake", Command: "test", Date: "2026-01-01", License: "none"},
		Pieces:     pieces, Dimension: 16, Batch: 3,
	}
}

func teacher(t *testing.T) *embedtest.Fake {
	t.Helper()
	fake, err := embedtest.New(embedtest.Config{Dimension: 24})
	if err != nil {
		t.Fatal(err)
	}
	return fake
}

func open(t *testing.T, data []byte) *static.Embedder {
	t.Helper()
	table, err := static.ParseTable(data)
	if err != nil {
		t.Fatal(err)
	}
	e, err := static.New(static.Config{Table: table})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func similarity(t *testing.T, e *static.Embedder, a, b string) (sum float64) {
	t.Helper()
	u, _ := e.AppendQuery(nil, a)
	v, _ := e.AppendQuery(nil, b)
	for i := range u {
		sum += float64(u[i]) * float64(v[i])
	}
	return sum
}

func TestADistilledTableIsAnEmbedder(t *testing.T) {
	var stages []string
	data, err := Run(t.Context(), teacher(t), config(), func(p Progress) {
		if p.Done == p.Total {
			stages = append(stages, p.Stage)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	e := open(t, data)
	if e.Dimension() != 16 || e.Table().Provenance().TeacherDigest != "fake:1" {
		t.Errorf("dimension %d, provenance %+v", e.Dimension(), e.Table().Provenance())
	}
	if diff := cmp.Diff([]string{"tokens"}, stages); diff != "" {
		t.Errorf("stages (-want +got):\n%s", diff)
	}
	if near, far := similarity(t, e, "red car", "car"), similarity(t, e, "red car", "jazz music"); near < far+0.3 {
		t.Errorf("shared words %.3f, other words %.3f", near, far)
	}
}

func TestTheSameInputGivesTheSameBytes(t *testing.T) {
	c := config()
	c.Text = []string{"the red car", "the blue sky", "jazz music", "blue cars"}
	a, err := Run(t.Context(), teacher(t), c, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Run(t.Context(), teacher(t), c, nil)
	if err != nil || !bytes.Equal(a, b) {
		t.Fatalf("%d and %d bytes, %v", len(a), len(b), err)
	}
}

// synonyms is a teacher to whom "jazz" alone is like nothing, but who takes
// sentences with it to be about music.
type synonyms struct {
	*embedtest.Fake
}

func (s synonyms) EmbedDocuments(ctx context.Context, texts []string) (embed.Batch, error) {
	changed := make([]string, len(texts))
	for i, text := range texts {
		changed[i] = text
		if text == "red jazz" || text == "blue jazz" || text == "jazz car" {
			changed[i] = text + " music music music"
		}
	}
	return s.Fake.EmbedDocuments(ctx, changed)
}

func TestTextTeachesWhatATokenMeansInSentences(t *testing.T) {
	plain, c := config(), config()
	for range 20 {
		c.Text = append(c.Text, "red jazz", "blue jazz", "jazz car", "red car", "blue sky", "the sky", "music")
	}
	before, err := Run(t.Context(), synonyms{teacher(t)}, plain, nil)
	if err != nil {
		t.Fatal(err)
	}
	after, err := Run(t.Context(), synonyms{teacher(t)}, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	was, is := similarity(t, open(t, before), "jazz", "music"), similarity(t, open(t, after), "jazz", "music")
	if is < was+0.2 {
		t.Errorf("similarity was %.3f and is %.3f", was, is)
	}
}

func TestBadSettingsAreRefused(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"no vocabulary":       func(c *Config) { c.Pieces = nil },
		"no [UNK]":            func(c *Config) { c.Pieces = []string{"a"} },
		"dimension":           func(c *Config) { c.Dimension = 25 },
		"negative dimension":  func(c *Config) { c.Dimension = -1 },
		"batch":               func(c *Config) { c.Batch = 5000 },
		"text without a word": func(c *Config) { c.Text = []string{"", "zebra"} },
	} {
		c := config()
		change(&c)
		if _, err := Run(t.Context(), teacher(t), c, nil); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestATeachersFailureAndTheEndOfTheContextStopIt(t *testing.T) {
	fake, broken := teacher(t), errors.New("broken")
	fake.Fail(broken)
	if _, err := Run(t.Context(), fake, config(), nil); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(ctx, teacher(t), config(), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestConjugateGradientsSolveTheRidge(t *testing.T) {
	// Two tokens, sentences "0", "1" and "0 1": (AᵀA + trust) x = Aᵀy by hand.
	b := newBags([][]uint32{{0}, {1}, {0, 1}}, pairList{}, 2)
	got := b.solve([]float64{1, 2, 3}, b.diagonal())
	// AᵀA = [1.25 .25; .25 1.25], Aᵀy = [2.5 3.5], the matrix [a c; c a] with a = 1.25 + trust.
	const a, c = 1.25 + trust, 0.25
	d := a*a - c*c
	want := []float64{(a*2.5 - c*3.5) / d, (a*3.5 - c*2.5) / d}
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-9 {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
}

func TestFrequentPairsGetEntriesAfterTheTokens(t *testing.T) {
	sentences := [][]uint32{{1, 2, 3}, {1, 2}, {1, 2}, {1, 2}, {3, 2}, {2, 1, 2}}
	list := commonPairs(sentences, 10)
	if diff := cmp.Diff([][2]uint32{{1, 2}}, list.keys); diff != "" {
		t.Fatalf("pairs (-want +got):\n%s", diff)
	}
	b := newBags(sentences, list, 11)
	if diff := cmp.Diff([]uint32{2, 1, 2, 10}, b.sentence(5)); diff != "" {
		t.Fatalf("entries of the last sentence (-want +got):\n%s", diff)
	}
}

func TestSentencesAreDifferentRepeatableAndFilledIn(t *testing.T) {
	words := []string{"[UNK]", "red", "blue", "##s", "music", "42"}
	got := Sentences(words, 500)
	if diff := cmp.Diff(got, Sentences(words, 500)); diff != "" {
		t.Fatalf("another time, other sentences:\n%s", diff)
	}
	if len(got) != 500 {
		t.Fatalf("%d sentences", len(got))
	}
	seen := map[string]bool{}
	for _, s := range got {
		if seen[s] || strings.ContainsAny(s, "{}[]#") || strings.TrimSpace(s) == "" || strings.Contains(s, "  ") {
			t.Errorf("%q", s)
		}
		seen[s] = true
	}
	if more := Sentences(words, 600); !cmp.Equal(more[:500], got) {
		t.Error("more sentences do not begin with the fewer")
	}
}
