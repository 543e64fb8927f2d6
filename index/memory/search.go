package memory

import (
	"slices"

	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/internal/vec"
)

// directRows is up to how many rows of chosen routes are compared in float32,
// straight from their place, where the codes are in lists.
const directRows = 8192

// search leaves the best rows in sc.best, best first.
func (st *state) search(sc *scratch, q index.Query) {
	sc.begin(q, st)
	if len(q.Routes) == 0 {
		st.scanAll(sc, q)
	} else {
		st.scanRoutes(sc, q)
	}
	sc.rank(st, q)
	st.keepMapped()
}

func (st *state) scanAll(sc *scratch, q index.Query) {
	fresh := run{segment: st.fresh, base: st.base.size()}
	sc.scan(fresh, st.fresh.size(), nil, nil)
	if st.base.lists != nil {
		if st.probeLists(sc, q.K) {
			return
		}
		sc.rewind(q.K)
		sc.scan(fresh, st.fresh.size(), nil, nil)
	}
	sc.scan(run{segment: st.base}, st.base.size(), st.dead, nil)
}

func (st *state) scanRoutes(sc *scratch, q index.Query) {
	for _, rows := range sc.routeSpans(st.fresh, q.Routes) {
		sc.scan(run{segment: st.fresh, base: st.base.size(), first: rows.first}, rows.end-rows.first, nil, nil)
	}
	spans := sc.routeSpans(st.base, q.Routes)
	if st.base.lists == nil {
		for _, rows := range spans {
			sc.scan(run{segment: st.base, first: rows.first}, rows.end-rows.first, st.dead, nil)
		}
		return
	}
	total := int32(0)
	for _, rows := range spans {
		total += rows.end - rows.first
	}
	if total > directRows {
		st.probeAllowed(sc, q.K, spans)
		return
	}
	for _, rows := range spans {
		st.compare(sc, rows, q)
	}
}

// compare ranks rows of the base by their true similarity at once.
func (st *state) compare(sc *scratch, rows span, q index.Query) {
	s := st.base
	for first := rows.first; first < rows.end; first += blockRows {
		n := min(blockRows, rows.end-first)
		similarities := sc.block[:n]
		vec.DotRows(similarities, s.vectors[int(first)*s.dimension:int(first+n)*s.dimension], s.dimension, q.Vector)
		for i, similarity := range similarities {
			row := first + int32(i)
			if similarity >= sc.best.worst() && !st.dead.has(s.position(row)) {
				sc.best.add(hit{similarity: similarity, row: row})
			}
		}
	}
}

// routeSpans returns the rows of the named routes, each route once.
func (sc *scratch) routeSpans(s *segment, routes []string) []span {
	sc.spans = sc.spans[:0]
	for _, name := range routes {
		if i, ok := s.number[name]; ok {
			sc.spans = append(sc.spans, span{s.first[i], s.first[i+1]})
		}
	}
	slices.SortFunc(sc.spans, func(a, b span) int { return int(a.first) - int(b.first) })
	sc.spans = slices.Compact(sc.spans)
	return sc.spans
}

// matches appends what the hits stand for.
func (st *state) matches(dst []index.Match, hits []hit) []index.Match {
	dst = slices.Grow(dst, len(hits))
	for _, h := range hits {
		k := st.key(h.row)
		dst = append(dst, index.Match{Route: k.Route, Utterance: k.Utterance, Similarity: max(-1, min(1, h.similarity))})
	}
	return dst
}
