package engine

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/router"
)

// An embedder that hangs costs some callers a part of their deadlines, not every
// caller for as long as it hangs. They ask together, so that their calls are
// batched, and each call of the batch outlives who waits for it.
func TestAnEmbedderThatHangsIsNotWaitedForForLong(t *testing.T) {
	for _, test := range []struct {
		degrade         bool
		patience, bound time.Duration // how long a caller would wait, and how long one may have to
		budget          time.Duration
	}{
		{degrade: true, patience: 30 * time.Second, bound: 50 * time.Millisecond, budget: 50 * time.Millisecond},
		{degrade: true, patience: 2 * time.Second, bound: 1500 * time.Millisecond},
		{degrade: true, patience: 30 * time.Second, bound: 5 * time.Second},
		{degrade: true, patience: 24 * time.Hour, bound: 5 * time.Second},
		{degrade: false, patience: 2 * time.Second, bound: 2 * time.Second},
	} {
		degrade := test.degrade
		synctest.Test(t, func(t *testing.T) {
			s := newService(t)
			e := New(catalogOf(t, ""), Config{
				Embedder: EmbedderConfig{Kind: Ollama, Open: s.open, CacheBytes: 1 << 20}, Index: IndexConfig{Kind: Memory},
				Settings: router.Settings{DegradeToStatic: degrade, EmbedBudget: test.budget}, Log: zerolog.Nop(),
			})
			if err := e.Build(t.Context()); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = e.Close() }()
			// ask asks eight prompts at once and gives how long the slowest took.
			ask := func(word string) (slowest time.Duration, failure error) {
				var all sync.WaitGroup
				var mu sync.Mutex
				for i := range 8 {
					all.Go(func() {
						ctx, cancel := context.WithTimeout(t.Context(), test.patience)
						defer cancel()
						start := time.Now()
						d, err := e.Decide(ctx, router.Prompt{Text: word + strings.Repeat(" boats", i+1)}, router.Limits{})
						mu.Lock()
						defer mu.Unlock()
						slowest = max(slowest, time.Since(start))
						if err != nil {
							failure = err
						} else if degrade && len(d.Degraded) == 0 && word != "healthy" && word != "back" {
							t.Errorf("%s: not degraded", word)
						}
					})
				}
				all.Wait()
				return slowest, failure
			}
			if slowest, err := ask("healthy"); slowest != 0 || err != nil {
				t.Fatalf("healthy: %v after %v", err, slowest)
			}
			s.fake.Hang(true)
			if slowest, err := ask("first"); slowest > test.bound || degrade != (err == nil) {
				t.Errorf("at first: %v after %v", err, slowest)
			}
			slowest, err := ask("then")
			if slowest != 0 || degrade != (err == nil) || err != nil && !errors.Is(err, embed.ErrCircuitOpen) {
				t.Errorf("then: %v after %v", err, slowest)
			}
			s.fake.Hang(false)
			time.Sleep(time.Minute)
			synctest.Wait()
			if slowest, err := ask("back"); slowest != 0 || err != nil {
				t.Errorf("when it is back: %v after %v", err, slowest)
			}
		})
	}
}
