package classify

import (
	"slices"

	"github.com/semroute/semroute/internal/vec"
)

// Neighbour is an utterance near the prompt: the route it belongs to and the
// cosine similarity, -1 to 1.
type Neighbour struct {
	Route      int32
	Similarity float32
}

// nearest keeps the highest similarities of one route, best first.
type nearest struct {
	n   int
	sim [NeighboursPerRoute]float32
}

func (t *nearest) add(sim float32) {
	if t.n == len(t.sim) && sim <= t.sim[t.n-1] {
		return
	}
	if t.n < len(t.sim) {
		t.n++
	}
	i := t.n - 1
	for ; i > 0 && t.sim[i-1] < sim; i-- {
		t.sim[i] = t.sim[i-1]
	}
	t.sim[i] = sim
}

// mean is the mean of the k best, or of all if there are fewer; 0 without any.
func (t *nearest) mean(k int) float32 {
	k = min(k, t.n)
	if k == 0 {
		return 0
	}
	var sum float32
	for _, s := range t.sim[:k] {
		sum += s
	}
	return sum / float32(k)
}

// maxPerRoute bounds how many utterances of a route training compares with.
const maxPerRoute = 2000

// groups holds the vectors of the examples, those of one route side by side. It
// is immutable and safe for concurrent use.
type groups struct {
	dim   int
	start []int     // routes + 1
	rows  []float32 // utterances × dim
	place []int     // of each example in rows; -1 if it is not there
}

// newGroups takes the examples of each route in the order given, so that a
// shuffled order makes the bound fair.
func newGroups(e *Examples, order []int) *groups {
	dim := len(e.Vectors[0])
	members := make([][]int, len(e.Routes))
	for _, i := range order {
		if r := e.Labels[i]; r != None && len(members[r]) < maxPerRoute {
			members[r] = append(members[r], i)
		}
	}
	g := &groups{dim: dim, start: make([]int, 1, len(e.Routes)+1), place: slices.Repeat([]int{-1}, len(e.Texts))}
	at := 0
	for _, list := range members {
		for _, i := range list {
			g.place[i] = at
			g.rows = append(g.rows, e.Vectors[i]...)
			at++
		}
		g.start = append(g.start, at)
	}
	return g
}

// find returns the nearest utterances of a route to vector, without the one at
// place self. buf is grown as needed.
func (g *groups) find(route int32, vector []float32, self int, buf *[]float32) nearest {
	a, b := g.start[route], g.start[route+1]
	if cap(*buf) < b-a {
		*buf = make([]float32, b-a)
	}
	sims := (*buf)[:b-a]
	vec.DotRows(sims, g.rows[a*g.dim:b*g.dim], g.dim, vector)
	var t nearest
	for i, s := range sims {
		if a+i != self {
			t.add(s)
		}
	}
	return t
}
