package memory

import (
	"math/rand/v2"
	"slices"
	"sort"

	"github.com/semroute/semroute/internal/vec"
)

// invertedLists divide a segment's rows among centroids, each row with the
// nearest (IVF: an inverted file). A search probes the lists whose centroids are
// nearest to the query. How many probes it takes was measured against exact
// answers when the lists were made.
type invertedLists struct {
	centroids centroids
	first     []int32        // first[i] is the first position of list i; one more at the end
	rows      []int32        // by position
	positions []int32        // by row
	routes    []int32        // by position: the place of the row's route
	trained   int32          // how many rows the centroids were made from
	atTop10   operatingPoint // for K up to top10
	atTop100  operatingPoint // for K up to top100
}

// operatingPoint is how many lists are probed, and the recall that this had when
// it was measured: the share of the nearest neighbours that was found.
type operatingPoint struct {
	probes int
	recall float64
}

// Beyond top100 a search scans everything.
const (
	top10  = 10
	top100 = 100
)

// centroids are unit vectors with their 8-bit form.
type centroids struct {
	dimension int
	vectors   []float32
	codes     []int8
	scales    []float32
}

func newCentroids(dimension int, vectors []float32) centroids {
	n := len(vectors) / dimension
	c := centroids{dimension: dimension, vectors: vectors, codes: make([]int8, len(vectors)), scales: make([]float32, n)}
	for i := range n {
		c.scales[i] = vec.QuantizeI8(c.codes[i*dimension:(i+1)*dimension], vectors[i*dimension:(i+1)*dimension])
	}
	return c
}

func (c *centroids) size() int { return len(c.scales) }

// score stores in dst how near each centroid is to a code.
func (c *centroids) score(dst []float32, code []int8) {
	var sums [blockRows]int32
	for first := 0; first < len(dst); first += blockRows {
		n := min(blockRows, len(dst)-first)
		vec.DotRowsI8(sums[:n], c.codes[first*c.dimension:(first+n)*c.dimension], c.dimension, code)
		vec.ScoresI8(dst[first:first+n], sums[:n], c.scales[first:first+n])
	}
}

// nearest returns the best of the scores.
func nearest(scores []float32) int32 {
	best, top := 0, excluded()
	for i := 0; ; i++ {
		i += vec.FirstAbove(scores[i:], top)
		if i == len(scores) {
			return int32(best)
		}
		best, top = i, scores[i]
	}
}

// inLists returns the segment with its codes in inverted lists; members is the list of
// each row.
func inLists(s *segment, c centroids, members []int32) *segment {
	out := *s
	l := &invertedLists{
		centroids: c,
		first:     make([]int32, c.size()+1),
		rows:      make([]int32, s.size()),
		positions: make([]int32, s.size()),
		routes:    make([]int32, s.size()),
		trained:   s.size(),
	}
	for _, list := range members {
		l.first[list+1]++
	}
	for i := range c.size() {
		l.first[i+1] += l.first[i]
	}
	next := slices.Clone(l.first)
	out.residualCodes = nil
	out.codes, out.scales, out.ivf = newCodes(len(s.codes)), make([]float32, len(s.scales)), l
	for route := range s.routes {
		for row := s.first[route]; row < s.first[route+1]; row++ {
			position := next[members[row]]
			next[members[row]]++
			l.rows[position], l.positions[row], l.routes[position] = row, position, int32(route)
			copy(out.code(position), s.code(row))
			out.scales[position] = s.scales[row]
		}
	}
	return &out
}

// flattened returns the segment with its codes in the order of rows.
func (s *segment) flattened() *segment {
	if s.ivf == nil {
		return s
	}
	out := *s
	out.ivf = nil
	out.codes, out.scales = make([]int8, len(s.codes)), make([]float32, len(s.scales))
	for row := range s.size() {
		copy(out.code(row), s.code(s.position(row)))
		out.scales[row] = s.scales[s.position(row)]
	}
	return &out
}

// of returns the list of a position.
func (l *invertedLists) of(position int32) int32 {
	return int32(sort.Search(l.centroids.size(), func(i int) bool { return l.first[i+1] > position }))
}

// operatingPoint is what a search for k matches takes; false means to scan everything.
func (l *invertedLists) operatingPoint(k int) (operatingPoint, bool) {
	switch {
	case k <= top10:
		return l.atTop10, true
	case k <= top100:
		return l.atTop100, true
	default:
		return operatingPoint{}, false
	}
}

// seeded is a source of numbers that are the same in every build, so that the
// same entries give the same lists.
func seeded() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }
