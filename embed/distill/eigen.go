package distill

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
)

const (
	// orthogonal is the cosine below which two rows are taken to be at right
	// angles.
	orthogonal = 1e-12
	// maxSweeps bounds the sweeps over all pairs of rows; about ten are needed.
	maxSweeps = 60
	// negligible is the share of the strongest direction below which there is
	// nothing left but rounding.
	negligible = 1e-12
)

// eigenvectors gives the unit eigenvectors of a symmetric matrix without
// negative eigenvalues, one a row, that of the largest eigenvalue first; those
// of eigenvalue zero are all zeros. It turns pairs of rows until all are at
// right angles (one-sided Jacobi), and overwrites the matrix. Row i is then
// eigenvalue i times eigenvector i. For a teacher of 384 numbers that takes
// seconds, of 1024 a minute.
func eigenvectors(rows [][]float64) ([][]float64, error) {
	squares := make([]float64, len(rows)) // of the rows' lengths
	for i, row := range rows {
		squares[i] = dot(row, row)
		if math.IsNaN(squares[i]) || math.IsInf(squares[i], 0) {
			return nil, errors.New("distill: principal axes: the teacher's vectors are not finite")
		}
	}
	for sweep := 0; turnAll(rows, squares); sweep++ {
		if sweep == maxSweeps {
			return nil, fmt.Errorf("distill: principal axes: no convergence after %d sweeps", maxSweeps)
		}
	}
	slices.SortStableFunc(rows, func(a, b []float64) int { return cmp.Compare(dot(b, b), dot(a, a)) })
	largest := math.Sqrt(dot(rows[0], rows[0]))
	for _, row := range rows {
		length := math.Sqrt(dot(row, row))
		for k := range row {
			if length <= largest*negligible {
				row[k] = 0
			} else {
				row[k] /= length
			}
		}
	}
	return rows, nil
}

// turnAll makes every pair of rows orthogonal once; true: some were not.
func turnAll(rows [][]float64, squares []float64) (turned bool) {
	least := slices.Max(squares) * negligible * negligible
	for i := range rows {
		for j := i + 1; j < len(rows); j++ {
			if min(squares[i], squares[j]) <= least {
				continue // rounding, which never settles
			}
			both := dot(rows[i], rows[j])
			if math.Abs(both) <= orthogonal*math.Sqrt(squares[i]*squares[j]) {
				continue
			}
			turned = true
			turn(rows[i], rows[j], (squares[j]-squares[i])/(2*both))
			squares[i], squares[j] = dot(rows[i], rows[i]), dot(rows[j], rows[j])
		}
	}
	return turned
}

// turn rotates two rows in their plane by the smaller angle that makes them
// orthogonal; ratio is the cotangent of twice that angle.
func turn(a, b []float64, ratio float64) {
	tangent := math.Copysign(1, ratio) / (math.Abs(ratio) + math.Sqrt(1+ratio*ratio))
	cosine := 1 / math.Sqrt(1+tangent*tangent)
	sine := cosine * tangent
	for k := range a {
		x, y := a[k], b[k]
		a[k], b[k] = cosine*x-sine*y, sine*x+cosine*y
	}
}
