package vec

// Vectors in 16 bits are quantised in two stages: High is the 8-bit form of
// QuantizeI8, Low the 8-bit form of the residual it leaves, so the value is
// scale × (High + Low/254). A scan reads High alone, half of the bytes, and only
// what it finds is ranked by both.

// LowBase is how many steps of Low make one of High. With 254 the residual, half a
// step either way, fills a signed byte.
const LowBase = 254

// CodeI16 is a vector in two stages.
type CodeI16 struct{ High, Low []int8 }

// RowsI16 is a row-major matrix in two stages: High and Low are rows × Dim.
type RowsI16 struct {
	Dim       int
	High, Low []int8
}

// QuantizeLowI8 stores in low the residual of v, whose first stage is high with
// its scale: scale × (high + low/254) is v with an error of at most scale/508.
// It panics when the lengths differ.
func QuantizeLowI8(low, high []int8, v []float32, scale float32) {
	sameLength(len(v), len(high))
	sameLength(len(v), len(low))
	if scale == 0 {
		clear(low)
		return
	}
	per := 1 / float64(scale)
	done := quantizeLowI8(low, high, v, per)
	quantizeLowI8Portable(low[done:], high[done:], v[done:], per)
}

// LowDot is what the residuals add to the dot product of two vectors, in exact
// sums of products: Cross of the first stage of one with the residual of the
// other, both ways, and Low of the residuals of both.
type LowDot struct{ Cross, Low int32 }

// Value is what it adds, in units of the product of the first stages.
func (d LowDot) Value() float32 {
	return float32(d.Cross)*(1.0/LowBase) + float32(d.Low)*(1.0/(LowBase*LowBase))
}

// LowDotRows stores in dst[i] what the residuals add to the dot product of
// q and the row of number picked[i]. It panics when lengths differ or a row lies
// outside.
func LowDotRows(dst []LowDot, rows RowsI16, picked []int32, q CodeI16) {
	sameLength(rows.Dim, len(q.High))
	sameLength(rows.Dim, len(q.Low))
	sameLength(len(rows.High), len(rows.Low))
	sameLength(len(picked), len(dst))
	if len(picked) == 0 || rows.Dim == 0 {
		clear(dst)
		return
	}
	count := uint32(len(rows.High) / rows.Dim)
	for _, row := range picked {
		if uint32(row) >= count {
			panic("vec: row outside the matrix")
		}
	}
	lowDotRows(dst, rows, picked, q)
}
