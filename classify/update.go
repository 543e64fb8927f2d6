package classify

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/semroute/semroute/internal/vec"
)

// ErrNoUpdate: the model is of a kind that is not updated; Train makes another.
var ErrNoUpdate = errors.New("classify: this model cannot be updated")

// Change is what becomes of the examples of a model whose routes stay the same.
type Change struct {
	// Removed and Added are utterances of routes, in Texts, Labels and Vectors
	// alone. One that moves to another route is in both.
	Removed, Added Examples
	// None are the vectors of all examples without a route, after the change.
	None [][]float32
	// Places has, for each of the examples that the model was trained on, the
	// place that it has after the change; -1 for one that is gone. nil leaves all
	// where they were.
	Places []int32
}

// Update is a model that knows a change at once, at a cost that grows with the
// change alone: it goes on with the ascent of Train on the examples that came,
// takes back what those that went had contributed, and leaves every other
// example, the n-grams known, fusion, gate and calibration as they are. It says
// nearly what Train would, which takes thousands of times longer; whoever can
// wait trains. The same model and change give the same bytes. m stays as it is.
// The error is ErrNoUpdate or ErrBadExamples.
func (m *Model) Update(c Change, key string, seed uint64) (*Model, error) {
	if m.chosen.c == 0 { // prototypes
		return nil, ErrNoUpdate
	}
	if err := m.checkChange(&c); err != nil {
		return nil, err
	}
	next := *m
	next.key, next.mapped = key, nil
	next.none = strangers{dim: len(m.mean)}
	for _, v := range c.None[:min(len(c.None), maxNoneExamples)] {
		next.none.rows = append(next.none.rows, v...)
	}
	next.held = m.moved(c.Places)
	u := newUpdate(m, &c)
	u.takeBack(len(c.Removed.Texts))
	u.learn(len(c.Removed.Texts), seed)
	next.take(u)
	m.mapped.Keep()
	return &next, nil
}

// checkChange refuses what the model cannot have been, or be, trained on.
func (m *Model) checkChange(c *Change) error {
	for what, e := range map[string]*Examples{"removed": &c.Removed, "added": &c.Added} {
		if len(e.Labels) != len(e.Texts) || len(e.Vectors) != len(e.Texts) {
			return fmt.Errorf("%w: %d %s texts, %d labels, %d vectors", ErrBadExamples, len(e.Texts), what, len(e.Labels), len(e.Vectors))
		}
		for i, label := range e.Labels {
			if label < 0 || int(label) >= m.routes {
				return fmt.Errorf("%w: label %d of %s utterance %d, with %d routes", ErrBadExamples, label, what, i, m.routes)
			}
			if err := checkVector(e.Vectors[i], len(m.mean)); err != nil {
				return fmt.Errorf("%w: vector of %s utterance %d: %w", ErrBadExamples, what, i, err)
			}
		}
	}
	for i, v := range c.None {
		if err := checkVector(v, len(m.mean)); err != nil {
			return fmt.Errorf("%w: vector of utterance %d of no route: %w", ErrBadExamples, i, err)
		}
	}
	return nil
}

// moved are the held-out decisions with their examples where they are now.
func (m *Model) moved(places []int32) []Prediction {
	if places == nil {
		return m.held
	}
	var held []Prediction
	for _, p := range m.held {
		if int(p.Example) < len(places) && places[p.Example] >= 0 {
			p.Example = places[p.Example]
			held = append(held, p)
		}
	}
	return held
}

// update is the ascent on few examples. Its problem has the rows alone that they
// touch.
type update struct {
	*fit
	grams []uint32 // the n-gram of each row beyond the dense ones
}

// newUpdate describes the examples, the removed ones first, and unpacks the
// weights that they touch.
func newUpdate(m *Model, c *Change) *update {
	dim := len(m.mean) + 1
	p := &problem{routes: m.routes, stride: m.stride, dim: dim, rows: dim, start: []int{0}, first: firstRows(dim)}
	u := &update{}
	rows := map[uint32]uint32{}
	var buf featureBuffer
	for _, e := range []*Examples{&c.Removed, &c.Added} {
		p.labels = append(p.labels, e.Labels...)
		for i, text := range e.Texts {
			x := make([]float32, dim)
			center(x[:dim-1], e.Vectors[i], m.mean)
			x[dim-1] = biasValue
			p.dense = append(p.dense, x...)
			buf.read(m.vocab, text)
			for k, gram := range buf.ids {
				row, known := rows[gram]
				if !known {
					row = uint32(p.rows)
					rows[gram] = row
					u.grams = append(u.grams, gram)
					p.rows++
				}
				p.ids = append(p.ids, row)
				p.vals = append(p.vals, m.chosen.scale*buf.vals[k])
			}
			p.start = append(p.start, len(p.ids))
		}
	}
	p.measure()
	u.fit = &fit{
		p: p, c: m.chosen.c, weights: m.unpacked(p, u.grams), probs: make([]float32, p.stride),
		routes: make([]int32, 0, p.routes), moves: make([]float32, 0, p.routes),
	}
	return u
}

// unpacked are the dense weights and those of some n-grams, as newModel had them.
func (m *Model) unpacked(p *problem, grams []uint32) []float32 {
	weights := make([]float32, p.rows*p.stride)
	dim := p.dim - 1
	for r := range m.routes {
		for j, b := range m.dense[r*dim : (r+1)*dim] {
			weights[j*p.stride+r] = m.denseScales[r] * float32(b)
		}
		weights[dim*p.stride+r] = m.bias[r] / biasValue
	}
	for k, g := range grams {
		row := weights[(p.dim+k)*p.stride : (p.dim+k+1)*p.stride]
		scale := m.scales[g] / m.chosen.scale
		for r, b := range m.weights[int(g)*p.stride : (int(g)+1)*p.stride] {
			row[r] = scale * float32(b)
		}
	}
	return weights
}

// takeBack takes the first n examples out of the weights. At the end of an ascent
// the dual of an example is its label less the probabilities that the weights
// give it.
func (u *update) takeBack(n int) {
	duals := make([]float32, n*u.p.routes)
	for i := range n {
		u.predict(i)
		own := duals[i*u.p.routes : (i+1)*u.p.routes]
		for k := range own {
			own[k] = -u.probs[k]
		}
		own[u.p.labels[i]]++
	}
	for i := range n {
		u.routes, u.moves = u.routes[:0], u.moves[:0]
		for k, dual := range duals[i*u.p.routes : (i+1)*u.p.routes] {
			if max(dual, -dual) > negligible {
				u.routes, u.moves = append(u.routes, int32(k)), append(u.moves, -u.c*dual)
			}
		}
		u.update(i)
	}
}

// learn learns the examples from the one at from on, whose duals are still 0.
func (u *update) learn(from int, seed uint64) {
	n := len(u.p.labels) - from
	u.duals = make([]float32, n*u.p.routes)
	rng := rand.New(rand.NewPCG(seed, 0x5eed))
	for range passes {
		for _, k := range rng.Perm(n) {
			u.visit(from+k, u.duals[k*u.p.routes:(k+1)*u.p.routes])
		}
	}
}

// take packs the weights of an update into a model that shares its own with
// another one.
func (m *Model) take(u *update) {
	dim, stride := u.p.dim-1, u.p.stride
	m.dense, m.denseScales, m.bias = make([]int8, len(m.dense)), make([]float32, m.routes), make([]float32, m.routes)
	turned := make([]float32, dim)
	for r := range m.routes {
		for j := range turned {
			turned[j] = u.weights[j*stride+r]
		}
		m.denseScales[r] = vec.QuantizeI8(m.dense[r*dim:(r+1)*dim], turned)
		m.bias[r] = biasValue * u.weights[dim*stride+r]
	}
	m.weights, m.scales = append([]int8(nil), m.weights...), append([]float32(nil), m.scales...)
	for k, g := range u.grams {
		row := u.weights[(u.p.dim+k)*stride : (u.p.dim+k+1)*stride]
		m.scales[g] = m.chosen.scale * vec.QuantizeI8(m.weights[int(g)*stride:(int(g)+1)*stride], row)
	}
}
