//go:build !amd64 && !arm64

package vec

func dotRows(dst, rows []float32, dim int, q []float32) { dotRowsPortable(dst, rows, dim, q) }

func dotRowsI8(dst []int32, rows []int8, dim int, q []int8) { dotRowsI8Portable(dst, rows, dim, q) }

func lowDotRows(dst []LowDot, rows RowsI16, picked []int32, q CodeI16) {
	lowDotRowsPortable(dst, rows, picked, q)
}

func axpy(alpha float32, x, y []float32) { axpyPortable(alpha, x, y) }

func sumRows(dst, w []float32, ids []uint32, vals []float32) { sumRowsPortable(dst, w, ids, vals) }

func sumRowsI8(dst []float32, w []int8, ids []uint32, vals []float32) {
	sumRowsPortable(dst, w, ids, vals)
}

func addScaledInt8([]float32, []byte, float32) (done int) { return 0 }
