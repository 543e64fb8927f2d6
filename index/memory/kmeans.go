package memory

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"github.com/semroute/semroute/internal/vec"
)

const (
	// listsPerRoot times the square root of the rows is how many lists there
	// are. Fewer are longer to scan, more are dearer to choose from.
	listsPerRoot = 6
	// samplesPerList is how many rows the centroids are made from.
	samplesPerList = 24
	trainingRounds = 6
)

// buildBase returns the segment ready to be a base: with inverted lists when it has
// more than exactRows rows and they pay. The centroids of the base before, of
// which the rows with a list in members come, are kept until the size has
// doubled or halved.
func buildBase(s, before *segment, members []int32, exactRows int32) *segment {
	if s.size() <= exactRows {
		return s
	}
	flat := *s
	flat.exactOnly = true
	if before.exactOnly && s.size() < 2*before.size() {
		return &flat
	}
	var c centroids
	trained := s.size()
	if l := before.ivf; l != nil && s.size() < 2*l.trained && l.trained < 2*s.size() {
		c, trained = l.centroids, l.trained
	} else {
		c, members = train(s), nil
	}
	if members == nil {
		members = slices.Repeat([]int32{unassigned}, int(s.size()))
	}
	assign(s, c, members)
	out := inLists(s, c, members)
	out.ivf.trained = trained
	if !tuneProbes(s, out.ivf, members) {
		return &flat
	}
	return out
}

// unassigned is the list of a row that has none yet.
const unassigned = -1

// train finds centroids for the rows by spherical k-means on a sample.
func train(s *segment) centroids {
	count := int(listsPerRoot * math.Sqrt(float64(s.size())))
	r := seeded()
	sample := r.Perm(int(s.size()))[:min(int(s.size()), count*samplesPerList)]
	vectors := make([]float32, 0, count*s.dimension)
	for _, row := range sample[:count] {
		vectors = append(vectors, s.vector(int32(row))...)
	}
	c := newCentroids(s.dimension, vectors)
	nearest := make([]int32, len(sample))
	for range trainingRounds {
		inParallel(len(sample), func(first, end int) {
			scores := make([]float32, count)
			for i := first; i < end; i++ {
				nearest[i] = c.nearest(scores, s.code(int32(sample[i])))
			}
		})
		c = newCentroids(s.dimension, means(s, sample, nearest, count, r))
	}
	return c
}

func (c *centroids) nearest(scores []float32, code []int8) int32 {
	c.score(scores, code)
	return nearest(scores)
}

// means returns the mean direction of each list's rows. A list without rows
// gets a row at random.
func means(s *segment, sample []int, list []int32, count int, r *rand.Rand) []float32 {
	out := make([]float32, count*s.dimension)
	mean := func(i int) []float32 { return out[i*s.dimension : (i+1)*s.dimension] }
	for i, row := range sample {
		vec.Axpy(1, s.vector(int32(row)), mean(int(list[i])))
	}
	for i := range count {
		if !vec.Normalize(mean(i)) {
			copy(mean(i), s.vector(int32(sample[r.IntN(len(sample))])))
		}
	}
	return out
}

// assign gives every row without a list the list of the nearest centroid.
func assign(s *segment, c centroids, members []int32) {
	inParallel(len(members), func(first, end int) {
		scores := make([]float32, c.size())
		for row := first; row < end; row++ {
			if members[row] == unassigned {
				members[row] = c.nearest(scores, s.code(int32(row)))
			}
		}
	})
}

// inParallel splits n things among the processors.
func inParallel(n int, do func(first, end int)) {
	var all sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for i := range workers {
		all.Go(func() { do(n*i/workers, n*(i+1)/workers) })
	}
	all.Wait()
}
