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
	delta := run{segment: st.delta, base: st.base.size()}
	sc.scan(delta, st.delta.size(), nil, nil)
	if st.base.ivf != nil {
		if st.probeLists(sc, q.K) {
			return
		}
		sc.rewind(q.K)
		sc.scan(delta, st.delta.size(), nil, nil)
	}
	sc.scan(run{segment: st.base}, st.base.size(), st.deleted, nil)
}

func (st *state) scanRoutes(sc *scratch, q index.Query) {
	for _, rows := range sc.rangesOf(st.delta, q.Routes) {
		sc.scan(run{segment: st.delta, base: st.base.size(), first: rows.first}, rows.end-rows.first, nil, nil)
	}
	ranges := sc.rangesOf(st.base, q.Routes)
	if st.base.ivf == nil {
		for _, rows := range ranges {
			sc.scan(run{segment: st.base, first: rows.first}, rows.end-rows.first, st.deleted, nil)
		}
		return
	}
	total := int32(0)
	for _, rows := range ranges {
		total += rows.end - rows.first
	}
	if total > directRows {
		st.probeAllowed(sc, q.K, ranges)
		return
	}
	for _, rows := range ranges {
		st.compare(sc, rows, q)
	}
}

// compare ranks rows of the base by their true similarity at once.
func (st *state) compare(sc *scratch, rows rowRange, q index.Query) {
	s := st.base
	for first := rows.first; first < rows.end; first += blockRows {
		n := min(blockRows, rows.end-first)
		similarities := sc.block[:n]
		vec.DotRows(similarities, s.vectors[int(first)*s.dimension:int(first+n)*s.dimension], s.dimension, q.Vector)
		for i, similarity := range similarities {
			row := first + int32(i)
			if similarity >= sc.best.worst() && !st.deleted.has(s.position(row)) {
				sc.best.add(hit{similarity: similarity, row: row})
			}
		}
	}
}

// rangesOf returns the rows of the named routes, each route once.
func (sc *scratch) rangesOf(s *segment, routes []string) []rowRange {
	sc.ranges = sc.ranges[:0]
	for _, name := range routes {
		if i, ok := s.number[name]; ok {
			sc.ranges = append(sc.ranges, rowRange{s.first[i], s.first[i+1]})
		}
	}
	slices.SortFunc(sc.ranges, func(a, b rowRange) int { return int(a.first) - int(b.first) })
	sc.ranges = slices.Compact(sc.ranges)
	return sc.ranges
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
