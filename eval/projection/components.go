package projection

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/semroute/semroute/internal/vec"
)

const (
	// block is how many directions are sought together: more than the two that are
	// wanted, because the two come out sooner.
	block = 6
	// rounds bounds the search; what is left to gain then cannot be seen.
	rounds = 60
	// still is by how much, as a share, the two variances may change in a round when it ends.
	still = 1e-5
)

// components are the two directions in which vectors differ most.
type components struct {
	mean  []float32
	axes  [2][]float32
	frame frame
}

// principal finds them by orthogonal iteration: block directions are multiplied by
// the covariance, which is never written down, and made orthogonal again.
func principal(ctx context.Context, vectors [][]float32, seed uint64) (*components, error) {
	if len(vectors) == 0 {
		return &components{}, nil
	}
	dim := len(vectors[0])
	c := &components{mean: mean(vectors, dim)}
	random := rand.New(rand.NewPCG(seed, 1))
	axes := make([][]float32, min(block, dim))
	for k := range axes {
		axes[k] = make([]float32, dim)
		for j := range axes[k] {
			axes[k][j] = float32(random.NormFloat64())
		}
	}
	orthogonal(axes)
	before := math.Inf(1)
	for range rounds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		axes = c.multiplied(vectors, axes)
		lengths := orthogonal(axes)
		sum := lengths[0]
		if len(lengths) > 1 {
			sum += lengths[1]
		}
		if math.Abs(sum-before) <= still*sum {
			break
		}
		before = sum
	}
	for k := range c.axes {
		c.axes[k] = make([]float32, dim)
		if k < len(axes) {
			copy(c.axes[k], axes[k])
			upright(c.axes[k])
		}
	}
	return c, nil
}

func mean(vectors [][]float32, dim int) []float32 {
	sum := make([]float32, dim)
	for _, v := range vectors {
		vec.Axpy(1/float32(len(vectors)), v, sum)
	}
	return sum
}

// multiplied is the covariance times each direction.
func (c *components) multiplied(vectors, axes [][]float32) [][]float32 {
	next := make([][]float32, len(axes))
	shift, sums := make([]float32, len(axes)), make([]float32, len(axes))
	for k, a := range axes {
		next[k] = make([]float32, len(a))
		shift[k] = vec.Dot(c.mean, a)
	}
	for _, v := range vectors {
		for k, a := range axes {
			along := vec.Dot(v, a) - shift[k]
			vec.Axpy(along, v, next[k])
			sums[k] += along
		}
	}
	for k := range next {
		vec.Axpy(-sums[k], c.mean, next[k])
	}
	return next
}

// orthogonal makes the directions orthogonal and of length 1, and says how long
// they were. One that the others leave nothing of becomes 0.
func orthogonal(axes [][]float32) []float64 {
	lengths := make([]float64, len(axes))
	for k, a := range axes {
		for range 2 { // once leaves rounding errors
			for _, other := range axes[:k] {
				vec.Axpy(-vec.Dot(a, other), other, a)
			}
		}
		lengths[k] = vec.Norm(a)
		if lengths[k] < 1e-12 || !vec.Normalize(a) {
			clear(a)
		}
	}
	return lengths
}

// upright chooses one of the two directions along an axis: its largest component
// is positive.
func upright(axis []float32) {
	var top float32
	for _, x := range axis {
		if max(x, -x) > max(top, -top) {
			top = x
		}
	}
	if top < 0 {
		for j := range axis {
			axis[j] = -axis[j]
		}
	}
}

func (c *components) project(v []float32) Point {
	return Point{
		X: vec.Dot(v, c.axes[0]) - vec.Dot(c.mean, c.axes[0]),
		Y: vec.Dot(v, c.axes[1]) - vec.Dot(c.mean, c.axes[1]),
	}
}
