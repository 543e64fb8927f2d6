package suggest

import (
	"math"

	"github.com/semroute/semroute/internal/vec"
)

// measurer tells what suggestions do to decisions of the stand-in.
type measurer struct {
	standIn  *standIn
	examples []example
	texts    map[string][]int // places of the examples with a text
	rows     [parts][]float32 // the vectors of a part's examples
	places   [parts][]int     // and where they are among the examples
	scores   []float32        // examples × routes
	leading  []int
	ahead    []float32 // by how much the leading route is ahead of the second
}

// newMeasurer decides all examples, whose texts stand beside them.
func newMeasurer(examples []example, texts []string, learnFrom, routes int) (*measurer, error) {
	s, err := newStandIn(examples[:learnFrom], routes)
	if err != nil {
		return nil, err
	}
	m := &measurer{
		standIn: s, examples: examples, texts: map[string][]int{},
		scores: make([]float32, len(examples)*routes), leading: make([]int, len(examples)), ahead: make([]float32, len(examples)),
	}
	for i := range examples {
		f := i % parts
		m.texts[texts[i]] = append(m.texts[texts[i]], i)
		m.rows[f], m.places[f] = append(m.rows[f], examples[i].vector...), append(m.places[f], i)
		own := m.scores[i*routes : (i+1)*routes]
		vec.DotRows(own, s.weights[f], s.dim, examples[i].vector)
		m.leading[i], m.ahead[i] = lead(own)
	}
	return m, nil
}

// lead is the place of the highest number and by how much it is ahead.
func lead(list []float32) (first int, ahead float32) {
	second := float32(math.Inf(-1))
	for i, x := range list[1:] {
		switch {
		case x > list[first]:
			first, second = i+1, list[first]
		case x > second:
			second = x
		}
	}
	return first, list[first] - second
}

// change is one more example for the stand-in: a vector that should have this
// score by route. A route beyond the last is a new one.
type change struct {
	vector []float32
	to     int
	from   int // -1, or the route that it stood under: then only this changes
	load   float32
}

// measure compares decisions before and after a change. Examples with one of the
// texts are left out.
func (m *measurer) measure(c change, without map[string]bool) Effect {
	skip := make([]bool, len(m.examples))
	for text := range without {
		for _, i := range m.texts[text] {
			skip[i] = true
		}
	}
	var e Effect
	for f := range parts {
		m.measurePart(f, c, skip, &e)
	}
	return e
}

func (m *measurer) measurePart(f int, c change, skip []bool, e *Effect) {
	s := m.standIn
	d, routes := s.dim, s.routes
	step := make([]float32, d) // what the weights move along
	vec.DotRows(step, s.inverse[f], d, c.vector)
	residual := make([]float32, routes+1) // by how much each score is to change at the vector
	scale := c.load
	if c.from < 0 {
		vec.DotRows(residual[:routes], s.weights[f], d, c.vector)
		for r := range residual {
			residual[r] = -residual[r]
		}
		residual[c.to]++
		scale /= 1 + c.load*vec.Dot(step, c.vector)
	} else {
		residual[c.to], residual[c.from] = 1, -1
	}
	widest := float32(0)
	for _, r := range residual {
		widest = max(widest, r, -r)
	}
	moved := make([]float32, len(m.places[f]))
	vec.DotRows(moved, m.rows[f], d, step)
	scores := make([]float32, routes+1)
	for k, i := range m.places[f] {
		label := m.examples[i].label
		if skip[i] || label < 0 {
			continue
		}
		e.Measured++
		before := m.leading[i]
		after, by := before, moved[k]*scale
		if c.to == routes || 2*max(by, -by)*widest >= m.ahead[i] {
			copy(scores, m.scores[i*routes:(i+1)*routes])
			scores[routes] = float32(math.Inf(-1))
			if c.to == routes {
				scores[routes] = 0
			}
			vec.Axpy(by, residual, scores)
			after, _ = lead(scores)
		}
		e.count(before == label, after == label)
	}
}

func (e *Effect) count(before, after bool) {
	if before {
		e.Before++
	}
	if after {
		e.After++
	}
	if after && !before {
		e.Gained++
	}
	if before && !after {
		e.Lost++
	}
}
