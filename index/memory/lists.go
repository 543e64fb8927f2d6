package memory

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"sort"

	"github.com/semroute/semroute/internal/vec"
)

// lists divide a segment's rows among centroids, each row with the nearest. A
// search looks into the lists whose centroids are nearest to the query. How
// many these must be was measured against exact answers when the lists were
// made.
type lists struct {
	centroids centroids
	first     []int32 // first[i] is the first position of list i; one more at the end
	rows      []int32 // by position
	positions []int32 // by row
	routes    []int32 // by position: the place of the row's route
	trained   int32   // how many rows the centroids were made from
	narrow    effort  // for K up to narrowK
	wide      effort  // for K up to wideK
}

// effort is how many lists are searched, and the share of the nearest
// neighbours that this found when it was measured.
type effort struct {
	probes int
	recall float64
}

// Beyond wideK a search scans everything.
const (
	narrowK = 10
	wideK   = 100
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
	best, top := 0, nothing()
	for i := 0; ; i++ {
		i += vec.FirstAbove(scores[i:], top)
		if i == len(scores) {
			return int32(best)
		}
		best, top = i, scores[i]
	}
}

// listed returns the segment with its codes in lists; members is the list of
// each row.
func listed(s *segment, c centroids, members []int32) *segment {
	out := *s
	l := &lists{
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
	out.low = nil
	out.codes, out.scales, out.lists = newCodes(len(s.codes)), make([]float32, len(s.scales)), l
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

// unlisted returns the segment with its codes in the order of rows.
func (s *segment) unlisted() *segment {
	if s.lists == nil {
		return s
	}
	out := *s
	out.lists = nil
	out.codes, out.scales = make([]int8, len(s.codes)), make([]float32, len(s.scales))
	for row := range s.size() {
		copy(out.code(row), s.code(s.position(row)))
		out.scales[row] = s.scales[s.position(row)]
	}
	return &out
}

// of returns the list of a position.
func (l *lists) of(position int32) int32 {
	return int32(sort.Search(l.centroids.size(), func(i int) bool { return l.first[i+1] > position }))
}

// probe is a list and how near its centroid is.
type probe struct {
	list  int32
	score float32
}

// effort is what a search for k matches takes; false means to scan everything.
func (l *lists) effort(k int) (effort, bool) {
	switch {
	case k <= narrowK:
		return l.narrow, true
	case k <= wideK:
		return l.wide, true
	default:
		return effort{}, false
	}
}

// probeLists scans the lists nearest to the query. It reports false, with
// nothing scanned that counts, when everything has to be.
func (st *state) probeLists(sc *scratch, k int) bool {
	l := st.base.lists
	e, ok := l.effort(k)
	if !ok {
		return false
	}
	for _, p := range sc.nearestLists(l, e.probes) {
		sc.scan(run{segment: st.base, first: l.first[p.list]}, l.first[p.list+1]-l.first[p.list], st.dead, nil)
	}
	return sc.floor.full()
}

// nearestLists returns n lists, or more where centroids are equally near.
func (sc *scratch) nearestLists(l *lists, n int) []probe {
	scores := slices.Grow(sc.listScores[:0], l.centroids.size())[:l.centroids.size()]
	sc.listScores = scores
	l.centroids.score(scores, sc.code)
	sc.listFloor.reset(min(n, len(scores)))
	raise(&sc.listFloor, scores)
	sc.probes = sc.probes[:0]
	for i, lowest := 0, sc.listFloor.lowest(); i < len(scores); i++ {
		if scores[i] >= lowest {
			sc.probes = append(sc.probes, probe{list: int32(i), score: scores[i]})
		}
	}
	return sc.probes
}

// probeAllowed scans lists, the nearest first, for rows of some routes, until
// it has seen twice as many of those as a search for wideK matches in all
// routes would see rows: what is nearest among some lies further away.
func (st *state) probeAllowed(sc *scratch, k int, spans []span) {
	s, l := st.base, st.base.lists
	sc.allowed = slices.Grow(sc.allowed[:0], len(s.routes))[:len(s.routes)]
	clear(sc.allowed)
	for _, rows := range spans {
		sc.allowed[s.route(rows.first)] = true
	}
	enough := int64(s.size())
	if k <= wideK {
		enough = 2 * enough * int64(l.wide.probes) / int64(l.centroids.size())
	}
	probes := sc.nearestLists(l, l.centroids.size())
	slices.SortFunc(probes, func(a, b probe) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.list, b.list))
	})
	seen := int64(0)
	for _, p := range probes {
		first, end := l.first[p.list], l.first[p.list+1]
		sc.scan(run{segment: s, first: first}, end-first, st.dead, sc.allowed)
		for _, route := range l.routes[first:end] {
			if sc.allowed[route] {
				seen++
			}
		}
		if seen >= enough && sc.floor.full() {
			return
		}
	}
}

// seeded is a source of numbers that are the same in every build, so that the
// same entries give the same lists.
func seeded() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }
