package memory

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/internal/vec"
)

// plainSearch scans everything in float32.
func plainSearch(entries []index.Entry, q index.Query) []index.Match {
	var out []index.Match
	for _, e := range entries {
		if len(q.Routes) == 0 || slices.Contains(q.Routes, e.Route) {
			out = append(out, index.Match{Route: e.Route, Utterance: e.Utterance, Similarity: max(-1, min(1, vec.Dot(e.Vector, q.Vector)))})
		}
	}
	slices.SortStableFunc(out, func(a, b index.Match) int {
		switch {
		case a.Similarity > b.Similarity:
			return -1
		case a.Similarity < b.Similarity:
			return 1
		}
		return 0 // entries came in key order
	})
	return out[:min(q.K, len(out))]
}

func TestQuantisedScanGivesExactlyThePlainAnswer(t *testing.T) {
	for _, dimension := range []int{1, 2, 3, 16, 100, 256, 384} {
		t.Run(fmt.Sprint(dimension), func(t *testing.T) {
			entries, asked := newCorpus(5, dimension).entries(40, 40, 60)
			for i := range 50 { // ties and near ties
				entries = append(entries, index.Entry{
					Key:    index.Key{Route: "twins", Utterance: fmt.Sprintf("%03d", i)},
					Vector: slices.Clone(entries[i%3].Vector),
				})
			}
			x := opened(t, Config{Fingerprint: "f", Dimension: dimension})
			if err := x.Replace(t.Context(), entries); err != nil {
				t.Fatal(err)
			}
			held, err := x.Entries(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			asked = append(asked, entries[0].Vector, entries[1].Vector)
			for i, v := range asked {
				q := index.Query{Vector: v, K: []int{1, 5, 10, 100, 5000}[i%5]}
				if i%3 == 0 {
					q.Routes = []string{"twins", "route-000007", "route-000030", "unknown"}
				}
				got, err := x.Search(t.Context(), q)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(plainSearch(held, q), got); diff != "" {
					t.Fatalf("query %d, K %d (-plain +got):\n%s", i, q.K, diff)
				}
			}
		})
	}
}

func TestSearchIntoAllocatesNothing(t *testing.T) {
	if raceDetector {
		t.Skip("the pool of scratch space loses some under the race detector")
	}
	x, asked := filledIndex(t, 50, 40, 64)
	routes := []string{"route-000003", "route-000040"}
	matches := make([]index.Match, 0, 10)
	allocations := testing.AllocsPerRun(200, func() {
		var err error
		for _, q := range []index.Query{{Vector: asked[0], K: 10}, {Vector: asked[1], K: 10, Routes: routes}} {
			if matches, err = x.SearchInto(matches, q); err != nil {
				t.Fatal(err)
			}
		}
	})
	if allocations >= 1 {
		t.Errorf("%v allocations, want 0", allocations)
	}
}

func TestSearchIntoReusesWhatItIsGiven(t *testing.T) {
	x, asked := filledIndex(t, 5, 5, 16)
	matches := []index.Match{{Route: "old"}, {Route: "old"}}
	got, err := x.SearchInto(matches, index.Query{Vector: asked[0], K: 1})
	if err != nil || len(got) != 1 || got[0].Route == "old" || &got[0] != &matches[0] {
		t.Errorf("%v, %v; want one new match in the given room", got, err)
	}
}

func TestRankingKeepsTheBestInOrder(t *testing.T) {
	var r topHits
	r.reset(emptyState(1, 0), 3)
	for row, s := range []float32{0.1, 0.9, 0.5, 0.9, 0.2, 0.5, -1} {
		r.add(hit{similarity: s, row: int32(row)})
	}
	r.sort()
	if diff := cmp.Diff([]hit{{0.9, 1}, {0.9, 3}, {0.5, 2}}, r.items, cmp.AllowUnexported(hit{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
