package embed_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/embed/embedtest"
)

func newCache(t *testing.T, config embedtest.Config, bytes int64) (*embed.Cache, *embedtest.Fake) {
	t.Helper()
	fake, err := embedtest.New(config)
	if err != nil {
		t.Fatal(err)
	}
	cache, err := embed.NewCache(fake, bytes)
	if err != nil {
		t.Fatal(err)
	}
	return cache, fake
}

func query(t *testing.T, e embed.Embedder, texts ...string) embed.Batch {
	t.Helper()
	b, err := e.EmbedQueries(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestCachePassesTheSuite(t *testing.T) {
	embedtest.Run(t, func(t *testing.T) embed.Embedder {
		cache, _ := newCache(t, embedtest.Config{MaxBytes: 1000}, 1<<20)
		return cache
	})
}

func TestCacheRemembers(t *testing.T) {
	cache, fake := newCache(t, embedtest.Config{MaxBytes: 10}, 1<<20)
	first := query(t, cache, "one", "two", "a text that is cut")
	second := query(t, cache, "two", "three", "a text that is cut")
	if diff := cmp.Diff([]bool{true, false, true}, second.Cached); diff != "" {
		t.Errorf("cached (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]bool{false, false, true}, second.Truncated); diff != "" {
		t.Errorf("a remembered vector forgets that its text was cut (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(first.Vectors[1], second.Vectors[0]); diff != "" {
		t.Errorf("another vector than before (-want +got):\n%s", diff)
	}
	if fake.Texts() != 4 {
		t.Errorf("%d texts were embedded, want 4", fake.Texts())
	}
}

func TestCacheIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const bound = 64 << 10
		cache, _ := newCache(t, embedtest.Config{}, bound)
		for i := range 2000 {
			query(t, cache, fmt.Sprintf("text %d %s", i, strings.Repeat("x", 200)))
		}
		synctest.Wait() // eviction is the cache's own goroutine's work
		if cache.Bytes() > bound {
			t.Errorf("%d bytes are held, at most %d were allowed", cache.Bytes(), bound)
		}
	})
}

func TestEqualPromptsFlyOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache, fake := newCache(t, embedtest.Config{Delay: 30 * time.Millisecond}, 1<<20)
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				if _, err := cache.EmbedQueries(context.Background(), []string{"the same"}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if fake.Texts() != 1 {
			t.Errorf("%d texts were embedded, want 1", fake.Texts())
		}
	})
}

func TestAFailureIsNotRemembered(t *testing.T) {
	cache, fake := newCache(t, embedtest.Config{}, 1<<20)
	fake.Fail(embed.ErrUnreachable)
	if _, err := cache.EmbedQueries(t.Context(), []string{"x"}); !errors.Is(err, embed.ErrUnreachable) {
		t.Fatalf("got %v", err)
	}
	fake.Fail(nil)
	query(t, cache, "x")
}

func TestACallerThatLeavesTakesNobodyAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache, _ := newCache(t, embedtest.Config{Delay: 50 * time.Millisecond}, 1<<20)
		short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		left := make(chan error, 1)
		go func() {
			_, err := cache.EmbedQueries(short, []string{"x"})
			left <- err
		}()
		synctest.Wait() // the first caller leads
		query(t, cache, "x")
		if err := <-left; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the first caller got %v", err)
		}
	})
}

func TestNoSizeIsNoCache(t *testing.T) {
	if _, err := embed.NewCache(nil, 0); err == nil {
		t.Error("a cache of 0 bytes was made")
	}
}

func TestCacheSharesWhatItRemembers(t *testing.T) {
	cache, _ := newCache(t, embedtest.Config{}, 1<<20)
	room := []float32{1, 2, 3}
	first, err := cache.EmbedQuery(t.Context(), "hello", &room)
	if err != nil {
		t.Fatal(err)
	}
	again, err := cache.EmbedQuery(t.Context(), "hello", &room)
	if err != nil {
		t.Fatal(err)
	}
	if first.Cached || !again.Cached {
		t.Errorf("cached at first: %v, then: %v", first.Cached, again.Cached)
	}
	third, err := cache.EmbedQuery(t.Context(), "hello", &room)
	if err != nil || first.Memo != nil || again.Memo == nil || again.Memo != third.Memo {
		t.Errorf("memos %p, %p and %p, %v; want none at first, then the same", first.Memo, again.Memo, third.Memo, err)
	}
	if diff := cmp.Diff(first.Vector, again.Vector); diff != "" {
		t.Errorf("(-embedded +remembered):\n%s", diff)
	}
	if diff := cmp.Diff([]float32{1, 2, 3}, room); diff != "" { // a remembered vector must never become somebody's room
		t.Errorf("room (-before +after):\n%s", diff)
	}
}
