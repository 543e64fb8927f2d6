package vec

import "github.com/semroute/semroute/internal/vec/simd"

// The assembly trusts its arguments: the exported functions check lengths and
// never pass n or dim of 0. What takes a tenth of a microsecond a prompt has no
// kernel here.

func dotRows(dst, rows []float32, dim int, q []float32) {
	if dim%16 != 0 {
		dotRowsPortable(dst, rows, dim, q)
		return
	}
	dotRowsNEON(&dst[0], &rows[0], len(dst), dim, &q[0])
}

func dotRowsI8(dst []int32, rows []int8, dim int, q []int8) {
	switch {
	case dim%16 != 0:
		dotRowsI8Portable(dst, rows, dim, q)
	case simd.DotProduct():
		dotRowsI8SDOT(&dst[0], &rows[0], len(dst), dim, &q[0])
	default:
		dotRowsI8SMULL(&dst[0], &rows[0], len(dst), dim, &q[0])
	}
}

func lowDotRows(dst []LowDot, rows RowsI16, picked []int32, q CodeI16) {
	lowDotRowsPortable(dst, rows, picked, q) // three dot products of dotRowsI8
}

func axpy(alpha float32, x, y []float32) {
	whole := len(x) &^ 15
	if whole > 0 {
		axpyNEON(alpha, &x[0], &y[0], whole)
	}
	axpyPortable(alpha, x[whole:], y[whole:])
}

func sumRows(dst, w []float32, ids []uint32, vals []float32) {
	sumRowsNEON(&dst[0], &w[0], len(dst), &ids[0], &vals[0], len(ids))
}

func sumRowsI8(dst []float32, w []int8, ids []uint32, vals []float32) {
	sumRowsI8NEON(&dst[0], &w[0], len(dst), &ids[0], &vals[0], len(ids))
}

func addScaledInt8(dst []float32, row []byte, scale float32) (done int) {
	whole := len(row) &^ 15
	if whole > 0 {
		addScaledInt8NEON(&dst[0], &row[0], scale, whole)
	}
	return whole
}
