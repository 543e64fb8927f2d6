package indextest

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/semroute/semroute/index"
)

// group makes 40 entries of a route.
func group(route string) (entries []index.Entry) {
	for i := range 40 {
		entries = append(entries, entry(route, fmt.Sprintf("%s %d", route, i)))
	}
	return entries
}

// readersAndAWriter swaps two states that share no entry.
func readersAndAWriter(t *testing.T, s Store) {
	states := [][]index.Entry{group("even"), group("odd")}
	x := s.filled(t, states[0]...)
	whileReading(t, x, states, func() error {
		for i := range 20 {
			if err := x.Replace(t.Context(), states[(i+1)%2]); err != nil {
				return fmt.Errorf("replace: %w", err)
			}
		}
		return nil
	})
}

// readersWhileEntriesComeAndGo goes through three states in turn: some entries,
// more of them, and some of these with other vectors.
func readersWhileEntriesComeAndGo(t *testing.T, s Store) {
	base, more := group("base"), group("more")
	moved := slices.Clone(more)
	for i := range moved[:20] {
		moved[i].Vector = vector("moved "+moved[i].Utterance, dimension)
	}
	states := [][]index.Entry{base, slices.Concat(base, more), slices.Concat(base, moved)}
	x := s.filled(t, base...)
	whileReading(t, x, states, func() error {
		for range 10 {
			if err := x.Upsert(t.Context(), more); err != nil {
				return fmt.Errorf("upsert: %w", err)
			}
			if err := x.Upsert(t.Context(), moved[:20]); err != nil {
				return fmt.Errorf("upsert of other vectors: %w", err)
			}
			if err := x.Delete(t.Context(), keys(more...)); err != nil {
				return fmt.Errorf("delete: %w", err)
			}
		}
		return nil
	})
}

// whileReading searches all the time while write runs: each answer must be
// that of one of the states, whole.
func whileReading(t *testing.T, x index.Index, states [][]index.Entry, write func() error) {
	t.Helper()
	q := index.Query{Vector: vector("query", dimension), K: 5}
	var allowed [][]index.Match
	for _, state := range states {
		allowed = append(allowed, scan(state, q))
	}
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				got, err := x.Search(t.Context(), q)
				if err == nil {
					err = wholeState(got, allowed)
				}
				if err != nil {
					t.Errorf("Search while a writer writes: %v", err)
					return
				}
			}
		})
	}
	if err := write(); err != nil {
		t.Error(err)
	}
	close(stop)
	readers.Wait()
}

func wholeState(got []index.Match, allowed [][]index.Match) error {
	same := func(a, b index.Match) bool {
		return a.Route == b.Route && a.Utterance == b.Utterance && max(a.Similarity-b.Similarity, b.Similarity-a.Similarity) < 1e-5
	}
	for _, want := range allowed {
		if slices.EqualFunc(got, want, same) {
			return nil
		}
	}
	return fmt.Errorf("the answer of no complete state: %v", got)
}
