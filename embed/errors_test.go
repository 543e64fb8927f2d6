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

func TestRetryMayHelp(t *testing.T) {
	for err, want := range map[error]bool{
		embed.ErrUnreachable: true,
		embed.ErrServer:      true,
		fmt.Errorf("%w: %w", embed.ErrCircuitOpen, embed.ErrUnreachable): true,
		fmt.Errorf("asking: %w", context.DeadlineExceeded):               true,
		embed.ErrModelMissing: false,
		embed.ErrModelChanged: false,
		embed.ErrEmbed:        false,
		context.Canceled:      false,
		errors.New("address"): false,
		fmt.Errorf("%w: %w", embed.ErrServer, embed.ErrModelMissing): false,
		&embed.TextsError{Failed: []embed.FailedText{{}}}:            false,
	} {
		if got := embed.RetryMayHelp(err); got != want {
			t.Errorf("%v: %v, want %v", err, got, want)
		}
	}
}

// bad is an embedder that cannot embed texts with the word "bad".
func bad(t *testing.T, delay time.Duration) *embedtest.Fake {
	t.Helper()
	fake, err := embedtest.New(embedtest.Config{Delay: delay, Refuse: func(text string) bool { return strings.Contains(text, "bad") }})
	if err != nil {
		t.Fatal(err)
	}
	return fake
}

// places are the texts without a vector, which must be those of the error.
func places(t *testing.T, b embed.Batch, err error) []int {
	t.Helper()
	var some *embed.TextsError
	if err != nil && (!errors.As(err, &some) || !errors.Is(err, embed.ErrEmbed)) {
		t.Fatalf("got %v, want a TextsError", err)
	}
	var missing []int
	for i, vector := range b.Vectors {
		if (vector == nil) != (some.Of(i) != nil) {
			t.Errorf("text %d has a vector: %v, its error: %v", i, vector != nil, some.Of(i))
		}
		if vector == nil {
			missing = append(missing, i)
		}
	}
	return missing
}

func TestABadTextFailsItsOwnCallerOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := embed.NewBatcher(bad(t, time.Second))
		var all sync.WaitGroup
		ask := func(want []int, texts ...string) {
			all.Go(func() {
				batch, err := b.EmbedQueries(t.Context(), texts)
				if diff := cmp.Diff(want, places(t, batch, err)); diff != "" {
					t.Errorf("%v: failed texts (-want +got):\n%s", texts, diff)
				}
			})
		}
		ask(nil, "first") // those that follow share the next call
		synctest.Wait()
		ask(nil, "good", "fine")
		ask([]int{1}, "good", "bad")
		ask([]int{0}, "bad")
		all.Wait()
		settle()
		time.Sleep(time.Second)
	})
}

func TestTheCacheRemembersWhatWasEmbeddedBesideABadText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := bad(t, time.Second)
		cache, err := embed.NewCache(fake, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for _, texts := range [][]string{{"one", "bad", "two", "bad"}, {"bad", "one"}} { // the second waits for the first's
			all.Go(func() {
				want := []int{0}
				if len(texts) == 4 {
					want = []int{1, 3}
				}
				batch, err := cache.EmbedQueries(t.Context(), texts)
				if diff := cmp.Diff(want, places(t, batch, err)); diff != "" {
					t.Errorf("%v: failed texts (-want +got):\n%s", texts, diff)
				}
			})
			synctest.Wait()
		}
		all.Wait()
		if batch := query(t, cache, "one", "two"); !batch.Cached[0] || !batch.Cached[1] || fake.Texts() != 2 {
			t.Errorf("cached %v, %d texts were embedded", batch.Cached, fake.Texts())
		}
		if _, err := cache.EmbedQuery(t.Context(), "bad", nil); !errors.Is(err, embed.ErrEmbed) {
			t.Errorf("alone: %v", err)
		}
	})
}
