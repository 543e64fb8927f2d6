package vec

import "github.com/semroute/semroute/internal/vec/simd"

// The assembly trusts its arguments: the exported functions check lengths and
// never pass n or dim of 0. Functions that return a count do as many values as
// fit their steps and say how many that were. Kernels are called by name: through
// a function value, what they are given would have to be on the heap.

func dotRows(dst, rows []float32, dim int, q []float32) {
	if !simd.AVX2() {
		dotRowsPortable(dst, rows, dim, q)
		return
	}
	dotRowsAVX2(&dst[0], &rows[0], len(dst), dim, &q[0])
}

func dotRowsI8(dst []int32, rows []int8, dim int, q []int8) {
	switch {
	case simd.VNNI():
		dotRowsI8VNNI(&dst[0], &rows[0], len(dst), dim, &q[0])
	case simd.AVX2():
		dotRowsI8AVX2(&dst[0], &rows[0], len(dst), dim, &q[0])
	default:
		dotRowsI8Portable(dst, rows, dim, q)
	}
}

func lowDotRows(dst []LowDot, rows RowsI16, picked []int32, q CodeI16) {
	switch {
	case simd.VNNI() && rows.Dim%64 == 0:
		lowDotRowsVNNI(&dst[0].Cross, &rows.High[0], &rows.Low[0], &picked[0], len(picked), rows.Dim, &q.High[0], &q.Low[0])
	case simd.AVX2() && rows.Dim%16 == 0:
		lowDotRowsAVX2(&dst[0].Cross, &rows.High[0], &rows.Low[0], &picked[0], len(picked), rows.Dim, &q.High[0], &q.Low[0])
	default:
		lowDotRowsPortable(dst, rows, picked, q)
	}
}

func axpy(alpha float32, x, y []float32) {
	if !simd.AVX2() {
		axpyPortable(alpha, x, y)
		return
	}
	axpyAVX2(alpha, &x[0], &y[0], len(x))
}

func sumRows(dst, w []float32, ids []uint32, vals []float32) {
	if !simd.AVX2() {
		sumRowsPortable(dst, w, ids, vals)
		return
	}
	sumRowsAVX2(&dst[0], &w[0], len(dst), &ids[0], &vals[0], len(ids), len(dst))
}

func sumRowsI8(dst []float32, w []int8, ids []uint32, vals []float32) {
	if !simd.AVX2() {
		sumRowsPortable(dst, w, ids, vals)
		return
	}
	stride, wide := len(dst), 0
	if simd.AVX512() {
		wide = stride &^ 127
	}
	if wide > 0 {
		sumRowsI8AVX512(&dst[0], &w[0], stride, &ids[0], &vals[0], len(ids), wide)
	}
	if wide < stride {
		sumRowsI8AVX2(&dst[wide], &w[wide], stride, &ids[0], &vals[0], len(ids), stride-wide)
	}
}

func addScaledInt8(dst []float32, row []byte, scale float32) (done int) {
	blocks := len(row) / 32
	if blocks == 0 || !simd.AVX2() {
		return 0
	}
	addScaledInt8AVX2(&dst[0], &row[0], scale, blocks)
	return blocks * 32
}

// maxAbs is of the first values alone.
func maxAbs(v []float32) (top float32, done int) {
	n := len(v) &^ 7
	if n == 0 || !simd.AVX2() {
		return 0, 0
	}
	return maxAbsAVX2(&v[0], n), n
}

func quantizeI8(dst []int8, v []float32, per float64) (done int) {
	n := len(v) &^ 15
	if n == 0 || !simd.AVX2() {
		return 0
	}
	quantizeI8AVX2(&dst[0], &v[0], n, per)
	return n
}

func quantizeLowI8(low, high []int8, v []float32, per float64) (done int) {
	n := len(v) &^ 15
	if n == 0 || !simd.AVX2() {
		return 0
	}
	quantizeLowI8AVX2(&low[0], &high[0], &v[0], n, per, LowBase)
	return n
}

func scoresI8(dst []float32, sums []int32, scales []float32) (done int) {
	n := len(dst) &^ 7
	if n == 0 || !simd.AVX2() {
		return 0
	}
	scoresI8AVX2(&dst[0], &sums[0], &scales[0], n)
	return n
}

// firstAbove returns the first hit or any place before it.
func firstAbove(values []float32, limit float32) int {
	if len(values) < 8 || !simd.AVX2() {
		return 0
	}
	return firstAboveAVX2(&values[0], len(values), limit)
}

// eighthFloor is EighthFloor of full lanes.
func eighthFloor(values []float32) float32 {
	if !simd.AVX2() {
		return eighthFloorPortable(values)
	}
	var most [lanes]float32
	return eighthFloorAVX2(&most[0], &values[0], len(values))
}

// reachMask is of at most 64 values.
func reachMask(values []float32, limit float32) (mask uint64, done int) {
	n := len(values) &^ 7
	if n == 0 || !simd.AVX2() {
		return 0, 0
	}
	return reachMaskAVX2(&values[0], n, limit), n
}
