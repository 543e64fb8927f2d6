package distill

import (
	"math"
	"math/rand/v2"
	"testing"
)

// momentsOf are those of count vectors whose numbers shrink with their place;
// the last ones of them are zero.
func momentsOf(r *rand.Rand, count, size, zeros int) [][]float64 {
	vectors := make([][]float64, count)
	for i := range vectors {
		vectors[i] = make([]float64, size)
		for k := range size - zeros {
			vectors[i][k] = r.NormFloat64() * math.Pow(10, -3*float64(k)/float64(size))
		}
	}
	return secondMoments(vectors, size)
}

func identity(size int) [][]float64 {
	rows := make([][]float64, size)
	for i := range rows {
		rows[i] = make([]float64, size)
		rows[i][i] = 2
	}
	return rows
}

func TestEigenvectors(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for name, test := range map[string]struct {
		matrix [][]float64
		zeros  int // eigenvalues that are
	}{
		"one number":              {[][]float64{{3}}, 0},
		"full rank":               {momentsOf(r, 200, 60, 0), 0},
		"equal eigenvalues":       {identity(20), 0},
		"fewer vectors than size": {momentsOf(r, 7, 40, 0), 33},
		"places that are unused":  {momentsOf(r, 100, 30, 4), 4},
		"nothing at all":          {momentsOf(r, 1, 5, 5), 5},
	} {
		t.Run(name, func(t *testing.T) {
			size := len(test.matrix)
			matrix := make([][]float64, size)
			var trace float64
			for i, row := range test.matrix {
				matrix[i] = append([]float64(nil), row...)
				trace += row[i]
			}
			vectors, err := eigenvectors(test.matrix)
			if err != nil {
				t.Fatal(err)
			}
			var sum float64
			before := math.Inf(1)
			for i, v := range vectors {
				value := 0.0
				for k := range size {
					product := dot(matrix[k], v)
					value += product * v[k]
				}
				for k := range size {
					if off := math.Abs(dot(matrix[k], v) - value*v[k]); off > 1e-9*trace {
						t.Errorf("vector %d is none: off by %v of %v", i, off, trace)
					}
				}
				for j := range i {
					if both := dot(v, vectors[j]); math.Abs(both) > 1e-9 {
						t.Errorf("vectors %d and %d: %v", i, j, both)
					}
				}
				want := 1.0
				if i >= size-test.zeros {
					want = 0
				}
				if got := dot(v, v); math.Abs(got-want) > 1e-9 {
					t.Errorf("vector %d has length %v, want %v", i, got, want)
				}
				if value > before*(1+1e-9) {
					t.Errorf("eigenvalue %d is %v, after %v", i, value, before)
				}
				before = value
				sum += value
			}
			if math.Abs(sum-trace) > 1e-9*trace {
				t.Errorf("eigenvalues sum up to %v, the trace is %v", sum, trace)
			}
		})
	}
}

func TestVectorsThatAreNotFiniteAreRefused(t *testing.T) {
	for _, x := range []float64{math.NaN(), math.Inf(1)} {
		if _, err := eigenvectors([][]float64{{1, x}, {x, 1}}); err == nil {
			t.Errorf("%v: no error", x)
		}
	}
}
