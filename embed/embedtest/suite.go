package embedtest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/semroute/semroute/embed"
)

// tolerance allows a server to round a vector a little differently when the
// text stands in another batch.
const tolerance = 1e-3

// Run checks the promises of embed.Embedder. open makes a new embedder of the
// same model every time it is called.
func Run(t *testing.T, open func(t *testing.T) embed.Embedder) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, embed.Embedder){
		"an empty list gives an empty batch":     checkEmpty,
		"any text gives a unit vector":           checkUnitVectors,
		"the order of the texts is kept":         checkOrder,
		"a text's vector is always the same":     checkStable,
		"a long text is shortened and flagged":   checkLong,
		"nothing is done once the context ended": checkContext,
		"many callers at once get the same":      checkConcurrent,
		"texts on one subject are nearer":        checkMeaning,
	} {
		t.Run(name, func(t *testing.T) { check(t, open(t)) })
	}
	t.Run("two of the same model share a fingerprint", func(t *testing.T) {
		a, b := open(t), open(t)
		if a.Fingerprint() == "" || a.Fingerprint() != b.Fingerprint() || a.Dimension() != b.Dimension() {
			t.Fatalf("%q of %d dimensions and %q of %d", a.Fingerprint(), a.Dimension(), b.Fingerprint(), b.Dimension())
		}
	})
}

func checkEmpty(t *testing.T, e embed.Embedder) {
	for _, texts := range [][]string{nil, {}} {
		batch, err := e.EmbedQueries(t.Context(), texts)
		if err != nil || len(batch.Vectors) != 0 || len(batch.Truncated) != 0 {
			t.Fatalf("got %v, %v", batch, err)
		}
	}
}

func checkUnitVectors(t *testing.T, e embed.Embedder) {
	texts := []string{"where is my refund", "x", "", "   ", "\x00\x01\x02", "\xff\xfe", "!?", "日本語 текст عربى", "🎉🎉", strings.Repeat("z", 5000)}
	for _, call := range []func(context.Context, []string) (embed.Batch, error){e.EmbedQueries, e.EmbedDocuments} {
		batch := mustEmbed(t, call, texts)
		for i, vector := range batch.Vectors {
			if len(vector) != e.Dimension() {
				t.Errorf("%.20q: %d elements, Dimension() is %d", texts[i], len(vector), e.Dimension())
			}
			if n := math.Sqrt(dot(vector, vector)); !(math.Abs(n-1) < tolerance) {
				t.Errorf("%.20q: vector of length %v", texts[i], n)
			}
		}
	}
}

func checkOrder(t *testing.T, e embed.Embedder) {
	texts := make([]string, 150) // more than a server takes at once
	for i := range texts {
		texts[i] = fmt.Sprintf("%s number %d", []string{"red car", "blue sky", "old house"}[i%3], i)
	}
	all := mustEmbed(t, e.EmbedQueries, texts)
	for _, i := range []int{0, 1, 63, 64, 65, 149} {
		one := mustEmbed(t, e.EmbedQueries, texts[i:i+1])
		if s := dot(one.Vectors[0], all.Vectors[i]); s < 1-tolerance {
			t.Errorf("text %d alone and in a batch: similarity %v", i, s)
		}
	}
}

func checkStable(t *testing.T, e embed.Embedder) {
	texts := []string{"where is my refund", "where is my refund"}
	a, b := mustEmbed(t, e.EmbedQueries, texts), mustEmbed(t, e.EmbedQueries, texts[:1])
	for _, vector := range [][]float32{a.Vectors[1], b.Vectors[0]} {
		if s := dot(a.Vectors[0], vector); s < 1-tolerance {
			t.Errorf("similarity %v", s)
		}
	}
}

func checkLong(t *testing.T, e embed.Embedder) {
	texts := []string{strings.Repeat("a refund for the broken kettle, please. ", 25_000), "short"}
	batch := mustEmbed(t, e.EmbedQueries, texts)
	if !batch.Truncated[0] || batch.Truncated[1] {
		t.Errorf("Truncated is %v for a text of 1 MB and one of a word", batch.Truncated)
	}
}

func checkContext(t *testing.T, e embed.Embedder) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := e.EmbedQueries(ctx, []string{"late"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func checkConcurrent(t *testing.T, e embed.Embedder) {
	want := mustEmbed(t, e.EmbedQueries, []string{"where is my refund"}).Vectors[0]
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			batch, err := e.EmbedQueries(t.Context(), []string{"noise", "where is my refund"})
			if err != nil {
				t.Error(err)
				return
			}
			if s := dot(want, batch.Vectors[1]); s < 1-tolerance {
				t.Errorf("similarity %v", s)
			}
		})
	}
	group.Wait()
}

func checkMeaning(t *testing.T, e embed.Embedder) {
	documents := mustEmbed(t, e.EmbedDocuments, []string{"please refund my order", "play some jazz music"}).Vectors
	query := mustEmbed(t, e.EmbedQueries, []string{"refund the order"}).Vectors[0]
	if near, far := dot(query, documents[0]), dot(query, documents[1]); near <= far {
		t.Errorf("a text on the same subject has similarity %v, on another %v", near, far)
	}
}

func mustEmbed(t *testing.T, call func(context.Context, []string) (embed.Batch, error), texts []string) embed.Batch {
	t.Helper()
	batch, err := call(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	if len(batch.Vectors) != len(texts) || len(batch.Truncated) != len(texts) {
		t.Fatalf("%d vectors and %d flags for %d texts", len(batch.Vectors), len(batch.Truncated), len(texts))
	}
	return batch
}

func dot(a, b []float32) (sum float64) {
	for i := range min(len(a), len(b)) {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}
