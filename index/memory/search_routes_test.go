package memory

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/internal/vec"
)

// randomUnit is a unit vector near a route's own direction.
func randomUnit(random *rand.Rand, route, dimension int) []float32 {
	center := rand.New(rand.NewPCG(uint64(route), 7))
	v := make([]float32, dimension)
	for i := range v {
		v[i] = float32(center.NormFloat64() + random.NormFloat64())
	}
	vec.Normalize(v)
	return v
}

func TestSearchRoutesAgreesWithAPlainScan(t *testing.T) {
	const dimension, routes, each, perRoute = 64, 12, 300, 8
	for _, exact := range []int{0, 1000} { // the second has lists
		t.Run(fmt.Sprint("exact rows ", exact), func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, 2))
			x, err := Open(Config{Fingerprint: "f", Dimension: dimension, ExactRows: exact})
			if err != nil {
				t.Fatal(err)
			}
			var entries []index.Entry
			for r := range routes {
				for i := range each {
					entries = append(entries, index.Entry{Key: index.Key{Route: fmt.Sprint("r", r), Utterance: fmt.Sprint("u", i)}, Vector: randomUnit(random, r, dimension)})
				}
			}
			if err := x.Replace(t.Context(), entries); err != nil {
				t.Fatal(err)
			}
			more := index.Entry{Key: index.Key{Route: "r3", Utterance: "fresh"}, Vector: randomUnit(random, 3, dimension)}
			if err := x.Upsert(t.Context(), []index.Entry{more}); err != nil {
				t.Fatal(err)
			}
			if err := x.Delete(t.Context(), []index.Key{entries[3*each].Key}); err != nil {
				t.Fatal(err)
			}
			held, err := x.Entries(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			names := []string{"r3", "r7", "absent", "r1"}
			var answer index.RouteAnswer
			wrong, total := 0, 0
			for range 200 {
				q := randomUnit(random, random.IntN(routes), dimension)
				hints := [][]int32{nil, {5, 9, 3, 1}, {0, 1, 2, -1}}[random.IntN(3)] // of r0, r1, r10, …: right or wrong
				if err := x.SearchRoutes(&answer, index.RouteQuery{Vector: q, Routes: names, Numbers: hints, PerRoute: perRoute, Matches: 3}); err != nil {
					t.Fatal(err)
				}
				want := plainRoutes(held, names, q, perRoute)
				if len(answer.Neighbours) != len(want) {
					t.Fatalf("%d neighbours, want %d", len(answer.Neighbours), len(want))
				}
				best := want[0].Similarity
				for i, n := range answer.Neighbours {
					total++
					best = max(best, want[i].Similarity)
					if n.Route != want[i].Route || n.Similarity < want[i].Similarity-1e-3 || n.Similarity > want[i].Similarity+3e-5 /* 16 bits */ {
						wrong++
					}
				}
				var other index.RouteAnswer
				for _, matches := range []int{0, 1, 10} { // what is shown does not change what is found
					if err := x.SearchRoutes(&other, index.RouteQuery{Vector: q, Routes: names, Numbers: hints, PerRoute: perRoute, Matches: matches}); err != nil {
						t.Fatal(err)
					}
					if !slices.Equal(answer.Neighbours, other.Neighbours) || len(other.Matches) != matches {
						t.Fatalf("with %d matches shown: %d, and neighbours %v, want %v", matches, len(other.Matches), other.Neighbours, answer.Neighbours)
					}
				}
				if len(answer.Matches) != 3 || math.Abs(float64(answer.Matches[0].Similarity-best)) > 1e-6 {
					t.Fatalf("matches %+v, the nearest is at %v", answer.Matches, best)
				}
			}
			if allowed := total / 50; exact != 0 && wrong > allowed || exact == 0 && wrong > 0 {
				t.Errorf("%d of %d neighbours differ from a plain scan", wrong, total)
			}
		})
	}
}

func plainRoutes(entries []index.Entry, names []string, q []float32, perRoute int) []index.RouteNeighbour {
	var all []index.RouteNeighbour
	for place, name := range names {
		var own []index.RouteNeighbour
		for _, e := range entries {
			if e.Route == name {
				own = append(own, index.RouteNeighbour{Route: int32(place), Similarity: vec.Dot(e.Vector, q)})
			}
		}
		slices.SortFunc(own, func(a, b index.RouteNeighbour) int { return cmp.Compare(b.Similarity, a.Similarity) })
		all = append(all, own[:min(len(own), perRoute)]...)
	}
	return all
}

func TestSearchRoutesAllocatesNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	x, err := Open(Config{Fingerprint: "f", Dimension: 64})
	if err != nil {
		t.Fatal(err)
	}
	var entries []index.Entry
	for i := range 1000 {
		entries = append(entries, index.Entry{Key: index.Key{Route: fmt.Sprint("r", i%10), Utterance: fmt.Sprint("u", i)}, Vector: randomUnit(random, i%10, 64)})
	}
	if err := x.Replace(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
	var answer index.RouteAnswer
	q := index.RouteQuery{Vector: entries[0].Vector, Routes: []string{"r1", "r2", "r3"}, PerRoute: 8, Matches: 3}
	search := func() {
		if err := x.SearchRoutes(&answer, q); err != nil {
			t.Fatal(err)
		}
	}
	search()
	if n := testing.AllocsPerRun(100, search); n != 0 && !raceDetector {
		t.Errorf("%v allocations, want none", n)
	}
}
