package vec

// Summing chosen rows of a matrix is how a linear model scores a sparse
// example: dst += Σ vals[i] × rows[ids[i]]. Keeping a stripe of dst in registers
// while all rows pass by saves the load and store of dst for every row.

// stripe is the number of columns that the kernels keep in registers; the
// length of dst must be a multiple of it.
const stripe = 32

// SumRows adds to dst, for every i, vals[i] × row ids[i] of the row-major matrix
// w, whose rows have the length of dst. It panics when len(dst) is not a
// multiple of 32, when ids and vals differ in length, or when an id points
// outside w. The order of additions, and so the rounding, differs between the
// SIMD and the plain form.
func SumRows(dst, w []float32, ids []uint32, vals []float32) {
	checkRowSum(len(dst), len(w), ids, len(vals))
	if len(ids) == 0 || len(dst) == 0 {
		return
	}
	sumRows(dst, w, ids, vals)
}

// SumRowsI8 is SumRows for a matrix of signed bytes.
func SumRowsI8(dst []float32, w []int8, ids []uint32, vals []float32) {
	checkRowSum(len(dst), len(w), ids, len(vals))
	if len(ids) == 0 || len(dst) == 0 {
		return
	}
	sumRowsI8(dst, w, ids, vals)
}

// checkRowSum guards the assembly, which trusts its arguments.
func checkRowSum(stride, size int, ids []uint32, vals int) {
	if stride%stripe != 0 || len(ids) != vals {
		panic("vec: row sum of wrong lengths")
	}
	if stride == 0 {
		return
	}
	rows := uint32(size / stride)
	for _, id := range ids {
		if id >= rows {
			panic("vec: row outside the matrix")
		}
	}
}
