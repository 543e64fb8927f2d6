package vec

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/semroute/semroute/internal/vec/simd"
)

// What is chosen on this processor hides the kernels of lesser ones; the exact
// ones are called here by name.

func TestEveryInt8KernelIsExact(t *testing.T) {
	kernels := map[string]func(dst *int32, rows *int8, n, dim int, q *int8){}
	if simd.AVX2() {
		kernels["AVX2"] = dotRowsI8AVX2
	}
	if simd.VNNI() {
		kernels["VNNI"] = dotRowsI8VNNI
	}
	r := rand.New(rand.NewPCG(17, 18))
	for name, kernel := range kernels {
		for _, dim := range lengths[1:] {
			for _, n := range []int{1, 3, 4, 6, 8} {
				rows, q := randomI8(r, n*dim), randomI8(r, dim)
				got, want := make([]int32, n+1), make([]int32, n)
				got[n] = 7
				kernel(&got[0], &rows[0], n, dim, &q[0])
				dotRowsI8Portable(want, rows, dim, q)
				if !slices.Equal(got[:n], want) || got[n] != 7 {
					t.Fatalf("%s, %d rows of %d: %v, want %v and 7", name, n, dim, got, want)
				}
			}
		}
	}
}

func TestEveryLowDotKernelIsExact(t *testing.T) {
	kernels := map[string]func(dst *int32, high, low *int8, picked *int32, n, dim int, qHigh, qLow *int8){}
	if simd.AVX2() {
		kernels["AVX2"] = lowDotRowsAVX2
	}
	if simd.VNNI() {
		kernels["VNNI"] = lowDotRowsVNNI
	}
	r := rand.New(rand.NewPCG(19, 20))
	for name, kernel := range kernels {
		for _, dim := range []int{64, 128, 256, 384, 1024} {
			rows := RowsI16{Dim: dim, High: randomI8(r, 9*dim), Low: randomI8(r, 9*dim)}
			q := CodeI16{High: randomI8(r, dim), Low: randomI8(r, dim)}
			picked := []int32{8, 0, 3, 3, 7}
			got, want := make([]LowDot, len(picked)), make([]LowDot, len(picked))
			kernel(&got[0].Cross, &rows.High[0], &rows.Low[0], &picked[0], len(picked), dim, &q.High[0], &q.Low[0])
			lowDotRowsPortable(want, rows, picked, q)
			if !slices.Equal(got, want) {
				t.Fatalf("%s, %d components: %v, want %v", name, dim, got, want)
			}
		}
	}
}

func TestEveryRowSumAddsInOneOrder(t *testing.T) {
	if !simd.AVX512() {
		t.Skip("the CPU has no AVX-512 to compare with AVX2")
	}
	r := rand.New(rand.NewPCG(21, 22))
	const stride = 256
	w := randomI8(r, 40*stride)
	for _, n := range []int{1, 2, 3, 30} {
		ids, vals := make([]uint32, n), random(r, n)
		for i := range ids {
			ids[i] = r.Uint32N(40)
		}
		narrow := random(r, stride)
		wide := slices.Clone(narrow)
		sumRowsI8AVX2(&narrow[0], &w[0], stride, &ids[0], &vals[0], n, stride)
		sumRowsI8AVX512(&wide[0], &w[0], stride, &ids[0], &vals[0], n, stride)
		if !slices.Equal(narrow, wide) {
			t.Fatalf("%d rows: AVX2 %v, AVX-512 %v", n, narrow, wide)
		}
	}
}
