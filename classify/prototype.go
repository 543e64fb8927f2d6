package classify

import (
	"context"

	"github.com/semroute/semroute/internal/vec"
)

// prototypeScale makes a logit of a cosine.
const prototypeScale = 10

// maxPrototypeHeld bounds the examples that calibrate prototypes.
const maxPrototypeHeld = 4000

// prototypes trains by the mean vector of each route alone (Rocchio 1971), for
// so many routes that a trained head would not fit: with 10,000 routes of two
// utterances there is nothing to train on either. Each calibration example is
// judged by prototypes without it.
func (t *trainer) prototypes(ctx context.Context) (*Model, error) {
	p := t.problem
	sums := t.prototypeSums()
	var held []int
	for i, f := range t.fold[:t.real] {
		if f != always {
			held = append(held, i)
		}
	}
	held = subsample(held, maxPrototypeHeld)
	seen, given := make([]evidence, t.real), make([]evidence, t.real)
	judge := func(list []int, to []evidence) []task {
		return spans(len(list), 64, func(from, to2 int) {
			z := make([]float32, p.routes)
			var sims []float32
			for _, i := range list[from:to2] {
				t.prototypeLogits(z, sums, i)
				t.weigh(&to[i], i, z, &sims)
			}
		})
	}
	tasks := append(judge(held, seen), judge(t.without(None), given)...)
	if err := t.run(ctx, "training", tasks); err != nil {
		return nil, err
	}
	weights := make([]float32, p.rows*p.stride)
	for r := range p.routes {
		row := sums[r*p.dim : (r+1)*p.dim]
		scale := unitScale(row)
		for j, x := range row {
			weights[j*p.stride+r] = x * scale * prototypeScale
		}
	}
	m := newModel(t, weights, settings{scale: 1})
	m.fitHeldOut(t, observed{held: seen, given: given}, false)
	return m, nil
}

// prototypeSums adds up the centred vectors of each route: routes × dim, with 0
// for the bias.
func (t *trainer) prototypeSums() []float32 {
	p := t.problem
	sums := make([]float32, p.routes*p.dim)
	for i, r := range p.labels {
		if r != None {
			vec.Axpy(1, p.denseOf(i)[:p.dim-1], sums[int(r)*p.dim:int(r+1)*p.dim-1])
		}
	}
	return sums
}

// prototypeLogits is the scaled cosine of example i with every prototype, its
// own without it.
func (t *trainer) prototypeLogits(z, sums []float32, i int) {
	p := t.problem
	x := p.denseOf(i)
	for r := range z {
		row := sums[r*p.dim : (r+1)*p.dim]
		if int32(r) == p.labels[i] {
			row = append([]float32(nil), row...)
			vec.Axpy(-1, x[:p.dim-1], row[:p.dim-1])
		}
		z[r] = prototypeScale * unitScale(row) * vec.Dot(row[:p.dim-1], x[:p.dim-1])
	}
}

// unitScale is what makes v a unit vector, or 0 for a zero vector.
func unitScale(v []float32) float32 {
	n := vec.Norm(v)
	if n < 1e-6 {
		return 0
	}
	return float32(1 / n)
}
