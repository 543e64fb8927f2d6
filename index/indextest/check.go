package indextest

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/internal/vec"
)

func sqrt(x float64) float64 { return math.Sqrt(x) }

// closely allows for what an index that normalises again makes of a vector.
func closely() cmp.Option { return cmpopts.EquateApprox(0, 1e-5) }

func wantMatches(t *testing.T, x index.Index, q index.Query, want ...index.Match) {
	t.Helper()
	got, err := x.Search(t.Context(), q)
	if err != nil {
		t.Fatalf("Search: %v", err)
	}
	if diff := cmp.Diff(want, got, closely(), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("matches (-want +got):\n%s", diff)
	}
}

func wantEntries(t *testing.T, x index.Index, want ...index.Entry) {
	t.Helper()
	got, err := x.Entries(t.Context())
	if err != nil {
		t.Fatalf("Entries: %v", err)
	}
	want = slices.Clone(want)
	slices.SortFunc(want, func(a, b index.Entry) int { return compareKeys(a.Key, b.Key) })
	if diff := cmp.Diff(want, got, closely(), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

func wantError(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: error is %v, want %v", what, got, want)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func compareKeys(a, b index.Key) int {
	if c := strings.Compare(a.Route, b.Route); c != 0 {
		return c
	}
	return strings.Compare(a.Utterance, b.Utterance)
}

// scan is what Search must find, computed the plain way.
func scan(entries []index.Entry, q index.Query) []index.Match {
	var out []index.Match
	for _, e := range entries {
		if len(q.Routes) == 0 || slices.Contains(q.Routes, e.Route) {
			out = append(out, index.Match{Route: e.Route, Utterance: e.Utterance, Similarity: vec.Dot(e.Vector, q.Vector)})
		}
	}
	slices.SortFunc(out, func(a, b index.Match) int {
		switch {
		case a.Similarity > b.Similarity:
			return -1
		case a.Similarity < b.Similarity:
			return 1
		}
		return compareKeys(index.Key{Route: a.Route, Utterance: a.Utterance}, index.Key{Route: b.Route, Utterance: b.Utterance})
	})
	return out[:min(q.K, len(out))]
}
