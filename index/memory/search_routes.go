package memory

import (
	"cmp"
	"math"
	"slices"

	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/internal/vec"
)

// SearchRoutes finds the nearest utterances of each of a few routes. It is what
// a decision needs: rows of a route lie side by side, so it costs a fraction of
// a search over everything. It allocates nothing once the answer has grown.
//
// This is two-stage residual quantisation: rows are shortlisted by their codes (8
// bits), with room for what rounding does, and ranked again by codes and residual
// codes together (16 bits): similarities are right to about 1e-5, a
// row at the very end of a route's list may be missed for one as near, and what
// is named as a match has its float32 similarity.
func (x *Index) SearchRoutes(answer *index.RouteAnswer, q index.RouteQuery) error {
	st := x.state.Load()
	if st == nil {
		return index.ErrClosed
	}
	if err := index.CheckQuery(index.Query{Vector: q.Vector, K: q.PerRoute, Routes: q.Routes}, x.config.Dimension); err != nil {
		return err
	}
	if st.size() == 0 {
		return index.ErrEmpty
	}
	sc := x.scratch.Get().(*scratch)
	sc.quantise(q.Vector, st)
	sc.near = sc.near[:0]
	for i, name := range q.Routes {
		hint := int32(-1)
		if q.Numbers != nil {
			hint = q.Numbers[i]
		}
		st.searchRoute(sc, q, int32(i), name, hint)
	}
	st.answer(sc, answer, q)
	st.keepMapped()
	x.scratch.Put(sc)
	return nil
}

// quantise makes code and residual code of the query and settles how far a score
// by codes alone is let off: four standard deviations of the error, were those of
// the components independent. Rounding leaves a component off by a twelfth of
// its scale squared, on average.
func (sc *scratch) quantise(vector []float32, st *state) {
	sc.scale = vec.QuantizeI8(sc.code, vector)
	vec.QuantizeLowI8(sc.residualCodes, sc.code, vector, sc.scale)
	scale, residual := float64(sc.scale), float64(max(st.base.maxError, st.delta.maxError))
	sc.errorBound = float32(4 * math.Sqrt(scale*scale/12+residual*residual/float64(len(vector))))
}

// near is a row found in a route.
type near struct {
	similarity float32
	row, route int32
}

// searchRoute appends the nearest rows of one route to sc.near, best first.
func (st *state) searchRoute(sc *scratch, q index.RouteQuery, route int32, name string, hint int32) {
	from := len(sc.near)
	if i, ok := st.base.place(name, hint); ok {
		if st.base.ivf != nil {
			st.searchInLists(sc, q, route, name)
			return
		}
		sc.shortlist(st.base, rowRange{st.base.first[i], st.base.first[i+1]}, st.deleted, q.PerRoute)
		sc.rerank(st.base, 0, route, from, q.PerRoute)
	}
	if i, ok := st.delta.place(name, -1); ok {
		sc.shortlist(st.delta, rowRange{st.delta.first[i], st.delta.first[i+1]}, nil, q.PerRoute)
		sc.rerank(st.delta, st.base.size(), route, from, q.PerRoute)
	}
}

// searchInLists is searchRoute in a base whose codes do not lie by route.
func (st *state) searchInLists(sc *scratch, q index.RouteQuery, route int32, name string) {
	st.search(sc, index.Query{Vector: q.Vector, K: q.PerRoute, Routes: []string{name}})
	for _, h := range sc.best.items {
		sc.near = append(sc.near, near{h.similarity, h.row, route})
	}
}

// shortlist leaves in sc.shortlisted the rows of a range that may be among the n nearest
// by their codes.
func (sc *scratch) shortlist(s *segment, rows rowRange, deleted bitmap, n int) {
	sc.shortlisted = sc.shortlisted[:0]
	limit := float32(minScore)
	for first := rows.first; first < rows.end; first += blockRows {
		m := min(blockRows, rows.end-first)
		sums, scores := sc.sums[:m], sc.block[:m]
		vec.DotRowsI8(sums, s.codes[int(first)*s.dimension:int(first+m)*s.dimension], s.dimension, sc.code)
		vec.ScoresI8(scores, sums, s.scales[first:first+m])
		if deleted != nil {
			deleted.each(first, first+m, func(i int32) { scores[i] = excluded() })
		}
		if n <= 8 {
			limit = max(limit, vec.EighthFloor(scores)-sc.errorBound/sc.scale)
		}
		sc.places = vec.AppendReaching(sc.places[:0], scores, limit)
		for _, i := range sc.places {
			sc.shortlisted = append(sc.shortlisted, shortlisted{row: first + i, sum: sums[i]})
		}
	}
}

// minScore is below the score of every row that counts.
const minScore = -math.MaxFloat32

// shortlisted is a row that may be among the nearest, with the product of the
// codes.
type shortlisted struct{ row, sum int32 }

// rerank merges the shortlisted rows of a segment, whose first row is base, into
// sc.near from a place on, by codes and residual codes and at most n in all.
func (sc *scratch) rerank(s *segment, base, route int32, from, n int) {
	sc.places = sc.places[:0]
	for i := range sc.shortlisted {
		sc.places = append(sc.places, sc.shortlisted[i].row)
	}
	sc.residualDots = slices.Grow(sc.residualDots[:0], len(sc.places))[:len(sc.places)]
	vec.LowDotRows(sc.residualDots, vec.RowsI16{Dim: s.dimension, High: s.codes, Low: s.residualCodes}, sc.places, vec.CodeI16{High: sc.code, Low: sc.residualCodes})
	for i := range sc.shortlisted {
		c := &sc.shortlisted[i]
		similarity := sc.scale * s.scales[c.row] * (float32(c.sum) + sc.residualDots[i].Value())
		sc.insert(near{similarity: similarity, row: base + c.row, route: route}, from, n)
	}
}

// insert puts a row in its place among the n best of a route, which begin at
// from. Equal ones stand by row.
func (sc *scratch) insert(c near, from, n int) {
	list := sc.near[from:]
	switch {
	case len(list) < n:
		sc.near = append(sc.near, c)
		list = sc.near[from:]
	case c.similarity <= list[n-1].similarity: // a later row never displaces an equal one
		return
	}
	k := len(list) - 1
	for ; k > 0 && list[k-1].similarity < c.similarity; k-- {
		list[k] = list[k-1]
	}
	list[k] = c
}

// exact is how many of the nearest rows get their float32 similarity. A decision
// looks at them, so it is as many whatever number of matches a caller wants to
// see: what is shown must not change what is decided.
const exact = 3

// answer gives the rows found, and the nearest of all with their texts and
// float32 similarities.
func (st *state) answer(sc *scratch, answer *index.RouteAnswer, q index.RouteQuery) {
	sc.nameNearest(max(exact, q.Matches))
	rest := min(exact, len(sc.named))
	st.measure(sc, q, sc.named[:rest])
	answer.Neighbours = answer.Neighbours[:0]
	for i := range sc.near {
		answer.Neighbours = append(answer.Neighbours, index.RouteNeighbour{Route: sc.near[i].route, Similarity: sc.near[i].similarity})
	}
	st.measure(sc, q, sc.named[rest:])
	slices.SortStableFunc(sc.named, func(a, b int32) int { return cmp.Compare(sc.near[b].similarity, sc.near[a].similarity) })
	answer.Matches = answer.Matches[:0]
	for _, i := range sc.named[:min(q.Matches, len(sc.named))] {
		key := st.key(sc.near[i].row)
		answer.Matches = append(answer.Matches, index.Match{Route: key.Route, Utterance: key.Utterance, Similarity: sc.near[i].similarity})
	}
}

// nameNearest puts the places of the n nearest rows of all into sc.named, best
// first.
func (sc *scratch) nameNearest(n int) {
	sc.named = sc.named[:0]
	for range min(n, len(sc.near)) {
		best := -1
		for i := range sc.near {
			if (best < 0 || sc.near[i].similarity > sc.near[best].similarity) && !slices.Contains(sc.named, int32(i)) {
				best = i
			}
		}
		sc.named = append(sc.named, int32(best))
	}
}

// measure puts the similarities of rows right.
func (st *state) measure(sc *scratch, q index.RouteQuery, places []int32) {
	for _, i := range places {
		n := &sc.near[i]
		n.similarity = max(-1, min(1, vec.Dot(st.vector(n.row), q.Vector)))
	}
}
