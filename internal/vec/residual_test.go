package vec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// unitRows are unit vectors in two stages, and as they were.
func unitRows(r *rand.Rand, n, dim int) (rows RowsI16, scales []float32, vectors [][]float32) {
	rows = RowsI16{Dim: dim, High: make([]int8, n*dim), Low: make([]int8, n*dim)}
	for i := range n {
		v := random(r, dim)
		Normalize(v)
		high, low := rows.High[i*dim:(i+1)*dim], rows.Low[i*dim:(i+1)*dim]
		scale := QuantizeI8(high, v)
		QuantizeLowI8(low, high, v, scale)
		scales, vectors = append(scales, scale), append(vectors, v)
	}
	return rows, scales, vectors
}

func TestTwoStagesAreNearlyTheVector(t *testing.T) {
	r := rand.New(rand.NewPCG(41, 42))
	for _, dim := range []int{1, 7, 64, 256} {
		rows, scales, vectors := unitRows(r, 20, dim)
		for i, v := range vectors {
			for j, x := range v {
				at := i*dim + j
				got := float64(scales[i]) * (float64(rows.High[at]) + float64(rows.Low[at])/LowBase)
				if diff := math.Abs(got - float64(x)); diff > float64(scales[i])/500 {
					t.Fatalf("dim %d: %v became %v", dim, x, got)
				}
			}
		}
	}
}

func TestTwoStagesOfNothingAreNothing(t *testing.T) {
	low := []int8{3, 3}
	QuantizeLowI8(low, make([]int8, 2), make([]float32, 2), 0)
	if !slices.Equal(low, make([]int8, 2)) {
		t.Errorf("a zero vector has the residual %v", low)
	}
}

func TestLowDotRowsEqualsThePlainSum(t *testing.T) {
	r := rand.New(rand.NewPCG(43, 44))
	for _, dim := range []int{1, 31, 64, 100, 256, 384} {
		rows, _, _ := unitRows(r, 30, dim)
		for i := range rows.Low {
			rows.Low[i] = int8(r.IntN(256) - 128)
		}
		q := CodeI16{High: rows.High[:dim], Low: rows.Low[dim : 2*dim]}
		for _, picked := range [][]int32{nil, {29}, {3, 3, 0}, {1, 5, 2, 28, 7, 9, 11}} {
			got, want := make([]LowDot, len(picked)), make([]LowDot, len(picked))
			LowDotRows(got, rows, picked, q)
			for i, row := range picked {
				for j := range dim {
					at := int(row)*dim + j
					want[i].Cross += int32(rows.Low[at])*int32(q.High[j]) + int32(rows.High[at])*int32(q.Low[j])
					want[i].Low += int32(rows.Low[at]) * int32(q.Low[j])
				}
			}
			if !slices.Equal(got, want) {
				t.Fatalf("dim %d, rows %v: %v, want %v", dim, picked, got, want)
			}
		}
	}
}

func TestTwoStagesGiveTheSimilarity(t *testing.T) {
	r := rand.New(rand.NewPCG(45, 46))
	rows, scales, vectors := unitRows(r, 50, 256)
	first, rest, picked := make([]int32, 50), make([]LowDot, 50), make([]int32, 50)
	for i := range picked {
		picked[i] = int32(i)
	}
	q := CodeI16{High: rows.High[:256], Low: rows.Low[:256]}
	DotRowsI8(first, rows.High, 256, q.High)
	LowDotRows(rest, rows, picked, q)
	for i, v := range vectors {
		got := scales[0] * scales[i] * (float32(first[i]) + rest[i].Value())
		if want := Dot(v, vectors[0]); math.Abs(float64(got-want)) > 1e-5 {
			t.Errorf("row %d: %v, want %v", i, got, want)
		}
	}
}

func TestLowDotRowsRefusesWhatTheAssemblyWouldTrust(t *testing.T) {
	rows := RowsI16{Dim: 64, High: make([]int8, 128), Low: make([]int8, 128)}
	q := CodeI16{High: make([]int8, 64), Low: make([]int8, 64)}
	for name, call := range map[string]func(){
		"outside":  func() { LowDotRows(make([]LowDot, 1), rows, []int32{2}, q) },
		"negative": func() { LowDotRows(make([]LowDot, 1), rows, []int32{-1}, q) },
		"lengths":  func() { LowDotRows(make([]LowDot, 2), rows, []int32{0}, q) },
		"query":    func() { LowDotRows(make([]LowDot, 1), rows, []int32{0}, CodeI16{High: q.High}) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			call()
		})
	}
}

func BenchmarkLowDotRows(b *testing.B) {
	for _, dim := range []int{256, 384} {
		b.Run(fmt.Sprint(dim), func(b *testing.B) {
			rows, _, _ := unitRows(rand.New(rand.NewPCG(47, 48)), 1000, dim)
			picked, dst := make([]int32, 100), make([]LowDot, 100)
			for i := range picked {
				picked[i] = int32(i * 7)
			}
			q := CodeI16{High: rows.High[:dim], Low: rows.Low[:dim]}
			for b.Loop() {
				LowDotRows(dst, rows, picked, q)
			}
		})
	}
}
