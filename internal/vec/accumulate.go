package vec

// AddScaledInt8 adds scale × row[i] to dst[i]. The bytes of row are signed
// 8-bit numbers. dst and row must have the same length; the result is the same
// to the bit with and without SIMD.
func AddScaledInt8(dst []float32, row []byte, scale float32) {
	if len(dst) != len(row) {
		panic("vec: AddScaledInt8 of different lengths")
	}
	done := addScaledInt8(dst, row, scale)
	addScaledInt8Portable(dst[done:], row[done:], scale)
}
