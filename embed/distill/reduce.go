package distill

import (
	"fmt"

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
	axes, err := eigenvectors(secondMoments(vectors, size))
	if err != nil {
		return nil, err
	}
	axes = axes[:count]
	for _, axis := range axes {
		orient(axis)
	}
	return axes, nil
}

// secondMoments is the sum of every vector times itself, transposed.
func secondMoments(vectors [][]float64, size int) [][]float64 {
	moments := make([][]float64, size)
	for i := range moments {
		moments[i] = make([]float64, size)
	}
	for _, vector := range vectors {
		for i, x := range vector {
			for j, y := range vector[:i+1] {
				moments[i][j] += x * y
			}
		}
	}
	for i, row := range moments {
		for j := range row[:i] {
			moments[j][i] = row[j]
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
