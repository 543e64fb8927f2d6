package distill

import (
	"errors"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/semroute/semroute/embed/static"
)

// build reduces the vectors of tokens and pairs to the table's dimension and
// writes it.
func build(config Config, vectors [][]float64, pairs pairList) ([]byte, error) {
	axes, err := principalAxes(vectors[:len(config.Pieces)], config.Dimension)
	if err != nil {
		return nil, err
	}
	data, err := static.Build(static.Source{
		Provenance: config.Provenance, Pieces: config.Pieces, Pairs: pairs.keys,
		Vectors: project(vectors, axes),
	})
	if err != nil {
		return nil, fmt.Errorf("distill: %w", err)
	}
	return data, nil
}

// principalAxes are the directions in which the vectors differ most, one a
// row, the first the strongest. Each points to where its largest element is
// positive, so that the same vectors give the same axes.
func principalAxes(vectors [][]float64, count int) ([][]float64, error) {
	size := 0
	for _, vector := range vectors {
		size = max(size, len(vector))
	}
	if size < count {
		return nil, fmt.Errorf("%w: dimension: %d of vectors of %d", ErrConfig, count, size)
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(secondMoments(vectors, size), true) {
		return nil, errors.New("distill: principal axes: no convergence; are the teacher's vectors finite?")
	}
	var columns mat.Dense
	eigen.VectorsTo(&columns) // ascending
	axes := make([][]float64, count)
	for a := range axes {
		axes[a] = mat.Col(nil, size-1-a, &columns)
		orient(axes[a])
	}
	return axes, nil
}

func secondMoments(vectors [][]float64, size int) *mat.SymDense {
	moments := mat.NewSymDense(size, nil)
	for _, vector := range vectors {
		if vector != nil {
			moments.SymRankOne(moments, 1, mat.NewVecDense(size, vector))
		}
	}
	return moments
}

func orient(axis []float64) {
	largest := 0.0
	for _, x := range axis {
		if x*x > largest*largest {
			largest = x
		}
	}
	if largest < 0 {
		for i := range axis {
			axis[i] = -axis[i]
		}
	}
}

func project(vectors, axes [][]float64) [][]float32 {
	out := make([][]float32, len(vectors))
	for i, vector := range vectors {
		if vector == nil {
			continue
		}
		out[i] = make([]float32, len(axes))
		for a, axis := range axes {
			out[i][a] = float32(dot(vector, axis))
		}
	}
	return out
}
