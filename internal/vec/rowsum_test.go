package vec

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestSumRowsEqualsThePlainLoop(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, stride := range []int{32, 64, 96, 128, 160, 288} {
		for _, n := range []int{0, 1, 2, 3, 7, 50} {
			w, w8 := make([]float32, 90*stride), make([]int8, 90*stride)
			for i := range w {
				w[i], w8[i] = rng.Float32()-.5, int8(rng.IntN(256)-128)
			}
			ids, vals := make([]uint32, n), make([]float32, n)
			for i := range ids {
				ids[i], vals[i] = uint32(rng.IntN(90)), rng.Float32()-.5
			}
			start := make([]float32, stride)
			for i := range start {
				start[i] = float32(i)
			}
			got, want := append([]float32{}, start...), append([]float32{}, start...)
			SumRows(got, w, ids, vals)
			sumRowsPortable(want, w, ids, vals)
			near(t, got, want, 1e-4)
			got, want = append([]float32{}, start...), append([]float32{}, start...)
			SumRowsI8(got, w8, ids, vals)
			sumRowsPortable(want, w8, ids, vals)
			near(t, got, want, 2e-2)
		}
	}
}

func near(t *testing.T, got, want []float32, tolerance float64) {
	t.Helper()
	for i := range got {
		if math.Abs(float64(got[i]-want[i])) > tolerance {
			t.Fatalf("column %d: got %v, want %v", i, got[i], want[i])
		}
	}
}

func TestSumRowsRefusesWhatTheAssemblyWouldTrust(t *testing.T) {
	for name, call := range map[string]func(){
		"stride":  func() { SumRows(make([]float32, 31), make([]float32, 62), []uint32{0}, []float32{1}) },
		"lengths": func() { SumRows(make([]float32, 32), make([]float32, 64), []uint32{0, 1}, []float32{1}) },
		"outside": func() { SumRowsI8(make([]float32, 32), make([]int8, 64), []uint32{2}, []float32{1}) },
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

func BenchmarkSumRowsI8(b *testing.B) {
	const stride, n = 160, 560
	w, dst := make([]int8, 34000*stride), make([]float32, stride)
	ids, vals := make([]uint32, n), make([]float32, n)
	for i := range ids {
		ids[i], vals[i] = uint32(i*59%34000), 1
	}
	for b.Loop() {
		SumRowsI8(dst, w, ids, vals)
	}
}
