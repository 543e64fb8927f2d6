package projection

import (
	"context"
	"math"
	"math/rand/v2"
)

// The three phases are the paper's: mid-near pairs first give the picture its
// large form, then near pairs its small one.
const (
	formRounds  = 100
	mixedRounds = 100
	localRounds = 250
)

// Adam's constants.
const (
	rate    = 1.0
	beta1   = 0.9
	beta2   = 0.999
	epsilon = 1e-7
)

// start is how large the picture is in the beginning: small, so that points can
// pass each other.
const start = 0.01

// manifold places points so that near pairs lie together and far ones apart, from
// where PCA has them.
func manifold(ctx context.Context, r *rows, near [][]Neighbour, flat []Point, seed uint64) ([]Point, error) {
	placed := make([]Point, len(flat))
	if r.n < 3 { // two points, or one, have no other picture
		copy(placed, flat)
		return placed, nil
	}
	for i, p := range flat {
		placed[i] = Point{X: p.X * start, Y: p.Y * start}
	}
	p := choose(r, near, rand.New(rand.NewPCG(seed, 2)))
	pull := make([]Point, len(placed))
	steps := newAdam(len(placed))
	for t := range formRounds + mixedRounds + localRounds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		clear(pull)
		w := weightsAt(t)
		attract(placed, pull, p.near, p.perNear, w.near, 10)
		if w.mid > 0 {
			attract(placed, pull, p.mid, p.perMid, w.mid, 10_000)
		}
		repel(placed, pull, p.far, p.perFar)
		steps.move(placed, pull)
	}
	return placed, nil
}

type weights struct{ near, mid float32 }

func weightsAt(t int) weights {
	switch {
	case t < formRounds:
		done := float32(t) / formRounds
		return weights{near: 2, mid: 1000*(1-done) + 3*done}
	case t < formRounds+mixedRounds:
		return weights{near: 3, mid: 3}
	}
	return weights{near: 1}
}

// attract adds the gradient of weight × d/(reach+d) over the pairs, where d is 1
// and the square of the distance.
func attract(placed, pull []Point, partners []int32, per int, weight, reach float32) {
	for i := range placed {
		for _, j := range partners[i*per : (i+1)*per] {
			dx, dy := placed[i].X-placed[j].X, placed[i].Y-placed[j].Y
			of := reach + 1 + dx*dx + dy*dy
			by := weight * 2 * reach / (of * of)
			pull[i].X += by * dx
			pull[i].Y += by * dy
			pull[j].X -= by * dx
			pull[j].Y -= by * dy
		}
	}
}

// repel adds the gradient of 1/(1+d).
func repel(placed, pull []Point, partners []int32, per int) {
	for i := range placed {
		for _, j := range partners[i*per : (i+1)*per] {
			dx, dy := placed[i].X-placed[j].X, placed[i].Y-placed[j].Y
			of := 2 + dx*dx + dy*dy
			by := 2 / (of * of)
			pull[i].X -= by * dx
			pull[i].Y -= by * dy
			pull[j].X += by * dx
			pull[j].Y += by * dy
		}
	}
}

// adam makes steps of gradients (Kingma and Ba 2015).
type adam struct {
	first, second []Point
	t             int
}

func newAdam(n int) *adam { return &adam{first: make([]Point, n), second: make([]Point, n)} }

func (a *adam) move(placed, gradient []Point) {
	a.t++
	step := float32(rate * math.Sqrt(1-math.Pow(beta2, float64(a.t))) / (1 - math.Pow(beta1, float64(a.t))))
	for i, g := range gradient {
		m, v := &a.first[i], &a.second[i]
		m.X += (1 - beta1) * (g.X - m.X)
		m.Y += (1 - beta1) * (g.Y - m.Y)
		v.X += (1 - beta2) * (g.X*g.X - v.X)
		v.Y += (1 - beta2) * (g.Y*g.Y - v.Y)
		placed[i].X -= step * m.X / (root(v.X) + epsilon)
		placed[i].Y -= step * m.Y / (root(v.Y) + epsilon)
	}
}

func root(x float32) float32 { return float32(math.Sqrt(float64(x))) }
