package indextest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/index"
)

func (s Store) persistent(t *testing.T) {
	t.Helper()
	if s.Volatile {
		t.Skip("this store keeps nothing")
	}
}

func restart(t *testing.T, s Store) {
	s.persistent(t)
	want := []index.Entry{entry("a", "one"), entry("a", "two"), entry("b", "three")}
	must(t, s.filled(t, want...).Close())
	x := s.open(t, fingerprint, dimension)
	wantEntries(t, x, want...)
	wantMatches(t, x, index.Query{Vector: want[1].Vector, K: 1}, index.Match{Route: "a", Utterance: "two", Similarity: 1})
	missing, stale := index.Plan(held(t, x), keys(want...))
	if len(missing)+len(stale) != 0 {
		t.Errorf("an unchanged catalog misses %v and is rid of %v", missing, stale)
	}
}

func restartWithOneChange(t *testing.T, s Store) {
	s.persistent(t)
	kept, old, renewed := entry("a", "one"), entry("a", "two"), entry("a", "two, reworded")
	must(t, s.filled(t, kept, old).Close())
	x := s.open(t, fingerprint, dimension)
	missing, stale := index.Plan(held(t, x), keys(kept, renewed))
	if diff := cmp.Diff([][]index.Key{keys(renewed), keys(old)}, [][]index.Key{missing, stale}); diff != "" {
		t.Fatalf("missing and stale (-want +got):\n%s", diff)
	}
	must(t, x.Upsert(t.Context(), []index.Entry{renewed}))
	must(t, x.Delete(t.Context(), stale))
	must(t, x.Close())
	wantEntries(t, s.open(t, fingerprint, dimension), kept, renewed)
}

func swappedEmbedder(t *testing.T, s Store) {
	s.persistent(t)
	old := []index.Entry{entry("a", "one"), entry("b", "two")}
	must(t, s.filled(t, old...).Close())
	// The same name and dimension, another digest: a tag that has moved.
	x := s.open(t, fingerprint+", moved tag", dimension)
	wantEntries(t, x)
	_, err := x.Search(t.Context(), index.Query{Vector: old[0].Vector, K: 1})
	wantError(t, "Search before anything is written", err, index.ErrEmpty)
	missing, stale := index.Plan(held(t, x), keys(old...))
	if len(missing) != len(old) || len(stale) != 0 {
		t.Errorf("missing %v and stale %v, want all missing and none stale", missing, stale)
	}
	renewed := at("a", "one", axis(0))
	must(t, x.Replace(t.Context(), []index.Entry{renewed}))
	wantMatches(t, x, index.Query{Vector: old[1].Vector, K: 9},
		index.Match{Route: "a", Utterance: "one", Similarity: old[1].Vector[0]})
	must(t, x.Close())
	wantEntries(t, s.open(t, fingerprint+", moved tag", dimension), renewed)
}

func otherDimension(t *testing.T, s Store) {
	s.persistent(t)
	must(t, s.filled(t, entry("a", "one")).Close())
	x := s.open(t, fingerprint, 2*dimension)
	wantEntries(t, x)
	wide := at("a", "one", vector("one", 2*dimension))
	must(t, x.Replace(t.Context(), []index.Entry{wide}))
	wantEntries(t, x, wide)
}

func oldStaysUntilComplete(t *testing.T, s Store) {
	s.persistent(t)
	old := entry("a", "one")
	serving := s.filled(t, old)
	next := s.open(t, "embedder two", dimension)
	wantEntries(t, next)
	wantMatches(t, serving, index.Query{Vector: old.Vector, K: 1}, index.Match{Route: "a", Utterance: "one", Similarity: 1})
	// The new embedder gives up before it has written anything.
	must(t, next.Close())
	must(t, serving.Close())
	wantEntries(t, s.open(t, fingerprint, dimension), old)
}

func held(t *testing.T, x index.Index) []index.Key {
	t.Helper()
	entries, err := x.Entries(t.Context())
	must(t, err)
	return index.Keys(entries)
}

func keys(entries ...index.Entry) []index.Key { return index.Keys(entries) }
