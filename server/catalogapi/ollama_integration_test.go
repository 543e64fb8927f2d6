//go:build integration

package catalogapi_test

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/semroute/semroute/bench/catalogs"
	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/embed/ollama"
	"github.com/semroute/semroute/engine"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
)

// counting counts the calls of an embedder for utterances.
type counting struct {
	embed.Embedder
	calls *atomic.Int64
}

func (c counting) EmbedDocuments(ctx context.Context, texts []string) (embed.Batch, error) {
	c.calls.Add(1)
	return c.Embedder.EmbedDocuments(ctx, texts)
}

// TestOneUtteranceOfFifteenThousandWithOllama changes one utterance of 150 routes
// with 100 each by the service, and prints how long it takes until it decides.
// SEMROUTE_TEST_CACHE names a folder that keeps the 15,000 vectors from run to run.
func TestOneUtteranceOfFifteenThousandWithOllama(t *testing.T) {
	text, _ := catalogs.Synthetic()
	dir := os.Getenv("SEMROUTE_TEST_CACHE")
	if dir == "" {
		dir = t.TempDir()
	}
	var calls atomic.Int64
	s := serveTo(t, nil, text, true, func(c *engine.Config) {
		c.CacheDir, c.Index.Name = dir, "fifteen thousand"
		c.Embedder = engine.EmbedderConfig{Kind: engine.Ollama, Open: func(ctx context.Context) (embed.Embedder, error) {
			e, err := ollama.New(ctx, ollama.Config{Model: "all-minilm", Timeout: 10 * time.Minute})
			return counting{e, &calls}, err
		}}
	})
	list, err := s.ListRoutes(t.Context(), &semroutev1.ListRoutesRequest{PageSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	route := list.GetRoutes()[0].GetName()
	for i := range 3 {
		awaitTrained(t, s)
		before, said := calls.Load(), fmt.Sprintf("an utterance that nobody has said before, number %d", i)
		start := time.Now()
		applied, err := s.AddUtterances(t.Context(), &semroutev1.AddUtterancesRequest{Route: route, Utterances: []string{said}})
		if err != nil {
			t.Fatal(err)
		}
		took := time.Since(start)
		if d := s.decide(t, said); d.GetFingerprint() != applied.GetApplied().GetFingerprint() || d.GetMatches()[0].GetUtterance() != said {
			t.Errorf("decided %v", d)
		}
		t.Logf("one utterance of 15,000: served %d ms after the call, by %d call of the embedder", took.Milliseconds(), calls.Load()-before)
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
	if _, err := s.ApplyChanges(t.Context(), req); err != nil {
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
