package vec

import "golang.org/x/sys/cpu"

// addScaledInt8Blocks does the whole blocks of 32 and says how many elements
// that were.
func addScaledInt8Blocks(dst []float32, row []byte, scale float32) int {
	blocks := len(row) / 32
	if blocks == 0 || !cpu.X86.HasAVX2 {
		return 0
	}
	addScaledInt8AVX2(&dst[0], &row[0], scale, blocks)
	return blocks * 32
}

//go:noescape
func addScaledInt8AVX2(dst *float32, row *byte, scale float32, blocks int)
