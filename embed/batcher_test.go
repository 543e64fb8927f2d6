package embed_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/embed/embedtest"
)

// gate is an embedder whose calls wait until the test lets them through.
type gate struct {
	*embedtest.Fake
	entered chan []string
	open    chan struct{}
}

func (g *gate) EmbedQueries(ctx context.Context, texts []string) (embed.Batch, error) {
	g.entered <- texts
	select {
	case <-g.open:
	case <-ctx.Done():
		return embed.Batch{}, ctx.Err()
	}
	return g.Fake.EmbedQueries(ctx, texts)
}

func newGate(t *testing.T) *gate {
	t.Helper()
	fake, err := embedtest.New(embedtest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return &gate{Fake: fake, entered: make(chan []string, 100), open: make(chan struct{})}
}

func TestBatcherPassesTheSuite(t *testing.T) {
	embedtest.Run(t, func(t *testing.T) embed.Embedder {
		fake, err := embedtest.New(embedtest.Config{MaxBytes: 1000})
		if err != nil {
			t.Fatal(err)
		}
		return embed.NewBatcher(fake)
	})
}

func TestPromptsThatWaitShareACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(t)
		b := embed.NewBatcher(g)
		var wg sync.WaitGroup
		ask := func(text string) {
			wg.Go(func() {
				got, err := b.EmbedQueries(context.Background(), []string{text})
				if err != nil {
					t.Error(err)
					return
				}
				want, err := g.Fake.EmbedQueries(context.Background(), []string{text})
				if err != nil {
					t.Error(err)
					return
				}
				if diff := cmp.Diff(want.Vectors, got.Vectors); diff != "" {
					t.Errorf("%s has another's vector:\n%s", text, diff)
				}
			})
		}
		ask("first")
		if got := <-g.entered; len(got) != 1 {
			t.Fatalf("the first call has %d texts; an idle embedder is called at once", len(got))
		}
		for i := range 10 {
			ask(fmt.Sprint("later ", i))
		}
		synctest.Wait() // all ten are in the queue
		close(g.open)
		wg.Wait()
		if got := <-g.entered; len(got) != 10 {
			t.Errorf("the second call has %d texts, want the 10 that waited", len(got))
		}
	})
}

func TestALongPromptHoldsNobodyUp(t *testing.T) {
	g := newGate(t)
	b := embed.NewBatcher(g)
	var wg sync.WaitGroup
	for _, text := range []string{strings.Repeat("long ", 1000), "short"} {
		wg.Go(func() {
			if _, err := b.EmbedQueries(context.Background(), []string{text}); err != nil {
				t.Error(err)
			}
		})
	}
	<-g.entered
	<-g.entered // both are under way although neither has returned
	close(g.open)
	wg.Wait()
}

func TestACallerThatGivesUpLeavesTheCallToTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(t)
		b := embed.NewBatcher(g)
		ctx, cancel := context.WithCancel(t.Context())
		first, second := make(chan error, 1), make(chan error, 1)
		go func() {
			_, err := b.EmbedQueries(ctx, []string{"gives up"})
			first <- err
		}()
		<-g.entered
		go func() {
			_, err := b.EmbedQueries(context.Background(), []string{"stays"})
			second <- err
		}()
		cancel()
		if err := <-first; !errors.Is(err, context.Canceled) {
			t.Errorf("who gave up got %v", err)
		}
		close(g.open)
		if err := <-second; err != nil {
			t.Errorf("who stayed got %v", err)
		}
	})
}

func TestAPanicBelowIsAnError(t *testing.T) {
	b := embed.NewBatcher(panicking{})
	if _, err := b.EmbedQueries(t.Context(), []string{"x"}); !errors.Is(err, embed.ErrEmbed) {
		t.Errorf("got %v", err)
	}
}

type panicking struct{ embed.Embedder }

func (panicking) EmbedQueries(context.Context, []string) (embed.Batch, error) { panic("boom") }

// unmarked forgets to say what was truncated.
type unmarked struct{ embed.Embedder }

func (unmarked) EmbedQueries(_ context.Context, texts []string) (embed.Batch, error) {
	return embed.Batch{Vectors: make([][]float32, len(texts))}, nil
}

func TestAnIncompleteBatchIsAnError(t *testing.T) {
	if _, err := embed.NewBatcher(unmarked{}).EmbedQueries(t.Context(), []string{"x"}); !errors.Is(err, embed.ErrEmbed) {
		t.Errorf("got %v", err)
	}
}
