package vec

import "math"

// DotI8 returns the exact sum of a[i]*b[i]. It panics when the lengths differ.
// The sum fits for every length below 131,072.
func DotI8(a, b []int8) int32 {
	sameLength(len(a), len(b))
	if len(a) == 0 {
		return 0
	}
	var out [1]int32
	dotRowsI8(out[:], a, len(a), b)
	return out[0]
}

// DotRowsI8 is DotRows for int8: dst[i] is the exact dot product of q and row
// i of rows. It panics unless len(rows) is len(dst)*dim and len(q) is dim.
func DotRowsI8(dst []int32, rows []int8, dim int, q []int8) {
	sameLength(dim, len(q))
	sameLength(len(dst)*dim, len(rows))
	if len(dst) == 0 {
		return
	}
	if dim == 0 {
		clear(dst)
		return
	}
	dotRowsI8(dst, rows, dim, q)
}

// QuantizeI8 stores in dst the 8-bit form of v and returns its scale, so that
// scale*dst[i] is v[i] with an error of at most scale/2. The largest component
// becomes ±127. A zero vector has scale 0. It panics when the lengths differ;
// v must be finite.
func QuantizeI8(dst []int8, v []float32) (scale float32) {
	sameLength(len(v), len(dst))
	top, done := maxAbs(v)
	top = max(top, maxAbsPortable(v[done:]))
	if top == 0 {
		clear(dst)
		return 0
	}
	per := 127 / float64(top)
	done = quantizeI8(dst, v, per)
	quantizeI8Portable(dst[done:], v[done:], per)
	return float32(1 / per)
}

// ResidualI8 returns the length of v - scale*code: by how much a dot product
// of code with a unit vector can be off. It panics when the lengths differ.
func ResidualI8(v []float32, code []int8, scale float32) float32 {
	sameLength(len(v), len(code))
	var s0, s1, s2, s3 float32
	code = code[:len(v)]
	i := 0
	for ; i+4 <= len(v); i += 4 {
		a, b := v[i]-scale*float32(code[i]), v[i+1]-scale*float32(code[i+1])
		c, d := v[i+2]-scale*float32(code[i+2]), v[i+3]-scale*float32(code[i+3])
		s0 += a * a
		s1 += b * b
		s2 += c * c
		s3 += d * d
	}
	for ; i < len(v); i++ {
		a := v[i] - scale*float32(code[i])
		s0 += a * a
	}
	return float32(math.Sqrt(float64((s0 + s1) + (s2 + s3))))
}
