package vec

// Every arm64 processor has NEON. Steps are of 16 components, sums of rows of 32
// columns.

//go:noescape
func dotRowsNEON(dst, rows *float32, n, dim int, q *float32)

//go:noescape
func axpyNEON(alpha float32, x, y *float32, n int)

// dotRowsI8SDOT needs the dot products of ARMv8.2.
//
//go:noescape
func dotRowsI8SDOT(dst *int32, rows *int8, n, dim int, q *int8)

//go:noescape
func dotRowsI8SMULL(dst *int32, rows *int8, n, dim int, q *int8)

//go:noescape
func sumRowsNEON(dst, w *float32, stride int, ids *uint32, vals *float32, n int)

//go:noescape
func sumRowsI8NEON(dst *float32, w *int8, stride int, ids *uint32, vals *float32, n int)

//go:noescape
func addScaledInt8NEON(dst *float32, row *byte, scale float32, n int)
