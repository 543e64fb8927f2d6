package vec

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func BenchmarkDot(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{256, 384, 1024} {
		x, y := random(r, n), random(r, n)
		b.Run(fmt.Sprintf("own/%d", n), func(b *testing.B) {
			for b.Loop() {
				Dot(x, y)
			}
		})
		b.Run(fmt.Sprintf("portable/%d", n), func(b *testing.B) {
			for b.Loop() {
				dotPortable(x, y)
			}
		})
	}
}

// BenchmarkRows scores a query of 256 components against a block that fits
// the second-level cache (800 rows) and one that does not (15,000).
func BenchmarkRows(b *testing.B) {
	const dim = 256
	r := rand.New(rand.NewPCG(2, 2))
	for _, n := range []int{800, 15000} {
		rows, q, dst := random(r, n*dim), random(r, dim), make([]float32, n)
		rows8, q8, dst8 := randomI8(r, n*dim), randomI8(r, dim), make([]int32, n)
		b.Run(fmt.Sprintf("own/%d", n), func(b *testing.B) {
			b.SetBytes(int64(4 * len(rows)))
			for b.Loop() {
				DotRows(dst, rows, dim, q)
			}
		})
		b.Run(fmt.Sprintf("int8/%d", n), func(b *testing.B) {
			b.SetBytes(int64(len(rows8)))
			for b.Loop() {
				DotRowsI8(dst8, rows8, dim, q8)
			}
		})
	}
}

func BenchmarkAxpy(b *testing.B) {
	r := rand.New(rand.NewPCG(3, 3))
	x, y := random(r, 256), random(r, 256)
	for b.Loop() {
		Axpy(1e-9, x, y)
	}
}

func BenchmarkQuantizeI8(b *testing.B) {
	v := random(rand.New(rand.NewPCG(4, 4)), 256)
	dst := make([]int8, len(v))
	for b.Loop() {
		QuantizeI8(dst, v)
	}
}

func BenchmarkNormalize(b *testing.B) {
	v := random(rand.New(rand.NewPCG(5, 5)), 256)
	for b.Loop() {
		Normalize(v)
	}
}
