package classify

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/semroute/semroute/internal/vec"
)

// Constants of the ascent, found on the training files of four public sets.
const (
	passes = 10
	// relaxation lengthens each step beyond the safe bound; 2 halves the passes
	// and still converged everywhere.
	relaxation = 2
	// settled is the change of a dual below which an example is left alone for
	// 1, then 3 passes: most prompts are learnt early.
	settled = 0.005
	maxRest = 3
	// negligible changes of a dual are not written to the weights.
	negligible = 2e-4
	// sparseStep: with fewer changed routes than 1 in so many, they are written
	// one by one.
	sparseStep = 4
)

// fit is one training run: softmax regression with squared-length
// regularisation,
//
//	min ½‖W‖² + C Σ -ln softmax(W x_i)[y_i],
//
// by dual ascent on one example at a time (Shalev-Shwartz and Zhang 2013; Yu,
// Huang and Lin 2011): the dual of an example moves towards label minus predicted
// probability. It uses one goroutine; several fits may share a problem.
type fit struct {
	p       *problem
	c       float32
	weights []float32 // rows × stride
	duals   []float32 // examples in order × routes
	probs   []float32 // stride
	routes  []int32   // the routes whose dual moved …
	moves   []float32 // … and by how much, times c
}

// train learns from the examples named by order. It returns ctx's error when
// told to stop.
func train(ctx context.Context, p *problem, order []int, c float32, seed uint64) ([]float32, error) {
	f := &fit{
		p: p, c: c,
		weights: make([]float32, p.rows*p.stride),
		duals:   make([]float32, len(order)*p.routes),
		probs:   make([]float32, p.stride),
		routes:  make([]int32, 0, p.routes),
		moves:   make([]float32, 0, p.routes),
	}
	rng := rand.New(rand.NewPCG(seed, 0x5eed))
	visits := make([]int, len(order))
	for i := range visits {
		visits[i] = i
	}
	rest, pause := make([]uint8, len(order)), make([]uint8, len(order))
	for range passes {
		rng.Shuffle(len(visits), func(i, j int) { visits[i], visits[j] = visits[j], visits[i] })
		for n, k := range visits {
			if n%256 == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if rest[k] > 0 {
				rest[k]--
				continue
			}
			if moved := f.visit(order[k], f.duals[k*p.routes:(k+1)*p.routes]); moved < settled {
				pause[k] = min(2*pause[k]+1, maxRest)
				rest[k] = pause[k]
			} else {
				pause[k] = 0
			}
		}
	}
	return f.weights, nil
}

// visit moves the duals of example i and returns the largest move.
func (f *fit) visit(i int, dual []float32) float32 {
	f.predict(i)
	step := min(1, relaxation/(1+f.c*f.p.square[i]/2))
	f.routes, f.moves = f.routes[:0], f.moves[:0]
	var largest float32
	for k := range dual {
		want := -f.probs[k]
		if int32(k) == f.p.labels[i] {
			want++
		}
		move := step * (want - dual[k])
		size := max(move, -move)
		largest = max(largest, size)
		if size > negligible {
			dual[k] += move
			f.routes = append(f.routes, int32(k))
			f.moves = append(f.moves, f.c*move)
		}
	}
	f.update(i)
	return largest
}

// predict stores the probabilities of example i in probs.
func (f *fit) predict(i int) {
	clear(f.probs)
	f.p.score(f.probs, f.weights, i)
	softmax(f.probs[:f.p.routes])
}

// score adds the logits of example i to dst, which has stride columns.
func (p *problem) score(dst, weights []float32, i int) {
	vec.SumRows(dst, weights, p.first, p.denseOf(i))
	ids, vals := p.sparseOf(i)
	vec.SumRows(dst, weights, ids, vals)
}

// update adds the moves to the weights of every feature of example i.
func (f *fit) update(i int) {
	if len(f.routes) == 0 {
		return
	}
	full := len(f.routes)*sparseStep > f.p.routes
	if full {
		clear(f.probs)
		for t, k := range f.routes {
			f.probs[k] = f.moves[t]
		}
	}
	add := func(row uint32, x float32) {
		w := f.weights[int(row)*f.p.stride : (int(row)+1)*f.p.stride]
		if full {
			vec.Axpy(x, f.probs, w)
			return
		}
		for t, k := range f.routes {
			w[k] += x * f.moves[t]
		}
	}
	for row, x := range f.p.denseOf(i) {
		add(uint32(row), x)
	}
	ids, vals := f.p.sparseOf(i)
	for k, row := range ids {
		add(row, vals[k])
	}
}

// softmax turns logits into probabilities in place. Logits more than 20 below
// the highest become 0.
func softmax(z []float32) {
	top := z[0]
	for _, x := range z {
		top = max(top, x)
	}
	var sum float32
	for k, x := range z {
		if x -= top; x < -20 {
			z[k] = 0
			continue
		}
		z[k] = float32(math.Exp(float64(x)))
		sum += z[k]
	}
	for k := range z {
		z[k] /= sum
	}
}
