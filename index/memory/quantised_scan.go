package memory

import (
	"math"

	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/internal/vec"
)

const (
	// blockRows is how many rows are scored at a time.
	blockRows = 256
	// rounding is more than what float32 arithmetic adds to the error of a
	// similarity.
	rounding = 1e-5
	// longest is the greatest length of a vector that counts as a unit vector.
	longest = 1.001
)

// scratch is what one search needs; it is reused by the next.
type scratch struct {
	code       []int8 // the query in 8 bits
	scale      float32
	errorBound float32 // how far scale*score can be from the similarity
	sums       [blockRows]int32
	block      [blockRows]float32
	scores     []float32 // of all that was scanned, run after run
	runs       []run
	top        topScores // of the scores
	candidates []candidate
	best       topHits
	ranges     []rowRange
	probes     []probe
	allowed    []bool // by route
	listScores []float32
	topLists   topScores

	// Of SearchRoutes.
	residualCodes []int8 // of the query
	near          []near
	shortlisted   []shortlisted // rows of one segment
	residualDots  []vec.LowDot  // beside shortlisted: what the residual codes add
	places        []int32
	named         []int32 // places in near
}

// run is a scanned stretch of a segment's codes.
type run struct {
	segment *segment
	base    int32 // what to add to its rows
	first   int32 // position
	scores  []float32
}

// candidate is a row that may be among the best. Its score is its similarity
// by the 8-bit forms, in units of the query's scale.
type candidate struct {
	row   int32
	score float32
}

// rowRange is the rows from first up to, not including, end.
type rowRange struct{ first, end int32 }

func newScratch(dimension int) *scratch {
	return &scratch{code: make([]int8, dimension), residualCodes: make([]int8, dimension)}
}

// begin prepares for one query.
func (sc *scratch) begin(q index.Query, st *state) {
	sc.scale = vec.QuantizeI8(sc.code, q.Vector)
	lost := vec.ResidualI8(q.Vector, sc.code, sc.scale)
	// |q·x - q̂·x̂| = |(q-q̂)·x + q̂·(x-x̂)| ≤ |q-q̂||x| + |q̂||x-x̂|
	residual := max(st.base.maxError, st.delta.maxError)
	sc.errorBound = lost*longest + (longest+lost)*residual + rounding
	sc.best.reset(st, q.K)
	sc.rewind(q.K)
}

// rewind forgets what was scanned.
func (sc *scratch) rewind(k int) {
	sc.runs, sc.scores, sc.candidates = sc.runs[:0], sc.scores[:0], sc.candidates[:0]
	sc.top.reset(k)
}

// room returns space for n more scores. Runs keep the space they have when
// more is allocated.
func (sc *scratch) room(n int) []float32 {
	if cap(sc.scores)-len(sc.scores) < n {
		sc.scores = make([]float32, 0, max(n, 2*cap(sc.scores)))
	}
	at := len(sc.scores)
	sc.scores = sc.scores[:at+n]
	return sc.scores[at:]
}

// scan scores the codes of a stretch of positions. Dead ones, and those of
// other routes where only some are allowed, get a score that nothing is below.
func (sc *scratch) scan(r run, n int32, deleted bitmap, allowed []bool) {
	r.scores = sc.room(int(n))
	s := r.segment
	for at := int32(0); at < n; at += blockRows {
		m := min(blockRows, n-at)
		first := r.first + at
		scores := r.scores[at : at+m]
		vec.DotRowsI8(sc.sums[:m], s.codes[int(first)*s.dimension:int(first+m)*s.dimension], s.dimension, sc.code)
		vec.ScoresI8(scores, sc.sums[:m], s.scales[first:first+m])
		if deleted != nil {
			deleted.each(first, first+m, func(i int32) { scores[i] = excluded() })
		}
		if allowed != nil {
			for i, route := range s.ivf.routes[first : first+m] {
				if !allowed[route] {
					scores[i] = excluded()
				}
			}
		}
		raise(&sc.top, scores)
	}
	sc.runs = append(sc.runs, r)
}

// raise notes the scores above the threshold, which they raise.
func raise(f *topScores, scores []float32) {
	for i := 0; ; i++ {
		i += vec.FirstAbove(scores[i:], f.threshold())
		if i == len(scores) {
			return
		}
		f.add(scores[i])
	}
}

// collect gathers, once all is scanned, the rows that may be among the best: a
// score can be off by as much as the K-th best one is, the other way.
func (sc *scratch) collect() {
	limit := sc.top.threshold() - 2*sc.errorBound/sc.scale
	limit = math.Nextafter32(limit, excluded()) // the limit itself still counts
	for _, r := range sc.runs {
		for i := 0; ; i++ {
			i += vec.FirstAbove(r.scores[i:], limit)
			if i == len(r.scores) {
				break
			}
			row := r.base + r.segment.row(r.first+int32(i))
			sc.candidates = append(sc.candidates, candidate{row: row, score: r.scores[i]})
		}
	}
}

// rank computes the similarity of the candidates and keeps the best. Those
// with the K highest scores come first: what they reach spares most others.
func (sc *scratch) rank(st *state, q index.Query) {
	sc.collect()
	clear(sc.runs) // a pooled scratch must not hold on to a state
	threshold := sc.top.threshold()
	for _, c := range sc.candidates {
		if c.score >= threshold {
			sc.best.add(hit{similarity: vec.Dot(st.vector(c.row), q.Vector), row: c.row})
		}
	}
	for _, c := range sc.candidates {
		if c.score < threshold && sc.scale*c.score+sc.errorBound >= sc.best.worst() {
			sc.best.add(hit{similarity: vec.Dot(st.vector(c.row), q.Vector), row: c.row})
		}
	}
	sc.best.sort()
}

// excluded is the score of a row that does not count.
func excluded() float32 { return float32(math.Inf(-1)) }
