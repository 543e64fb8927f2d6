package resilient

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/embed/embedtest"
)

func TestBudgetPassesTheSuite(t *testing.T) {
	embedtest.Run(t, func(t *testing.T) embed.Embedder { return Budget{newFake(t, embedtest.Config{MaxBytes: 1000})} })
}

// Both ways in leave the caller its share.
func TestAHangingEmbedderLeavesTheCallerTime(t *testing.T) {
	for limit, want := range map[time.Duration]time.Duration{
		4 * time.Second:       3 * time.Second,
		60 * time.Millisecond: 40 * time.Millisecond, // 20 ms are kept at least
		10 * time.Millisecond: 5 * time.Millisecond,  // or half
	} {
		synctest.Test(t, func(t *testing.T) {
			server := &hanging{Fake: newFake(t, embedtest.Config{})}
			server.hangs.Store(true)
			cache, err := embed.NewCache(server, 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			b := Budget{cache}
			for name, call := range map[string]func(context.Context) error{
				"many": func(ctx context.Context) error { _, err := b.EmbedQueries(ctx, []string{"a"}); return err },
				"one":  func(ctx context.Context) error { _, err := b.EmbedQuery(ctx, "a", nil); return err },
			} {
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				start := time.Now()
				err := call(ctx)
				if took := time.Since(start); took != want || !errors.Is(err, embed.ErrUnreachable) || errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
					t.Errorf("%s, %v left: %v after %v, want %v", name, limit, err, took, want)
				}
				cancel()
			}
		})
	}
}

// Who waits for another's call of the same text has a budget too, and its own.
func TestWaitingForAnothersCallIsWithinTheBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &hanging{Fake: newFake(t, embedtest.Config{})}
		server.hangs.Store(true)
		cache, err := embed.NewCache(server, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for _, limit := range []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second, time.Second} {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				defer cancel()
				start := time.Now()
				_, err := Budget{cache}.EmbedQuery(ctx, "the same", nil)
				if took := time.Since(start); took != limit*3/4 || !errors.Is(err, embed.ErrUnreachable) {
					t.Errorf("%v left: %v after %v", limit, err, took)
				}
			})
			synctest.Wait()
		}
		all.Wait()
	})
}

func TestACallersOwnEndStaysTheCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &hanging{Fake: newFake(t, embedtest.Config{})}
		server.hangs.Store(true)
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		time.AfterFunc(time.Second, cancel)
		if _, err := (Budget{server}).EmbedQueries(ctx, []string{"a"}); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		server.hangs.Store(false)
		server.Fail(embed.ErrModelChanged)
		if _, err := (Budget{server}).EmbedQueries(t.Context(), []string{"a"}); !errors.Is(err, embed.ErrModelChanged) {
			t.Errorf("another failure: %v", err)
		}
	})
}
