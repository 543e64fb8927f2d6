package vec

import (
	"math"
	"slices"
)

// The portable kernels: the fallback where no assembly exists, and what the
// assembly is tested against.

func dotRowsPortable(dst, rows []float32, dim int, q []float32) {
	for i := range dst {
		dst[i] = dotPortable(rows[i*dim:(i+1)*dim], q)
	}
}

func dotPortable(a, b []float32) float32 {
	var s0, s1, s2, s3 float32
	b = b[:len(a)]
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return (s0 + s1) + (s2 + s3)
}

func axpyPortable(alpha float32, x, y []float32) {
	y = y[:len(x)]
	for i, v := range x {
		y[i] += alpha * v
	}
}

func dotRowsI8Portable(dst []int32, rows []int8, dim int, q []int8) {
	for i := range dst {
		var sum int32
		row := rows[i*dim : (i+1)*dim]
		for j, x := range q {
			sum += int32(x) * int32(row[j])
		}
		dst[i] = sum
	}
}

func lowDotRowsPortable(dst []LowDot, rows RowsI16, picked []int32, q CodeI16) {
	for i, row := range picked {
		at := int(row) * rows.Dim
		high, low := rows.High[at:at+rows.Dim], rows.Low[at:at+rows.Dim]
		dst[i] = LowDot{Cross: DotI8(low, q.High) + DotI8(high, q.Low), Low: DotI8(low, q.Low)}
	}
}

func sumRowsPortable[T int8 | float32](dst []float32, w []T, ids []uint32, vals []float32) {
	n := len(dst)
	for i, id := range ids {
		row := w[int(id)*n : int(id)*n+n]
		v := vals[i]
		for k, x := range row {
			dst[k] += v * float32(x)
		}
	}
}

func addScaledInt8Portable(dst []float32, row []byte, scale float32) {
	for i, b := range row {
		// The conversion keeps compilers from fusing the two operations.
		dst[i] += float32(scale * float32(int8(b)))
	}
}

// maxAbsPortable compares bits: without the sign, floats are in their order.
func maxAbsPortable(v []float32) float32 {
	var top uint32
	for _, x := range v {
		top = max(top, math.Float32bits(x)&^(1<<31))
	}
	return math.Float32frombits(top)
}

func quantizeI8Portable(dst []int8, v []float32, per float64) {
	for i, x := range v {
		dst[i] = lowestByte(float64(x) * per)
	}
}

func quantizeLowI8Portable(low, high []int8, v []float32, per float64) {
	for i, x := range v {
		low[i] = lowestByte((float64(float64(x)*per) - float64(high[i])) * LowBase)
	}
}

// lowestByte rounds a small number. Next to 1.5*2^52 a float64 has no fraction
// left, so the addition rounds, and the lowest byte is the two's complement of
// the result.
func lowestByte(x float64) int8 {
	const whole = 3 << 51
	return int8(math.Float64bits(float64(x) + whole))
}

// eighthFloorPortable is EighthFloor of full lanes.
func eighthFloorPortable(values []float32) float32 {
	most := [lanes]float32(values)
	for i := lanes; i < len(values); i++ {
		most[i%lanes] = max(most[i%lanes], values[i])
	}
	slices.Sort(most[:])
	return most[lanes-8]
}
