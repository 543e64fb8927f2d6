package ollama

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semroute/semroute/embed"
)

// openInBubble opens an embedder on a double without a network.
func openInBubble(t *testing.T, d *double, change func(*Config)) *Embedder {
	t.Helper()
	config := Config{Model: "all-minilm", Address: "http://double", Transport: d}
	if change != nil {
		change(&config)
	}
	e, err := New(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	d.set(func() { d.requests, d.lists = nil, 0 })
	return e
}

func TestAMovedTagIsNoticedWhenTheDigestIsLookedAtAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newMemoryDouble()
		e := openInBubble(t, d, func(c *Config) { c.RecheckEvery = time.Minute })
		call := func() error {
			_, err := e.EmbedQueries(t.Context(), []string{"a"})
			return err
		}
		d.set(func() { d.digest = "bbbbbbbbbbbbbbbb" })
		time.Sleep(59 * time.Second)
		if err := call(); err != nil || d.lists != 0 {
			t.Fatalf("within the minute: %v, asked %d times", err, d.lists)
		}
		time.Sleep(time.Second)
		for range 2 {
			if err := call(); !errors.Is(err, embed.ErrModelChanged) || d.lists != 1 {
				t.Fatalf("after it: %v, asked %d times", err, d.lists)
			}
		}
		d.set(func() { d.digest = "aaaaaaaaaaaaaaaa" })
		time.Sleep(time.Minute)
		if err := call(); err != nil {
			t.Fatalf("moved back: %v", err)
		}
	})
}

// Those who wait for the same look keep their own deadlines, and the look goes
// on when the one who began it has left.
func TestNobodyWaitsForTheDigestBeyondTheOwnDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newMemoryDouble()
		e := openInBubble(t, d, func(c *Config) { c.RecheckEvery = time.Minute })
		time.Sleep(time.Minute)
		d.set(func() { d.listPause = time.Second })
		var all sync.WaitGroup
		for _, limit := range []time.Duration{100 * time.Millisecond, 50 * time.Millisecond, 300 * time.Millisecond, time.Hour} {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				defer cancel()
				start := time.Now()
				_, err := e.EmbedQueries(ctx, []string{"a"})
				took := time.Since(start)
				if limit == time.Hour {
					if err != nil || took > time.Second {
						t.Errorf("who can wait got %v after %v", err, took)
					}
				} else if took != limit || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("who can wait %v got %v after %v", limit, err, took)
				}
			})
			time.Sleep(time.Millisecond)
		}
		all.Wait()
		if d.lists != 1 {
			t.Errorf("the server was asked %d times, want once for all", d.lists)
		}
	})
}
