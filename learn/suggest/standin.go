package suggest

import (
	"errors"
	"math"

	"github.com/semroute/semroute/internal/vec"
)

const (
	// parts is how many parts what is measured on falls into; each is decided by a
	// stand-in that has not seen it.
	parts = 4
	// ridge holds the weights back.
	ridge = 1.0
)

// standIn decides in place of the router, which takes seconds to train again
// for each suggestion: one-against-all regularised least squares on the vectors
// (Rifkin, Yeo and Poggio 2003). One more example changes it by a term of rank
// one (Sherman and Morrison 1950), so that the effect of an utterance is exact for
// the stand-in and costs no training. Examples weigh by one over the root of
// their number under their route, so that small routes are heard.
type standIn struct {
	dim, routes int
	inverse     [parts][]float32 // of the weighted, regularised scatter, dim × dim
	weights     [parts][]float32 // routes × dim
	loads       []float32        // by route, what an example weighs
}

// example is an unit vector with the number of its route, or -1.
type example struct {
	vector []float32
	label  int
}

var errSingular = errors.New("the vectors cannot be told apart")

// newStandIn learns, for each part, from the examples of all other parts; that
// of example i is i % parts. Those without a route are passed over.
func newStandIn(examples []example, routes int) (*standIn, error) {
	if len(examples) == 0 {
		return nil, errSingular
	}
	s := &standIn{dim: len(examples[0].vector), routes: routes, loads: make([]float32, routes)}
	for i := range examples {
		if examples[i].label >= 0 {
			s.loads[examples[i].label]++
		}
	}
	for r, n := range s.loads {
		s.loads[r] = float32(1 / math.Sqrt(max(1, float64(n))))
	}
	d := s.dim
	var scatter [parts][]float32
	var sums [parts][]float32
	for f := range parts {
		scatter[f], sums[f] = make([]float32, d*d), make([]float32, routes*d)
	}
	for i := range examples {
		e := &examples[i]
		if e.label < 0 {
			continue
		}
		load := s.loads[e.label]
		for a, x := range e.vector {
			if x != 0 {
				vec.Axpy(load*x, e.vector[:a+1], scatter[i%parts][a*d:a*d+a+1])
			}
		}
		vec.Axpy(load, e.vector, sums[i%parts][e.label*d:(e.label+1)*d])
	}
	for f := range parts {
		if err := s.learn(f, &scatter, &sums); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// learn fits the stand-in of part f to all other parts.
func (s *standIn) learn(f int, scatter, sums *[parts][]float32) error {
	d := s.dim
	total, right := make([]float64, d*d), make([]float32, s.routes*d)
	for other := range parts {
		if other == f {
			continue
		}
		for i, x := range scatter[other] {
			total[i] += float64(x)
		}
		vec.Axpy(1, sums[other], right)
	}
	for a := range d {
		total[a*d+a] += ridge
	}
	inverse, err := invert(total, d)
	if err != nil {
		return err
	}
	s.inverse[f], s.weights[f] = inverse, make([]float32, s.routes*d)
	for r := range s.routes {
		vec.DotRows(s.weights[f][r*d:(r+1)*d], inverse, d, right[r*d:(r+1)*d])
	}
	return nil
}

// invert inverts a symmetric positive definite matrix given by its lower half
// (Cholesky).
func invert(m []float64, d int) ([]float32, error) {
	for a := range d { // m becomes L with m = L Lᵀ
		row := m[a*d : a*d+a+1]
		for b := 0; b <= a; b++ {
			other := m[b*d : b*d+b+1]
			sum := row[b]
			for k := range b {
				sum -= row[k] * other[k]
			}
			if b < a {
				row[b] = sum / other[b]
				continue
			}
			if !(sum > 0) {
				return nil, errSingular
			}
			row[a] = math.Sqrt(sum)
		}
	}
	low := make([]float64, d*d) // column c of L⁻¹ stands in row c
	for c := range d {
		column := low[c*d : (c+1)*d]
		column[c] = 1 / m[c*d+c]
		for a := c + 1; a < d; a++ {
			sum := 0.0
			for k := c; k < a; k++ {
				sum -= m[a*d+k] * column[k]
			}
			column[a] = sum / m[a*d+a]
		}
	}
	out := make([]float32, d*d)
	for a := range d {
		for b := 0; b <= a; b++ {
			sum := 0.0
			for k := a; k < d; k++ {
				sum += low[a*d+k] * low[b*d+k]
			}
			out[a*d+b], out[b*d+a] = float32(sum), float32(sum)
		}
	}
	return out, nil
}
