package nn

// productNEON is productPortable of height rows, at most 4, and a panel of b.
// Strides are in bytes.
//
//go:noescape
func productNEON(dst, a, b *float32, dstStride, aStride, height, inner int, scales *float32)

// geluNEON is geluPortable; n is a multiple of 4, more than 0.
//
//go:noescape
func geluNEON(x *float32, n int, numbers *float32)
