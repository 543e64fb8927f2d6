package vec

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/sys/cpu"
)

func TestAssemblyAgreesWithPortable(t *testing.T) {
	if !hasFMA() {
		t.Skip("the CPU has no AVX2 and FMA")
	}
	r := rand.New(rand.NewPCG(15, 16))
	for _, dim := range lengths[1:] {
		for _, n := range []int{1, 2, 5} {
			rows, q := random(r, n*dim), random(r, dim)
			got, want := make([]float32, n), make([]float32, n)
			dotRowsAVX2(&got[0], &rows[0], n, dim, &q[0])
			dotRowsPortable(want, rows, dim, q)
			for i := range got {
				if _, size := dot64(rows[i*dim:(i+1)*dim], q); math.Abs(float64(got[i]-want[i])) > 1e-6*size {
					t.Fatalf("row %d of %d: %v, want %v", i, dim, got[i], want[i])
				}
			}
		}
	}
}

func TestEveryInt8KernelIsExact(t *testing.T) {
	kernels := map[string]func(dst *int32, rows *int8, n, dim int, q *int8){}
	if cpu.X86.HasAVX2 {
		kernels["AVX2"] = dotRowsI8AVX2
	}
	if hasVNNI() {
		kernels["VNNI"] = dotRowsI8VNNI
	}
	r := rand.New(rand.NewPCG(17, 18))
	for name, kernel := range kernels {
		for _, dim := range lengths[1:] {
			for _, n := range []int{1, 3, 4, 6, 8} {
				rows, q := randomI8(r, n*dim), randomI8(r, dim)
				got, want := make([]int32, n), make([]int32, n)
				kernel(&got[0], &rows[0], n, dim, &q[0])
				dotRowsI8Portable(want, rows, dim, q)
				if !slices.Equal(got, want) {
					t.Fatalf("%s, %d rows of %d: %v, want %v", name, n, dim, got, want)
				}
			}
		}
	}
}
