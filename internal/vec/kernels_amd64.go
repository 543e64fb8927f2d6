package vec

import "golang.org/x/sys/cpu"

// The assembly trusts its arguments: the exported functions check lengths and
// never pass n or dim of 0.

// dotRowsAVX2 needs AVX2 and FMA. A row is summed in one fixed order whether
// it is computed alone or beside another.
//
//go:noescape
func dotRowsAVX2(dst, rows *float32, n, dim int, q *float32)

// axpyAVX2 needs AVX2 and FMA.
//
//go:noescape
func axpyAVX2(alpha float32, x, y *float32, n int)

// dotRowsI8AVX2 needs AVX2.
//
//go:noescape
func dotRowsI8AVX2(dst *int32, rows *int8, n, dim int, q *int8)

// dotRowsI8VNNI needs AVX-512 F, BW, VL and VNNI, and BMI2.
//
//go:noescape
func dotRowsI8VNNI(dst *int32, rows *int8, n, dim int, q *int8)

// firstAboveAVX2 needs AVX2. It returns the first hit, or where the last whole
// step of eight ended. NaN may hide a hit of the same step.
//
//go:noescape
func firstAboveAVX2(values *float32, n int, limit float32) int

// scoresI8AVX2 needs AVX2, and n to be a multiple of 8.
//
//go:noescape
func scoresI8AVX2(dst *float32, sums *int32, scales *float32, n int)

// eighthFloorAVX2 needs AVX2 and POPCNT, room for 16 values in most, and n to
// be a multiple of 16, at least 16.
//
//go:noescape
func eighthFloorAVX2(most, values *float32, n int) float32

// reachMaskAVX2 needs AVX2, and n to be a multiple of 8, at most 64.
//
//go:noescape
func reachMaskAVX2(values *float32, n int, limit float32) uint64

// lowDotRowsVNNI needs AVX-512 F, BW, VL and VNNI. dim must be a multiple of
// 64 and n more than 0.
//
//go:noescape
func lowDotRowsVNNI(dst *int32, high, low *int8, picked *int32, n, dim int, qHigh, qLow *int8)

func hasFMA() bool { return cpu.X86.HasAVX2 && cpu.X86.HasFMA }

func hasVNNI() bool {
	x := &cpu.X86
	return x.HasAVX512F && x.HasAVX512BW && x.HasAVX512VL && x.HasAVX512VNNI && x.HasBMI2
}

func dotRows(dst, rows []float32, dim int, q []float32) {
	if !hasFMA() {
		dotRowsPortable(dst, rows, dim, q)
		return
	}
	dotRowsAVX2(&dst[0], &rows[0], len(dst), dim, &q[0])
}

func dotRowsI8(dst []int32, rows []int8, dim int, q []int8) {
	switch {
	case hasVNNI():
		dotRowsI8VNNI(&dst[0], &rows[0], len(dst), dim, &q[0])
	case cpu.X86.HasAVX2:
		dotRowsI8AVX2(&dst[0], &rows[0], len(dst), dim, &q[0])
	default:
		dotRowsI8Portable(dst, rows, dim, q)
	}
}

func axpy(alpha float32, x, y []float32) {
	if !hasFMA() {
		axpyPortable(alpha, x, y)
		return
	}
	axpyAVX2(alpha, &x[0], &y[0], len(x))
}

// firstAbove returns the first hit or any place before it.
func firstAbove(values []float32, limit float32) int {
	if len(values) < 8 || !cpu.X86.HasAVX2 {
		return 0
	}
	return firstAboveAVX2(&values[0], len(values), limit)
}

// scoresI8 does as many as fit its steps and returns how many that were.
func scoresI8(dst []float32, sums []int32, scales []float32) int {
	n := len(dst) &^ 7
	if n == 0 || !cpu.X86.HasAVX2 {
		return 0
	}
	scoresI8AVX2(&dst[0], &sums[0], &scales[0], n)
	return n
}

// eighthFloor is EighthFloor of full lanes.
func eighthFloor(values []float32) float32 {
	if !cpu.X86.HasAVX2 || !cpu.X86.HasPOPCNT {
		return eighthFloorPortable(values)
	}
	var most [lanes]float32
	return eighthFloorAVX2(&most[0], &values[0], len(values))
}

// reachMask does as many of at most 64 values as fit its steps and returns how
// many that were.
func reachMask(values []float32, limit float32) (mask uint64, done int) {
	n := len(values) &^ 7
	if n == 0 || !cpu.X86.HasAVX2 {
		return 0, 0
	}
	return reachMaskAVX2(&values[0], n, limit), n
}

// lowDotRows says whether this processor could do it.
func lowDotRows(dst []LowDot, rows RowsI16, picked []int32, q CodeI16) bool {
	if rows.Dim%64 != 0 || !hasVNNI() {
		return false
	}
	lowDotRowsVNNI(&dst[0].Cross, &rows.High[0], &rows.Low[0], &picked[0], len(picked), rows.Dim, &q.High[0], &q.Low[0])
	return true
}
