package quality

import "math"

const (
	// maxSteps and tolerance end the solver; it needs some twenty steps.
	maxSteps  = 200
	tolerance = 1e-6
)

// weights is a linear function of a scaled description.
type weights struct {
	Bias  float64   `json:"bias"`
	Dense []float64 `json:"dense"`
	Gram  []float64 `json:"gram"`
	// shift is the value of Gram at the mean of the n-grams.
	Shift float64 `json:"shift"`
}

func newWeights(width int) *weights {
	return &weights{Dense: make([]float64, width), Gram: make([]float64, 1<<gramBits)}
}

// at is the function's value.
func (w *weights) at(d description) float64 {
	sum := w.Bias - w.Shift
	for j, x := range d.dense {
		sum += w.Dense[j] * x
	}
	for _, g := range d.grams {
		sum += w.Gram[g.bucket] * g.value
	}
	return sum
}

// problem is a ridge regression: the rows, and the n-grams' means which are
// taken off without making the rows dense.
type problem struct {
	rows     []description
	gramMean []float64
	strength float64
}

// gradient sets out to (XᵀX + strength) applied to v, for the centred rows X.
func (p *problem) gradient(v, out *weights) {
	scale(out, v, p.strength)
	shift := dot(p.gramMean, v.Gram)
	total := 0.0
	for _, row := range p.rows {
		value := -shift
		for j, x := range row.dense {
			value += v.Dense[j] * x
		}
		for _, g := range row.grams {
			value += v.Gram[g.bucket] * g.value
		}
		total += value
		row.addTo(out, value)
	}
	for b, m := range p.gramMean {
		out.Gram[b] -= total * m
	}
}

// addTo adds times the row to out.
func (d description) addTo(out *weights, times float64) {
	for j, x := range d.dense {
		out.Dense[j] += times * x
	}
	for _, g := range d.grams {
		out.Gram[g.bucket] += times * g.value
	}
}

// solve finds the ridge regression of the targets by conjugate gradients
// (Hestenes and Stiefel 1952), beginning with from, which may be nil.
func (p *problem) solve(targets []float64, from *weights) *weights {
	mean := 0.0
	for _, y := range targets {
		mean += y / float64(len(targets))
	}
	width := len(p.rows[0].dense)
	w, rest, step, image := newWeights(width), newWeights(width), newWeights(width), newWeights(width)
	total := 0.0
	for i, row := range p.rows {
		row.addTo(rest, targets[i]-mean)
		total += targets[i] - mean
	}
	for b, m := range p.gramMean {
		rest.Gram[b] -= total * m
	}
	goal := tolerance * math.Sqrt(inner(rest, rest))
	if from != nil {
		scale(w, from, 1)
		p.gradient(w, image)
		add(rest, image, -1)
	}
	scale(step, rest, 1)
	size := inner(rest, rest)
	for i := 0; i < maxSteps && math.Sqrt(size) > goal; i++ {
		p.gradient(step, image)
		length := size / inner(step, image)
		add(w, step, length)
		add(rest, image, -length)
		next := inner(rest, rest)
		blend(step, rest, next/size)
		size = next
	}
	w.Bias, w.Shift = mean, dot(p.gramMean, w.Gram)
	return w
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}

func inner(a, b *weights) float64 { return dot(a.Dense, b.Dense) + dot(a.Gram, b.Gram) }

// scale sets a to times b.
func scale(a, b *weights, times float64) {
	for i, x := range b.Dense {
		a.Dense[i] = times * x
	}
	for i, x := range b.Gram {
		a.Gram[i] = times * x
	}
}

// add adds times b to a.
func add(a, b *weights, times float64) {
	for i, x := range b.Dense {
		a.Dense[i] += times * x
	}
	for i, x := range b.Gram {
		a.Gram[i] += times * x
	}
}

// blend sets a to b plus times a.
func blend(a, b *weights, times float64) {
	for i, x := range b.Dense {
		a.Dense[i] = x + times*a.Dense[i]
	}
	for i, x := range b.Gram {
		a.Gram[i] = x + times*a.Gram[i]
	}
}
