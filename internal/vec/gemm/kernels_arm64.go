package gemm

// multiplySDOT computes height rows, at most 4, of 16 outputs: a panel. Strides are
// in bytes, activations signed bytes. It needs the dot products of ARMv8.2.
//
//go:noescape
func multiplySDOT(dst *float32, dstStride, height, inputs int, panel *int8, scales, bias, rowScales *float32, a *uint8)

// multiplySMULL is the same for at most 2 rows.
//
//go:noescape
func multiplySMULL(dst *float32, dstStride, height, inputs int, panel *int8, scales, bias, rowScales *float32, a *uint8)

// largestNEON is the largest magnitude; n is a multiple of 16.
//
//go:noescape
func largestNEON(x *float32, n int) float32

// quantizeRowNEON stores per × x, rounded to even, as signed bytes; n is a multiple
// of 16.
//
//go:noescape
func quantizeRowNEON(dst *uint8, x *float32, n int, per float32)
