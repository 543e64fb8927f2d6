package memory

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/internal/vec"
)

const (
	// tuningQueries is how many rows the lists are tried on.
	tuningQueries = 256
	// wantedRecall is the share of the nearest neighbours that must be found.
	// What is promised is 0.99; the rest is for the error of a sample.
	wantedRecall = 0.993
	// noiseLength is the length of the noise that turns a row into a query
	// that the lists have not seen: its cosine to the row is then about 0.75, as
	// far as prompts usually are from the nearest utterance.
	noiseLength = 0.9
	// probeMargin is how many times the lists that the sample needed are searched:
	// prompts are not rows with noise, and a list costs little.
	probeMargin = 3
	// maxProbeShare is the largest share of the lists that the sample may need for
	// lists to beat an exact scan.
	maxProbeShare = 0.25
)

// tuneProbes makes queries of a sample of the rows, finds their exact neighbours
// in the flat segment, and sets how many lists have to be searched to find
// them. It reports false when these are so many that lists do not pay.
func tuneProbes(flat *segment, l *invertedLists, members []int32) bool {
	st := &state{base: flat, delta: emptySegment(flat.dimension)}
	r := seeded()
	rows := r.Perm(int(flat.size()))[:min(int(flat.size()), tuningQueries)]
	queries := make([][]float32, len(rows))
	for i, row := range rows {
		queries[i] = perturbed(flat.vector(int32(row)), r)
	}
	needed := make([][]int, len(rows))
	inParallel(len(rows), func(first, end int) {
		sc := newScratch(flat.dimension)
		for i := first; i < end; i++ {
			needed[i] = st.probesToNeighbours(sc, l, members, queries[i], int32(rows[i]))
		}
	})
	var near, all []int
	for _, n := range needed {
		near = append(near, n[:min(top10, len(n))]...)
		all = append(all, n...)
	}
	l.atTop10, l.atTop100 = operatingPointFor(near, l.centroids.size()), operatingPointFor(all, l.centroids.size())
	return float64(l.atTop10.probes) <= probeMargin*maxProbeShare*float64(l.centroids.size())
}

// perturbed returns the unit vector of v plus noise.
func perturbed(v []float32, r *rand.Rand) []float32 {
	out := slices.Clone(v)
	per := noiseLength / math.Sqrt(float64(len(v)))
	for i := range out {
		out[i] += float32(r.NormFloat64() * per)
	}
	vec.Normalize(out)
	return out
}

// probesToNeighbours tells, for each of the exact neighbours of a query made of
// a row, the nearest first, how many lists a search must look into to find it.
func (st *state) probesToNeighbours(sc *scratch, l *invertedLists, members []int32, query []float32, row int32) []int {
	st.search(sc, index.Query{Vector: query, K: top100 + 1})
	scores := make([]float32, l.centroids.size())
	l.centroids.score(scores, sc.code)
	var needed []int
	for _, h := range sc.best.items {
		if h.row == row {
			continue // it would be easy to find
		}
		before := 0
		for _, score := range scores {
			if score >= scores[members[h.row]] {
				before++
			}
		}
		needed = append(needed, before)
	}
	return needed
}

// operatingPointFor returns the fewest probes that find the wanted share.
func operatingPointFor(needed []int, lists int) operatingPoint {
	if len(needed) == 0 {
		return operatingPoint{probes: 1, recall: 1}
	}
	slices.Sort(needed)
	at := min(len(needed)-1, int(wantedRecall*float64(len(needed))))
	e := operatingPoint{probes: min(lists, probeMargin*needed[at])}
	found, _ := slices.BinarySearch(needed, e.probes+1)
	e.recall = float64(found) / float64(len(needed))
	return e
}
