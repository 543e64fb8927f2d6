package memory

import (
	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/internal/vec"
)

// spare is how many more rows of a route than wanted the 8-bit scan keeps for
// the ranking in float32: as many as rounding may have put in the wrong place.
const spare = 2

// SearchRoutes finds the nearest utterances of each of a few routes. It is what
// a decision needs: rows of a route lie side by side, so it costs a fraction of
// a search over everything. It allocates nothing once the answer has grown.
//
// Rows are chosen by their 8-bit forms with some to spare, and ranked in
// float32; a row at the very end of a route's list may be missed for one that
// is as near to within rounding.
func (x *Index) SearchRoutes(answer *vec.RouteAnswer, q vec.RouteQuery) error {
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
	sc.scale = vec.QuantizeI8(sc.code, q.Vector)
	sc.near = sc.near[:0]
	for i, name := range q.Routes {
		st.searchRoute(sc, q, int32(i), name)
	}
	answer.Neighbours = answer.Neighbours[:0]
	for _, n := range sc.near {
		answer.Neighbours = append(answer.Neighbours, vec.RouteNeighbour{Route: n.route, Similarity: n.similarity})
	}
	st.nearestOf(sc, answer, q)
	st.keepMapped()
	x.scratch.Put(sc)
	return nil
}

// near is a row found in a route.
type near struct {
	similarity float32
	row, route int32
}

// searchRoute appends the nearest rows of one route to sc.near, best first.
func (st *state) searchRoute(sc *scratch, q vec.RouteQuery, route int32, name string) {
	from := len(sc.near)
	if i, ok := st.base.number[name]; ok {
		span := span{st.base.first[i], st.base.first[i+1]}
		if st.base.lists != nil {
			st.searchListed(sc, q, route, name)
			return
		}
		sc.choose(st.base, span, 0, st.dead, q.PerRoute+spare)
	} else {
		sc.chosen = sc.chosen[:0]
	}
	if i, ok := st.fresh.number[name]; ok {
		kept := len(sc.chosen)
		sc.chooseMore(st.fresh, span{st.fresh.first[i], st.fresh.first[i+1]}, st.base.size(), nil, kept+q.PerRoute+spare)
	}
	for _, c := range sc.chosen {
		sc.near = append(sc.near, near{vec.Dot(st.vector(c.row), q.Vector), c.row, route})
	}
	sortNear(sc.near[from:])
	sc.near = sc.near[:min(len(sc.near), from+q.PerRoute)]
}

// searchListed is searchRoute in a base whose codes do not lie by route.
func (st *state) searchListed(sc *scratch, q vec.RouteQuery, route int32, name string) {
	st.search(sc, index.Query{Vector: q.Vector, K: q.PerRoute, Routes: []string{name}})
	for _, h := range sc.best.items {
		sc.near = append(sc.near, near{h.similarity, h.row, route})
	}
}

// sortNear orders rows by similarity, equal ones by row. They come ordered by
// their 8-bit scores, which is nearly the same.
func sortNear(list []near) {
	for i := 1; i < len(list); i++ {
		n := list[i]
		k := i
		for ; k > 0 && (list[k-1].similarity < n.similarity || list[k-1].similarity == n.similarity && list[k-1].row > n.row); k-- {
			list[k] = list[k-1]
		}
		list[k] = n
	}
}

// choose leaves the n rows of a span with the highest 8-bit scores in
// sc.chosen, best first.
func (sc *scratch) choose(s *segment, rows span, base int32, dead bitmap, n int) {
	sc.chosen = sc.chosen[:0]
	sc.chooseMore(s, rows, base, dead, n)
}

// chooseMore does so for those that are in sc.chosen already and the span's,
// up to n of both together.
func (sc *scratch) chooseMore(s *segment, rows span, base int32, dead bitmap, n int) {
	for first := rows.first; first < rows.end; first += blockRows {
		m := min(blockRows, rows.end-first)
		vec.DotRowsI8(sc.sums[:m], s.codes[int(first)*s.dimension:int(first+m)*s.dimension], s.dimension, sc.code)
		scores := sc.block[:m]
		vec.ScoresI8(scores, sc.sums[:m], s.scales[first:first+m])
		for i, score := range scores {
			if len(sc.chosen) == n && score <= sc.chosen[n-1].score || dead.has(first+int32(i)) {
				continue
			}
			sc.insert(candidate{row: base + first + int32(i), score: score}, n)
		}
	}
}

// insert puts a row in its place among the n best.
func (sc *scratch) insert(c candidate, n int) {
	if len(sc.chosen) < n {
		sc.chosen = append(sc.chosen, c)
	}
	k := len(sc.chosen) - 1
	for ; k > 0 && sc.chosen[k-1].score < c.score; k-- {
		sc.chosen[k] = sc.chosen[k-1]
	}
	sc.chosen[k] = c
}

// nearestOf names the nearest of all rows found.
func (st *state) nearestOf(sc *scratch, answer *vec.RouteAnswer, q vec.RouteQuery) {
	answer.Matches = answer.Matches[:0]
	for range min(q.Matches, len(sc.near)) {
		best := 0
		for i := range sc.near {
			if sc.near[i].similarity > sc.near[best].similarity {
				best = i
			}
		}
		n := &sc.near[best]
		key := st.key(n.row)
		answer.Matches = append(answer.Matches, index.Match{
			Route: key.Route, Utterance: key.Utterance, Similarity: max(-1, min(1, n.similarity)),
		})
		n.similarity = nothing()
	}
}
