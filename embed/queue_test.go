package embed_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/embed"
)

// Times in a bubble of synctest are exact, so they are compared exactly.
const (
	callTime = 320 * time.Millisecond
	window   = 10 * time.Millisecond // a 32nd of it
)

// slow is an embedder whose calls take callTime. It notes when each began, how
// many texts it had, and whether it was ended before.
type slow struct {
	embed.Embedder
	start time.Time

	mu    sync.Mutex
	calls []string
	ended int
}

func (s *slow) EmbedQueries(ctx context.Context, texts []string) (embed.Batch, error) {
	s.mu.Lock()
	s.calls = append(s.calls, fmt.Sprintf("%v: %d", time.Since(s.start), len(texts)))
	s.mu.Unlock()
	select {
	case <-time.After(callTime):
		return embed.Batch{Vectors: make([][]float32, len(texts)), Truncated: make([]bool, len(texts))}, nil
	case <-ctx.Done():
		s.mu.Lock()
		s.ended++
		s.mu.Unlock()
		return embed.Batch{}, ctx.Err()
	}
}

// caller asks at each of the times after the start, or when its last call was
// answered if that is later.
func (s *slow) caller(t *testing.T, b *embed.Batcher, at ...time.Duration) {
	for _, when := range at {
		time.Sleep(when - time.Since(s.start))
		if _, err := b.EmbedQueries(t.Context(), []string{"a prompt"}); err != nil {
			t.Error(err)
		}
	}
}

// settle lets the last window close, which ends the queue's goroutine.
func settle() {
	time.Sleep(window)
	synctest.Wait()
}

func TestTheWindowAdaptsToWhoAsks(t *testing.T) {
	const ms = time.Millisecond
	for _, test := range []struct {
		name    string
		callers [][]time.Duration
		want    []string
	}{
		{"one caller never waits", [][]time.Duration{{0, 0, 0}}, []string{"0s: 1", "320ms: 1", "640ms: 1"}},
		{
			"the next call starts as soon as all who shared the last are back",
			[][]time.Duration{{0}, {1 * ms, 641 * ms}, {1 * ms, 642 * ms}, {1 * ms, 643 * ms}},
			[]string{"0s: 1", "320ms: 3", "643ms: 3"},
		},
		{
			"who comes back alone waits until the window closes",
			[][]time.Duration{{0}, {1 * ms, 645 * ms}, {1 * ms}},
			[]string{"0s: 1", "320ms: 2", "650ms: 1"},
		},
		{
			"after an empty window the queue is idle",
			[][]time.Duration{{0}, {1 * ms, 651 * ms}, {1 * ms}},
			[]string{"0s: 1", "320ms: 2", "651ms: 1"},
		},
		{
			"a larger crowd than before does not wait",
			[][]time.Duration{{0}, {1 * ms}, {1 * ms}, {321 * ms}, {322 * ms}, {323 * ms}},
			[]string{"0s: 1", "320ms: 2", "640ms: 3"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &slow{start: time.Now()}
				b := embed.NewBatcher(s)
				var all sync.WaitGroup
				for _, at := range test.callers {
					all.Go(func() { s.caller(t, b, at...) })
				}
				all.Wait()
				settle()
				if diff := cmp.Diff(test.want, s.calls); diff != "" {
					t.Errorf("calls: when, and of how many texts (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestEveryCallerKeepsItsOwnDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{start: time.Now()}
		b := embed.NewBatcher(s)
		ask := func(limit time.Duration) (time.Duration, error) {
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			start := time.Now()
			_, err := b.EmbedQueries(ctx, []string{"a prompt"})
			return time.Since(start), err
		}
		var all sync.WaitGroup
		for _, limit := range []time.Duration{100 * time.Millisecond, 200 * time.Millisecond, 350 * time.Millisecond, time.Hour} {
			all.Go(func() {
				took, err := ask(limit)
				if limit == time.Hour {
					if err != nil {
						t.Errorf("who can wait got %v", err)
					}
				} else if took != limit || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("who can wait %v got %v after %v", limit, err, took)
				}
			})
			time.Sleep(time.Millisecond)
		}
		all.Wait()
		settle()
		// The first was alone and ended its call, at 100 ms; the others shared
		// the next, which went on without two of them.
		if diff := cmp.Diff([]string{"0s: 1", "100ms: 3"}, s.calls); diff != "" || s.ended != 1 {
			t.Errorf("%d calls were ended, want 1; calls (-want +got):\n%s", s.ended, diff)
		}
	})
}

func TestWhoLeftBeforeTheCallIsNotEmbedded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{start: time.Now()}
		b := embed.NewBatcher(s)
		var all sync.WaitGroup
		for i, limit := range []time.Duration{time.Hour, 100 * time.Millisecond, time.Hour} {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				defer cancel()
				_, err := b.EmbedQueries(ctx, []string{"a prompt"})
				if left := err != nil; left != (i == 1) {
					t.Errorf("caller %d: %v", i, err)
				}
			})
			time.Sleep(time.Millisecond)
		}
		all.Wait()
		settle()
		if diff := cmp.Diff([]string{"0s: 1", "320ms: 1"}, s.calls); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
}

func TestACallThatNobodyWaitsForIsEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{start: time.Now()}
		b := embed.NewBatcher(s)
		var all sync.WaitGroup
		all.Go(func() { s.caller(t, b, 0) })
		time.Sleep(time.Millisecond)
		for range 3 {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
				defer cancel()
				_, _ = b.EmbedQueries(ctx, []string{"a prompt"})
			})
		}
		all.Wait()
		settle()
		if s.ended != 1 {
			t.Errorf("%d calls were ended, want the shared one", s.ended)
		}
	})
}

func TestManyPromptsAreDividedAmongCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{start: time.Now()}
		b := embed.NewBatcher(s)
		var all sync.WaitGroup
		all.Go(func() { s.caller(t, b, 0) })
		time.Sleep(time.Millisecond)
		for range 100 {
			all.Go(func() { s.caller(t, b, time.Millisecond) })
		}
		all.Wait()
		settle()
		if diff := cmp.Diff([]string{"0s: 1", "320ms: 64", "650ms: 36"}, s.calls); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
}
