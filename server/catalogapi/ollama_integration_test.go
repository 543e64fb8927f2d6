//go:build integration

package catalogapi_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/semroute/semroute/bench/catalogs"
	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/embed/ollama"
	"github.com/semroute/semroute/embed/static"
	"github.com/semroute/semroute/engine"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/routes"
)

// measured is Ollama for all that is new. The vectors of what was there before are
// made in process: Ollama takes minutes for them, which are no part of what is
// measured.
type measured struct {
	embed.Embedder
	before *static.Embedder
	known  map[string]bool
	calls  *atomic.Int64 // of Ollama, for utterances
	took   *atomic.Int64 // by them, in nanoseconds
}

func (m measured) EmbedDocuments(ctx context.Context, texts []string) (embed.Batch, error) {
	if !slices.ContainsFunc(texts, func(text string) bool { return !m.known[text] }) {
		batch, err := m.before.EmbedDocuments(ctx, texts)
		for i, v := range batch.Vectors {
			batch.Vectors[i] = append(slices.Clip(v), make([]float32, m.Dimension()-len(v))...)
		}
		return batch, err
	}
	m.calls.Add(1)
	start := time.Now()
	defer func() { m.took.Add(int64(time.Since(start))) }()
	return m.Embedder.EmbedDocuments(ctx, texts)
}

// TestOneUtteranceOfFifteenThousandWithOllama changes one utterance of 150 routes
// with 100 each by the service, and prints how long it takes until it decides.
func TestOneUtteranceOfFifteenThousandWithOllama(t *testing.T) {
	text, _ := catalogs.Synthetic()
	catalog, err := routes.Parse("catalog.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	before, err := static.New(static.Config{})
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, r := range catalog.Routes {
		for _, u := range r.Utterances {
			known[u] = true
		}
	}
	var calls, embedding atomic.Int64
	s := serveTo(t, nil, text, true, func(c *engine.Config) {
		c.CacheDir, c.Index.Name = t.TempDir(), "fifteen thousand"
		c.Embedder = engine.EmbedderConfig{Kind: engine.Ollama, Open: func(ctx context.Context) (embed.Embedder, error) {
			e, err := ollama.New(ctx, ollama.Config{Model: "all-minilm", Timeout: 10 * time.Minute})
			return measured{e, before, known, &calls, &embedding}, err
		}}
	})
	list, err := s.ListRoutes(t.Context(), &semroutev1.ListRoutesRequest{PageSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	route := list.GetRoutes()[0].GetName()
	for i := range 3 {
		awaitTrained(t, s)
		before, embedded, said := calls.Load(), embedding.Load(), fmt.Sprintf("an utterance that nobody has said before, number %d", i)
		start := time.Now()
		applied, err := s.AddUtterances(t.Context(), &semroutev1.AddUtterancesRequest{Route: route, Utterances: []string{said}})
		if err != nil {
			t.Fatal(err)
		}
		took := time.Since(start)
		if d := s.decide(t, said); d.GetFingerprint() != applied.GetApplied().GetFingerprint() || d.GetMatches()[0].GetUtterance() != said {
			t.Errorf("decided %v", d)
		}
		t.Logf("one utterance of 15,000: served %d ms after the call, %d ms of them in %d call of Ollama",
			took.Milliseconds(), time.Duration(embedding.Load()-embedded).Milliseconds(), calls.Load()-before)
		if got := calls.Load() - before; got != 1 {
			t.Errorf("%d calls of the embedder, want 1", got)
		}
	}
	awaitTrained(t, s)
	req := &semroutev1.ApplyChangesRequest{}
	for i := range 1000 {
		req.Changes = append(req.Changes, addTo(route, fmt.Sprintf("one of a thousand more utterances, number %d", i)))
	}
	swaps, start := s.engine.Status().Swaps, time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute) // longer than calls without a deadline may take
	defer cancel()
	if _, err := s.ApplyChanges(ctx, req); err != nil {
		t.Fatal(err)
	}
	t.Logf("1,000 changes at once: served %d ms after the call, by %d generation", time.Since(start).Milliseconds(), s.engine.Status().Swaps-swaps)
	if got := s.engine.Status().Swaps - swaps; got != 1 {
		t.Errorf("%d generations, want 1", got)
	}
}

// awaitTrained waits until nothing goes on beside the prompts.
func awaitTrained(t *testing.T, s *serving) {
	t.Helper()
	for {
		now, changed := s.engine.StatusChange()
		if now.Untrained == 0 {
			return
		}
		select {
		case <-changed:
		case <-t.Context().Done():
			t.Fatalf("it never came to that: %+v", now)
		}
	}
}
