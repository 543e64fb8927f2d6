package vec

import "golang.org/x/sys/cpu"

// maxAbsAVX2 needs AVX2, and n to be a multiple of 8, at least 8.
//
//go:noescape
func maxAbsAVX2(v *float32, n int) float32

// quantizeI8AVX2 needs AVX2, and n to be a multiple of 16.
//
//go:noescape
func quantizeI8AVX2(dst *int8, v *float32, n int, per float64)

// quantizeLowI8AVX2 needs the same.
//
//go:noescape
func quantizeLowI8AVX2(low, high *int8, v *float32, n int, per, base float64)

// squaresAVX2 needs AVX2, and n to be a multiple of 4; sums are four.
//
//go:noescape
func squaresAVX2(sums *float64, v *float32, n int)

// scaleAVX2 needs AVX2, and n to be a multiple of 4.
//
//go:noescape
func scaleAVX2(v *float32, n int, per float64)

// The functions below do as many values as fit their steps and return how many
// that were.

func maxAbs(v []float32) (top float32, done int) {
	n := len(v) &^ 7
	if n == 0 || !cpu.X86.HasAVX2 {
		return 0, 0
	}
	return maxAbsAVX2(&v[0], n), n
}

func quantizeI8(dst []int8, v []float32, per float64) int {
	n := len(v) &^ 15
	if n == 0 || !cpu.X86.HasAVX2 {
		return 0
	}
	quantizeI8AVX2(&dst[0], &v[0], n, per)
	return n
}

func quantizeLowI8(low, high []int8, v []float32, per float64) int {
	n := len(v) &^ 15
	if n == 0 || !cpu.X86.HasAVX2 {
		return 0
	}
	quantizeLowI8AVX2(&low[0], &high[0], &v[0], n, per, LowBase)
	return n
}

func squares(sums *[4]float64, v []float32) int {
	n := len(v) &^ 3
	if n == 0 || !cpu.X86.HasAVX2 {
		return 0
	}
	squaresAVX2(&sums[0], &v[0], n)
	return n
}

func scale(v []float32, per float64) int {
	n := len(v) &^ 3
	if n == 0 || !cpu.X86.HasAVX2 {
		return 0
	}
	scaleAVX2(&v[0], n, per)
	return n
}
