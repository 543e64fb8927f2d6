package vec

// sumRowsAVX2 needs AVX2 and FMA, stride a multiple of 32 and n > 0.
//
//go:noescape
func sumRowsAVX2(dst, w *float32, stride int, ids *uint32, vals *float32, n int)

// sumRowsI8AVX2 needs the same.
//
//go:noescape
func sumRowsI8AVX2(dst *float32, w *int8, stride int, ids *uint32, vals *float32, n int)

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
	sumRowsI8AVX2(&dst[0], &w[0], len(dst), &ids[0], &vals[0], len(ids))
	return true
}
