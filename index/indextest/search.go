package indextest

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/semroute/semroute/index"
)

func newIndexIsEmpty(t *testing.T, s Store) {
	x := s.open(t, fingerprint, dimension)
	if x.Dimension() != dimension {
		t.Errorf("Dimension is %d, want %d", x.Dimension(), dimension)
	}
	wantEntries(t, x)
	_, err := x.Search(t.Context(), index.Query{Vector: axis(0), K: 1})
	wantError(t, "Search", err, index.ErrEmpty)
	_, err = x.Search(t.Context(), index.Query{Vector: axis(0), K: 1, Routes: []string{"a"}})
	wantError(t, "Search in a route", err, index.ErrEmpty)
}

func searchReturnsTheNearest(t *testing.T, s Store) {
	x := s.filled(t,
		at("near", "0.9", between(0.9)), at("near", "0.5", between(0.5)),
		at("far", "0.7", between(0.7)), at("far", "-0.3", between(-0.3)), at("far", "-1", between(-1)))
	wantMatches(t, x, index.Query{Vector: axis(0), K: 3},
		index.Match{Route: "near", Utterance: "0.9", Similarity: 0.9},
		index.Match{Route: "far", Utterance: "0.7", Similarity: 0.7},
		index.Match{Route: "near", Utterance: "0.5", Similarity: 0.5})
}

func searchAgreesWithAPlainScan(t *testing.T, s Store) {
	var entries []index.Entry
	for i := range 300 {
		entries = append(entries, entry(fmt.Sprintf("route %d", i%7), fmt.Sprintf("utterance %d", i)))
	}
	x := s.filled(t, entries...)
	for i := range 20 {
		q := index.Query{Vector: vector(fmt.Sprintf("query %d", i), dimension), K: 1 + i}
		if i%2 == 1 {
			q.Routes = []string{"route 1", "route 5"}
		}
		wantMatches(t, x, q, scan(entries, q)...)
	}
}

func tiesAreOrdered(t *testing.T, s Store) {
	v := between(0.8)
	x := s.filled(t, at("b", "1", v), at("a", "2", v), at("c", "0", v), at("a", "10", v), at("a", "1", between(0.4)))
	match := func(route, utterance string) index.Match {
		return index.Match{Route: route, Utterance: utterance, Similarity: 0.8}
	}
	for k := 1; k <= 4; k++ { // the order also decides who is left out
		all := []index.Match{match("a", "10"), match("a", "2"), match("b", "1"), match("c", "0")}
		wantMatches(t, x, index.Query{Vector: axis(0), K: k}, all[:k]...)
	}
}

func largeK(t *testing.T, s Store) {
	x := s.filled(t, at("a", "x", between(0.1)), at("a", "y", between(0.2)))
	for _, k := range []int{2, 3, 1000, index.MaxK} {
		wantMatches(t, x, index.Query{Vector: axis(0), K: k},
			index.Match{Route: "a", Utterance: "y", Similarity: 0.2},
			index.Match{Route: "a", Utterance: "x", Similarity: 0.1})
	}
}

func routesLimitTheSearch(t *testing.T, s Store) {
	x := s.filled(t, at("a", "x", between(0.9)), at("b", "x", between(0.8)), at("b", "y", between(0.7)),
		at("c", "z", between(0.6)), at("", "none", between(0.5)))
	a := index.Match{Route: "a", Utterance: "x", Similarity: 0.9}
	bx, by := index.Match{Route: "b", Utterance: "x", Similarity: 0.8}, index.Match{Route: "b", Utterance: "y", Similarity: 0.7}
	c := index.Match{Route: "c", Utterance: "z", Similarity: 0.6}
	none := index.Match{Route: "", Utterance: "none", Similarity: 0.5}
	for _, test := range []struct {
		name   string
		routes []string
		want   []index.Match
	}{
		{"no limit", nil, []index.Match{a, bx, by, c, none}},
		{"an empty list", []string{}, []index.Match{a, bx, by, c, none}},
		{"one", []string{"b"}, []index.Match{bx, by}},
		{"two, in any order", []string{"c", "a"}, []index.Match{a, c}},
		{"one twice", []string{"b", "b"}, []index.Match{bx, by}},
		{"an unknown one beside a known one", []string{"x", "c"}, []index.Match{c}},
		{"only unknown ones", []string{"x", "y"}, nil},
		{"the route without a name", []string{""}, []index.Match{none}},
	} {
		t.Run(test.name, func(t *testing.T) {
			wantMatches(t, x, index.Query{Vector: axis(0), K: 9, Routes: test.routes}, test.want...)
		})
	}
}

func badQueries(t *testing.T, s Store) {
	x := s.filled(t, at("a", "x", axis(0)))
	nan, inf := axis(0), axis(0)
	nan[3], inf[3] = float32(math.NaN()), float32(math.Inf(1))
	for _, test := range []struct {
		name string
		q    index.Query
		want error
	}{
		{"too short", index.Query{Vector: axis(0)[:dimension-1], K: 1}, index.ErrDimension},
		{"too long", index.Query{Vector: append(axis(0), 0), K: 1}, index.ErrDimension},
		{"no vector", index.Query{K: 1}, index.ErrDimension},
		{"not a number", index.Query{Vector: nan, K: 1}, index.ErrInvalid},
		{"infinite", index.Query{Vector: inf, K: 1}, index.ErrInvalid},
		{"zero", index.Query{Vector: make([]float32, dimension), K: 1}, index.ErrInvalid},
		{"not of length one", index.Query{Vector: append(axis(0)[:dimension-1], 1), K: 1}, index.ErrInvalid},
		{"K of zero", index.Query{Vector: axis(0)}, index.ErrInvalid},
		{"negative K", index.Query{Vector: axis(0), K: -1}, index.ErrInvalid},
		{"K beyond the bound", index.Query{Vector: axis(0), K: index.MaxK + 1}, index.ErrInvalid},
	} {
		_, err := x.Search(t.Context(), test.q)
		wantError(t, test.name, err, test.want)
	}
}

func endedContext(t *testing.T, s Store) {
	x := s.filled(t, at("a", "x", axis(0)))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := x.Search(ctx, index.Query{Vector: axis(0), K: 1})
	wantError(t, "Search", err, context.Canceled)
	_, err = x.Entries(ctx)
	wantError(t, "Entries", err, context.Canceled)
	wantError(t, "Replace", x.Replace(ctx, []index.Entry{entry("b", "y")}), context.Canceled)
	wantError(t, "Upsert", x.Upsert(ctx, []index.Entry{entry("b", "y")}), context.Canceled)
	wantError(t, "Delete", x.Delete(ctx, []index.Key{{Route: "a", Utterance: "x"}}), context.Canceled)
	wantEntries(t, x, at("a", "x", axis(0)))
}

func closedIndex(t *testing.T, s Store) {
	x := s.filled(t, at("a", "x", axis(0)))
	must(t, x.Close())
	_, err := x.Search(t.Context(), index.Query{Vector: axis(0), K: 1})
	wantError(t, "Search", err, index.ErrClosed)
	_, err = x.Entries(t.Context())
	wantError(t, "Entries", err, index.ErrClosed)
	wantError(t, "Replace", x.Replace(t.Context(), nil), index.ErrClosed)
	wantError(t, "Upsert", x.Upsert(t.Context(), []index.Entry{entry("b", "y")}), index.ErrClosed)
	wantError(t, "Delete", x.Delete(t.Context(), []index.Key{{Route: "a", Utterance: "x"}}), index.ErrClosed)
	wantError(t, "Close", x.Close(), index.ErrClosed)
}
