// Package vec is the arithmetic on vectors that everything above it shares:
// dot products of float32 and int8 vectors, one by one or a block of rows at a
// time, quantisation, and normalisation.
//
// It promises: results depend on the values only, never on alignment or on
// how many rows one call is given, so a row scores the same in every search;
// and the assembly agrees with the portable Go within float tolerance (int8
// exactly). It allocates nothing, and leaves to its callers what a vector means
// and whether its length is right for an index.
//
// Each kernel has a portable form, in portable.go. The amd64 assembly is
// generated from vec/asm; which kernel runs is chosen in dispatch_*.go by what
// vec/simd says of the processor.
package vec

import (
	"fmt"
	"math"
)

// Dot returns the sum of a[i]*b[i]. It panics when the lengths differ.
func Dot(a, b []float32) float32 {
	sameLength(len(a), len(b))
	if len(a) == 0 {
		return 0
	}
	var out [1]float32
	dotRows(out[:], a, len(a), b)
	return out[0]
}

// DotRows stores in dst[i] the dot product of q and row i of rows, where row i
// is rows[i*dim : (i+1)*dim]; the value is the same, bit for bit, as Dot gives
// for that row. It panics unless len(rows) is len(dst)*dim and len(q) is dim.
func DotRows(dst, rows []float32, dim int, q []float32) {
	sameLength(dim, len(q))
	sameLength(len(dst)*dim, len(rows))
	if len(dst) == 0 {
		return
	}
	if dim == 0 {
		clear(dst)
		return
	}
	dotRows(dst, rows, dim, q)
}

// Axpy adds alpha*x to y. It panics when the lengths differ.
func Axpy(alpha float32, x, y []float32) {
	sameLength(len(x), len(y))
	if len(x) > 0 {
		axpy(alpha, x, y)
	}
}

// Norm returns the Euclidean length of v, computed in float64 so that no
// finite vector overflows.
func Norm(v []float32) float64 {
	var s0, s1, s2, s3 float64
	for ; len(v) >= 4; v = v[4:] {
		s0 += float64(v[0]) * float64(v[0])
		s1 += float64(v[1]) * float64(v[1])
		s2 += float64(v[2]) * float64(v[2])
		s3 += float64(v[3]) * float64(v[3])
	}
	for i, sum := range [...]*float64{&s0, &s1, &s2} {
		if i < len(v) {
			*sum += float64(v[i]) * float64(v[i])
		}
	}
	return math.Sqrt((s0 + s1) + (s2 + s3))
}

// Normalize scales v to length 1. It reports false, and leaves v as it is,
// when v has no direction: all zero, or not finite.
func Normalize(v []float32) bool {
	n := Norm(v)
	if n == 0 || math.IsInf(n, 0) || math.IsNaN(n) {
		return false
	}
	per := 1 / n
	for i, x := range v {
		v[i] = float32(float64(x) * per)
	}
	return true
}

// Finite reports whether no component of v is NaN or infinite.
func Finite(v []float32) bool {
	const exponent = 0x7f800000
	for _, x := range v {
		if math.Float32bits(x)&exponent == exponent {
			return false
		}
	}
	return true
}

func sameLength(want, got int) {
	if want != got {
		panic(fmt.Sprintf("vec: %d values where %d are expected", got, want))
	}
}
