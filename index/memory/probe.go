package memory

import (
	"cmp"
	"slices"
)

// probe is a list and how near its centroid is.
type probe struct {
	list  int32
	score float32
}

// probeLists scans the lists nearest to the query. It reports false, with
// nothing scanned that counts, when everything has to be.
func (st *state) probeLists(sc *scratch, k int) bool {
	l := st.base.ivf
	e, ok := l.operatingPoint(k)
	if !ok {
		return false
	}
	for _, p := range sc.nearestLists(l, e.probes) {
		sc.scan(run{segment: st.base, first: l.first[p.list]}, l.first[p.list+1]-l.first[p.list], st.deleted, nil)
	}
	return sc.top.full()
}

// nearestLists returns n lists, or more where centroids are equally near.
func (sc *scratch) nearestLists(l *invertedLists, n int) []probe {
	scores := slices.Grow(sc.listScores[:0], l.centroids.size())[:l.centroids.size()]
	sc.listScores = scores
	l.centroids.score(scores, sc.code)
	sc.topLists.reset(min(n, len(scores)))
	raise(&sc.topLists, scores)
	sc.probes = sc.probes[:0]
	for i, lowest := 0, sc.topLists.threshold(); i < len(scores); i++ {
		if scores[i] >= lowest {
			sc.probes = append(sc.probes, probe{list: int32(i), score: scores[i]})
		}
	}
	return sc.probes
}

// probeAllowed scans lists, the nearest first, for rows of some routes, until
// it has seen twice as many of those as a search for top100 matches in all
// routes would see rows: what is nearest among some lies further away.
func (st *state) probeAllowed(sc *scratch, k int, ranges []rowRange) {
	s, l := st.base, st.base.ivf
	sc.allowed = slices.Grow(sc.allowed[:0], len(s.routes))[:len(s.routes)]
	clear(sc.allowed)
	for _, rows := range ranges {
		sc.allowed[s.route(rows.first)] = true
	}
	enough := int64(s.size())
	if k <= top100 {
		enough = 2 * enough * int64(l.atTop100.probes) / int64(l.centroids.size())
	}
	probes := sc.nearestLists(l, l.centroids.size())
	slices.SortFunc(probes, func(a, b probe) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.list, b.list))
	})
	seen := int64(0)
	for _, p := range probes {
		first, end := l.first[p.list], l.first[p.list+1]
		sc.scan(run{segment: s, first: first}, end-first, st.deleted, sc.allowed)
		for _, route := range l.routes[first:end] {
			if sc.allowed[route] {
				seen++
			}
		}
		if seen >= enough && sc.top.full() {
			return
		}
	}
}
