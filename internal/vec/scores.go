package vec

// ScoresI8 stores float32(sums[i])*scales[i] in dst: the similarities of rows
// whose 8-bit forms gave these sums, in units of the query's scale. It panics
// when the lengths differ.
func ScoresI8(dst []float32, sums []int32, scales []float32) {
	sameLength(len(dst), len(sums))
	sameLength(len(dst), len(scales))
	done := scoresI8(dst, sums, scales)
	for i := done; i < len(dst); i++ {
		dst[i] = float32(sums[i]) * scales[i]
	}
}

// FirstAbove returns the first i with values[i] > limit, or len(values) when
// there is none. It finds the few of many rows that can matter. No value may
// be NaN.
func FirstAbove(values []float32, limit float32) int {
	for i := firstAbove(values, limit); i < len(values); i++ {
		if values[i] > limit {
			return i
		}
	}
	return len(values)
}
