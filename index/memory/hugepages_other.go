//go:build !linux

package memory

// newCodes returns room for n codes.
func newCodes(n int) []int8 { return make([]int8, n) }
