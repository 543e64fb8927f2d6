package indextest

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/semroute/semroute/index"
)

func replaceLeavesExactlyTheNew(t *testing.T, s Store) {
	x := s.filled(t, entry("a", "one"), entry("a", "two"), entry("b", "three"))
	kept, added := entry("a", "two"), entry("c", "four")
	must(t, x.Replace(t.Context(), []index.Entry{added, kept}))
	wantEntries(t, x, added, kept)
	wantMatches(t, x, index.Query{Vector: added.Vector, K: 1}, index.Match{Route: "c", Utterance: "four", Similarity: 1})
	must(t, x.Replace(t.Context(), []index.Entry{added, kept})) // again changes nothing
	wantEntries(t, x, added, kept)
}

func replaceWithNothing(t *testing.T, s Store) {
	x := s.filled(t, entry("a", "one"))
	must(t, x.Replace(t.Context(), nil))
	wantEntries(t, x)
	_, err := x.Search(t.Context(), index.Query{Vector: axis(0), K: 1})
	wantError(t, "Search", err, index.ErrEmpty)
}

func upsertAddsAndOverwrites(t *testing.T, s Store) {
	x := s.open(t, fingerprint, dimension)
	must(t, x.Upsert(t.Context(), []index.Entry{at("a", "x", axis(0)), at("b", "y", axis(1))}))
	wantMatches(t, x, index.Query{Vector: axis(0), K: 1}, index.Match{Route: "a", Utterance: "x", Similarity: 1})
	must(t, x.Upsert(t.Context(), []index.Entry{at("c", "z", axis(3)), at("a", "x", axis(2))}))
	wantEntries(t, x, at("a", "x", axis(2)), at("b", "y", axis(1)), at("c", "z", axis(3)))
	wantMatches(t, x, index.Query{Vector: axis(2), K: 1}, index.Match{Route: "a", Utterance: "x", Similarity: 1})
	must(t, x.Upsert(t.Context(), nil))
	wantEntries(t, x, at("a", "x", axis(2)), at("b", "y", axis(1)), at("c", "z", axis(3)))
}

func deleteRemoves(t *testing.T, s Store) {
	x := s.filled(t, entry("a", "one"), entry("a", "two"), entry("b", "one"))
	gone := index.Key{Route: "a", Utterance: "one"}
	must(t, x.Delete(t.Context(), []index.Key{gone, {Route: "c", Utterance: "never held"}, gone}))
	wantEntries(t, x, entry("a", "two"), entry("b", "one"))
	must(t, x.Delete(t.Context(), nil))
	wantEntries(t, x, entry("a", "two"), entry("b", "one"))
	must(t, x.Delete(t.Context(), []index.Key{{Route: "a", Utterance: "two"}, {Route: "b", Utterance: "one"}}))
	_, err := x.Search(t.Context(), index.Query{Vector: axis(0), K: 1})
	wantError(t, "Search after the last delete", err, index.ErrEmpty)
}

func entriesComeInOrder(t *testing.T, s Store) {
	var want []index.Entry
	for i := range 250 { // more than one page where there are pages
		want = append(want, entry(fmt.Sprintf("r%d", i*7919%13), fmt.Sprintf("u%d", i)))
	}
	wantEntries(t, s.filled(t, want...), want...)
}

func sameUtteranceInSeveralRoutes(t *testing.T, s Store) {
	// Written one after the other, "a"+"bc" and "ab"+"c" are the same letters.
	x := s.filled(t, at("a", "bc", axis(0)), at("ab", "c", axis(1)), at("b", "bc", axis(2)))
	wantEntries(t, x, at("a", "bc", axis(0)), at("ab", "c", axis(1)), at("b", "bc", axis(2)))
	must(t, x.Delete(t.Context(), []index.Key{{Route: "a", Utterance: "bc"}}))
	wantEntries(t, x, at("ab", "c", axis(1)), at("b", "bc", axis(2)))
}

func anyTextIsKept(t *testing.T, s Store) {
	var want []index.Entry
	for i, text := range []string{
		" ", "\t\n\r", "nul\x00inside", "\x1b[31mred\x7f", "\ufeffmark", "\u202eright to left", "e\u0301 is not \u00e9",
		"\u00e9", "👩‍👩‍👧‍👦", "\U0010ffff", "\ufffd", `"quoted" \ {json: ["x"]} 'and' -- more`, strings.Repeat("long ", 2000),
	} {
		want = append(want, entry("route "+text, text), entry("plain", fmt.Sprintf("%d%s", i, text)))
	}
	x := s.filled(t, want...)
	wantEntries(t, x, want...)
	for _, e := range want {
		wantMatches(t, x, index.Query{Vector: e.Vector, K: 1, Routes: []string{e.Route}},
			index.Match{Route: e.Route, Utterance: e.Utterance, Similarity: 1})
	}
}

func vectorsAreCopied(t *testing.T, s Store) {
	x := s.open(t, fingerprint, dimension)
	v := axis(0)
	must(t, x.Replace(t.Context(), []index.Entry{at("a", "x", v)}))
	v[0], v[1] = 0, 1
	wantEntries(t, x, at("a", "x", axis(0)))
}

func badEntries(t *testing.T, s Store) {
	good := entry("a", "good")
	x := s.filled(t, good)
	nan := vector("nan", dimension)
	nan[5] = float32(math.NaN())
	for _, test := range []struct {
		name    string
		entries []index.Entry
		want    error
	}{
		{"too short", []index.Entry{at("b", "x", axis(0)[:3])}, index.ErrDimension},
		{"no vector", []index.Entry{entry("b", "y"), at("b", "x", nil)}, index.ErrDimension},
		{"not a number", []index.Entry{entry("b", "y"), at("b", "x", nan)}, index.ErrInvalid},
		{"zero", []index.Entry{at("b", "x", make([]float32, dimension))}, index.ErrInvalid},
		{"no utterance", []index.Entry{at("b", "", axis(0))}, index.ErrInvalid},
		{"utterance not UTF-8", []index.Entry{at("b", "\xff", axis(0))}, index.ErrInvalid},
		{"route not UTF-8", []index.Entry{at("\xc3(", "x", axis(0))}, index.ErrInvalid},
		{"the same key twice", []index.Entry{entry("b", "y"), at("b", "x", axis(0)), at("b", "x", axis(1))}, index.ErrDuplicate},
	} {
		wantError(t, "Replace: "+test.name, x.Replace(t.Context(), test.entries), test.want)
		wantError(t, "Upsert: "+test.name, x.Upsert(t.Context(), test.entries), test.want)
	}
	wantError(t, "Delete: no utterance", x.Delete(t.Context(), []index.Key{good.Key, {Route: "a"}}), index.ErrInvalid)
	wantEntries(t, x, good)
}
