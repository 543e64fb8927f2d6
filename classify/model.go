package classify

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/semroute/semroute/internal/mapped"
	"github.com/semroute/semroute/internal/vec"
)

// ErrVector is the error of Score for a vector that cannot be a prompt's.
var ErrVector = errors.New("classify: bad vector")

// Model is a trained classifier with its calibration. It is immutable and safe
// for concurrent use; every goroutine brings its own Scratch.
type Model struct {
	routes, stride int
	mean           []float32
	vocab          *vocabulary
	dense          []int8    // routes × dimension: the weights of the vector
	denseScales    []float32 // of each route: weight = scale × byte
	bias           []float32 // of each route
	weights        []int8    // n-grams × stride
	scales         []float32 // of each n-gram

	none        strangers
	foreign     strangers // of the background
	fusion      fusion
	gate        gate
	calibration calibration
	thresholds  Thresholds
	chosen      settings
	held        []Prediction
	key         string
	mapped      *mapped.Memory // holds dense and weights; nil when Go does
}

// Scratch is the working memory of one query at a time.
type Scratch struct {
	features featureBuffer
	centered []float32
	query    []int8  // centered, a byte each
	sums     []int32 // of each route
	logits   []float32
	leaders  [Leaders]Leader
	n        int
	near     [Leaders]nearest
	evidence evidence
	sims     []float32 // one number a stranger
	verdict  Verdict
}

// Verdict is the decision on a prompt.
type Verdict struct {
	// Route is the most probable route; None only if nothing was scored.
	Route int32
	// Confidence is the calibrated probability that Route is right, in 0 … 1. It
	// is low for prompts that belong nowhere.
	Confidence float32
	// Margin is Confidence less the probability of the second candidate.
	Margin float32
	// Known is the probability that the prompt belongs to any route at all.
	Known float32
	// Similarity is the highest of all neighbours given.
	Similarity float32
	// NearestNone is the similarity of the nearest example without a route, -1
	// without any.
	NearestNone float32
	// Candidates are the N leading routes, most probable first. The
	// probabilities sum to at most 1; the rest is that of no route.
	Candidates [Leaders]Candidate
	N          int
}

// Candidate is a route with its probability, raw logit and highest similarity.
type Candidate struct {
	Route                          int32
	Probability, Logit, Similarity float32
}

// newModel packs trained weights: a byte each, with a scale for each route of
// the dense part (turned, so that a route is one dot product) and for each row of
// the sparse part.
func newModel(t *trainer, weights []float32, s settings) *Model {
	p := t.problem
	dim := len(t.mean)
	m := &Model{
		routes: p.routes, stride: p.stride, mean: t.mean, vocab: t.vocab, chosen: s, none: t.none, foreign: t.foreign, key: t.config.Key,
		dense: make([]int8, p.routes*dim), denseScales: make([]float32, p.routes), bias: make([]float32, p.routes),
		weights: make([]int8, len(weights)-p.dim*p.stride), scales: make([]float32, p.rows-p.dim),
	}
	turned := make([]float32, dim)
	for r := range p.routes {
		for j := range turned {
			turned[j] = weights[j*p.stride+r]
		}
		m.denseScales[r] = vec.QuantizeI8(m.dense[r*dim:(r+1)*dim], turned)
		m.bias[r] = biasValue * weights[dim*p.stride+r]
	}
	for g := range m.scales {
		row := weights[(p.dim+g)*p.stride : (p.dim+g+1)*p.stride]
		m.scales[g] = s.scale * vec.QuantizeI8(m.weights[g*p.stride:(g+1)*p.stride], row)
	}
	return m
}

// NewScratch makes working memory for this model.
func (m *Model) NewScratch() *Scratch {
	return &Scratch{
		features: featureBuffer{counts: make([]uint8, len(m.vocab.hashes))},
		centered: make([]float32, len(m.mean)),
		query:    make([]int8, len(m.mean)),
		sums:     make([]int32, m.routes),
		logits:   make([]float32, m.stride),
		sims:     make([]float32, max(m.none.count(), m.foreign.count())),
	}
}

// Key is that of the Config it was trained with.
func (m *Model) Key() string { return m.key }

// Routes is the number of routes the model tells apart.
func (m *Model) Routes() int { return m.routes }

// Dimension is that of the vectors it expects.
func (m *Model) Dimension() int { return len(m.mean) }

// HeldOut returns the decisions on training examples by models that had not
// seen them, in the order of the examples, those without a route last. Read
// only.
func (m *Model) HeldOut() []Prediction { return m.held }

// Score ranks the routes for a prompt and its vector and returns the leading
// ones, at most Leaders, best first; the slice is s's until its next use. The
// error is ErrVector. s must come from this model's NewScratch.
func (m *Model) Score(s *Scratch, text string, vector []float32) ([]Leader, error) {
	s.n = 0
	if len(vector) != len(m.mean) {
		return nil, fmt.Errorf("%w: dimension %d, want %d", ErrVector, len(vector), len(m.mean))
	}
	scale, ok := s.center(vector, m.mean)
	if !ok {
		return nil, fmt.Errorf("%w: not finite", ErrVector)
	}
	s.evidence.nearestNone = m.none.nearest(vector, s.sims)
	s.evidence.nearestForeign = m.foreign.nearest(vector, s.sims)
	vec.DotRowsI8(s.sums, m.dense, len(m.mean), s.query)
	for r, sum := range s.sums {
		s.logits[r] = m.bias[r] + scale*m.denseScales[r]*float32(sum)
	}
	clear(s.logits[m.routes:])
	f := &s.features
	f.read(m.vocab, text)
	for i, id := range f.ids {
		f.vals[i] *= m.scales[id]
	}
	vec.SumRowsI8(s.logits, m.weights, f.ids, f.vals)
	m.mapped.Keep()
	s.n = lead(&s.leaders, s.logits[:m.routes])
	return s.leaders[:s.n], nil
}

// center is the query's form of center: it leaves the bytes of vector - mean in
// s.query and returns what makes them a unit vector; false when vector is not
// finite.
func (s *Scratch) center(vector, mean []float32) (scale float32, ok bool) {
	copy(s.centered, vector)
	vec.Axpy(-1, mean, s.centered)
	square := float64(vec.Dot(s.centered, s.centered))
	switch {
	case math.IsNaN(square) || math.IsInf(square, 0):
		return 0, false
	case square < nothingLeft:
		clear(s.query)
		return 0, true
	}
	return vec.QuantizeI8(s.query, s.centered) / float32(math.Sqrt(square)), true
}

// Logits are the raw logits of the last Score, one a route. Read only.
func (m *Model) Logits(s *Scratch) []float32 { return s.logits[:m.routes] }

// Confidence completes the last Score by the neighbours found within its
// leading routes: ideally the NeighboursPerRoute nearest of each. Neighbours of
// other routes are ignored. The verdict is s's until its next use.
func (m *Model) Confidence(s *Scratch, neighbours []Neighbour) *Verdict {
	var places [Leaders]int32
	lowest := float32(1)
	for i := range s.n {
		s.near[i].n = 0
		places[i] = s.leaders[i].Route
	}
	place := 0 // neighbours of a route usually come one after the other
	for _, nb := range neighbours {
		if place >= s.n || places[place] != nb.Route {
			if place = slices.Index(places[:s.n], nb.Route); place < 0 {
				place = s.n
				continue
			}
		}
		if !math.IsNaN(float64(nb.Similarity)) {
			near := &s.near[place]
			near.add(min(1, max(-1, nb.Similarity)))
			lowest = min(lowest, near.sim[near.n-1])
		}
	}
	s.evidence.n = s.n
	for i := range s.n {
		if s.near[i].n == 0 && len(neighbours) > 0 {
			// Nothing of this route came within the search's reach.
			s.near[i].add(lowest)
		}
		s.evidence.set(i, s.leaders[i], &s.near[i])
	}
	m.decide(&s.verdict, &s.evidence)
	return &s.verdict
}

// decide turns evidence into a verdict.
func (m *Model) decide(v *Verdict, e *evidence) {
	*v = Verdict{Route: None}
	if e.n == 0 {
		return
	}
	o := m.fusion.judge(e)
	confidence := m.calibration.confidence(joint(o.odds, m.gate.logOdds(&o)))
	v.N = e.n
	v.Known = float32(m.gate.known(&o))
	v.Similarity, v.NearestNone = float32(o.nearest), float32(o.nearestNone)
	// The others keep their proportions. What the leader lost by calibration
	// belongs to no route, what it gained is taken from them.
	share := confidence / o.prob[o.best]
	if share > 1 {
		share = (1 - confidence) / max(1-o.prob[o.best], 1e-12)
		share = min(share, 1)
	}
	for i := range e.n {
		p := o.prob[i] * share
		if i == o.best {
			p = confidence
		}
		c := Candidate{e.routes[i], float32(p), e.x[i][0], e.x[i][1]}
		k := i
		for ; k > 0 && v.Candidates[k-1].Probability < c.Probability; k-- {
			v.Candidates[k] = v.Candidates[k-1]
		}
		v.Candidates[k] = c
	}
	v.toFront(e.routes[o.best])
	v.Route, v.Confidence = v.Candidates[0].Route, v.Candidates[0].Probability
	v.Margin = v.Confidence
	if v.N > 1 {
		v.Margin -= v.Candidates[1].Probability
	}
}

// toFront puts the decided route first, where rounding left a tie.
func (v *Verdict) toFront(route int32) {
	for i := range v.N {
		if v.Candidates[i].Route == route {
			c := v.Candidates[i]
			copy(v.Candidates[1:i+1], v.Candidates[:i])
			v.Candidates[0] = c
			return
		}
	}
}
