package vec

import "golang.org/x/sys/cpu"

// sumRowsAVX2 needs AVX2 and FMA, stride a multiple of 32 and n > 0.
//
//go:noescape
func sumRowsAVX2(dst, w *float32, stride int, ids *uint32, vals *float32, n int)

// sumRowsI8AVX2 needs the same, and columns to be a multiple of 32.
//
//go:noescape
func sumRowsI8AVX2(dst *float32, w *int8, stride int, ids *uint32, vals *float32, n, columns int)

// sumRowsI8AVX512 needs AVX-512 F, and columns to be a multiple of 128.
//
//go:noescape
func sumRowsI8AVX512(dst *float32, w *int8, stride int, ids *uint32, vals *float32, n, columns int)

// sumRows says whether this processor could do it.
func sumRows(dst, w []float32, ids []uint32, vals []float32) bool {
	if !hasFMA() {
		return false
	}
	sumRowsAVX2(&dst[0], &w[0], len(dst), &ids[0], &vals[0], len(ids))
	return true
}

func sumRowsI8(dst []float32, w []int8, ids []uint32, vals []float32) bool {
	if !hasFMA() {
		return false
	}
	stride, wide := len(dst), 0
	if cpu.X86.HasAVX512F {
		wide = stride &^ 127
	}
	if wide > 0 {
		sumRowsI8AVX512(&dst[0], &w[0], stride, &ids[0], &vals[0], len(ids), wide)
	}
	if wide < stride {
		sumRowsI8AVX2(&dst[wide], &w[wide], stride, &ids[0], &vals[0], len(ids), stride-wide)
	}
	return true
}
