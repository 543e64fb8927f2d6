package vec

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// What this processor runs against the portable forms: sums of floats within
// float tolerance, all else to the bit.

func TestChosenDotProductsAgreeWithPortable(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	for _, dim := range lengths[1:] {
		for _, n := range []int{1, 2, 5} {
			rows, q := random(r, n*dim), random(r, dim)
			got, want := make([]float32, n), make([]float32, n)
			dotRows(got, rows, dim, q)
			dotRowsPortable(want, rows, dim, q)
			for i := range got {
				if _, size := dot64(rows[i*dim:(i+1)*dim], q); math.Abs(float64(got[i]-want[i])) > 1e-6*size {
					t.Fatalf("row %d of %d: %v, want %v", i, dim, got[i], want[i])
				}
			}
		}
	}
}

func TestChosenStepsAreThePortableOnesToTheBit(t *testing.T) {
	r := rand.New(rand.NewPCG(61, 62))
	for _, n := range lengths[1:] {
		v, limit := random(r, n), float32(r.NormFloat64())
		top, done := maxAbs(v)
		same(t, "maxAbs", []float32{top}, []float32{maxAbsPortable(v[:done])})

		per := 127 / float64(maxAbsPortable(v))
		got, want := make([]int8, n), make([]int8, n)
		done = quantizeI8(got, v, per)
		quantizeI8Portable(want[:done], v[:done], per)
		same(t, "quantizeI8", got, want)
		low, wantLow := make([]int8, n), make([]int8, n)
		done = quantizeLowI8(low, got, v, per)
		quantizeLowI8Portable(wantLow[:done], got[:done], v[:done], per)
		same(t, "quantizeLowI8", low, wantLow)

		mask, done := reachMask(v[:min(n, 64)], limit)
		for i, x := range v[:done] {
			if reaches := mask>>i&1 == 1; reaches != (x >= limit) {
				t.Fatalf("reachMask of %d: %v at %d for %v", n, reaches, i, x)
			}
		}
		if at := firstAbove(v, limit); slices.ContainsFunc(v[:at], func(x float32) bool { return x > limit }) {
			t.Fatalf("firstAbove of %d passed a hit before %d", n, at)
		}
	}
}

func same[T comparable](t *testing.T, what string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("%s of %d: %v, the portable form gives %v", what, len(got), got, want)
	}
}

func TestChosenLowDotIsExactForEveryLength(t *testing.T) {
	r := rand.New(rand.NewPCG(63, 64))
	for _, dim := range append([]int{16, 48, 80, 112}, lengths[1:]...) {
		rows := RowsI16{Dim: dim, High: randomI8(r, 9*dim), Low: randomI8(r, 9*dim)}
		q := CodeI16{High: randomI8(r, dim), Low: randomI8(r, dim)}
		picked := []int32{8, 0, 3, 3, 7}
		got, want := make([]LowDot, 5), make([]LowDot, 5)
		lowDotRows(got, rows, picked, q)
		lowDotRowsPortable(want, rows, picked, q)
		same(t, "lowDotRows", got, want)
	}
}
