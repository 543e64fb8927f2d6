package engine

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/index/qdrant/qdranttest"
)

// turns are those of the processes that share an index.
type turns struct {
	mu     sync.Mutex
	taken  int
	closed error
}

func (f *turns) alone(ctx context.Context) (context.Context, func(), error) {
	f.mu.Lock()
	if f.closed != nil {
		defer f.mu.Unlock()
		return nil, nil, f.closed
	}
	f.taken++
	return ctx, f.mu.Unlock, nil
}

// onServer is an engine whose embedder is called so, on a server of several.
func onServer(t *testing.T, double *qdranttest.Server, f *turns, fingerprint string) *Engine {
	t.Helper()
	fake := newFake(t, fingerprint)
	e := New(catalogOf(t, ""), Config{
		Embedder: EmbedderConfig{Kind: Ollama, Open: func(context.Context) (embed.Embedder, error) { return fake, nil }},
		Index:    IndexConfig{Kind: Qdrant, Address: double.Address(), Collection: "test"}, Log: zerolog.Nop(), Alone: f.alone,
	})
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// TestWhatNobodySearchesIsSwept, and what a replica still searches stays.
func TestWhatNobodySearchesIsSwept(t *testing.T) {
	double, f := qdranttest.New(t), &turns{}
	var engines []*Engine
	for _, fingerprint := range []string{"oldest", "old", "new"} {
		e := onServer(t, double, f, fingerprint)
		if e.Collection() != "" {
			t.Errorf("before the first generation it searches %q", e.Collection())
		}
		if err := e.Build(t.Context()); err != nil {
			t.Fatal(err)
		}
		engines = append(engines, e)
	}
	gone, err := engines[2].Sweep(t.Context(), func(context.Context) ([]string, error) {
		return []string{engines[1].Collection()}, nil
	})
	if diff := cmp.Diff([]string{engines[0].Collection()}, slices.DeleteFunc(gone, func(name string) bool {
		return name == engines[0].Collection()+"_removed"
	})); err != nil || diff != "" {
		t.Errorf("%v, swept (-want +got):\n%s", err, diff)
	}
	if !slices.Contains(double.Collections(), engines[1].Collection()) || f.taken != 4 {
		t.Errorf("left are %v, after %d turns of three builds and a sweep", double.Collections(), f.taken)
	}
	unknown := errors.New("nobody knows who searches what")
	if gone, err := engines[2].Sweep(t.Context(), func(context.Context) ([]string, error) { return nil, unknown }); !errors.Is(err, unknown) || len(gone) != 0 {
		t.Errorf("swept %v, %v", gone, err)
	}
}

// TestABuildWaitsForItsTurn, and fails where it has none; the generation in place
// goes on.
func TestABuildWaitsForItsTurn(t *testing.T) {
	f := &turns{}
	e := onServer(t, qdranttest.New(t), f, "one")
	if err := e.Build(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := e.Status().Fingerprint
	f.mu.Lock()
	f.closed = context.Canceled
	f.mu.Unlock()
	if err := e.Replace(t.Context(), catalogOf(t, "sailing ships")); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	if s := e.Status(); s.Fingerprint != before || s.State != Serving || s.Building != (Work{}) {
		t.Errorf("status is %+v", s)
	}
}
