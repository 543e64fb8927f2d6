package vec

// FirstAbove returns the first i with float32(sums[i])*scales[i] > limit, or
// len(sums) when there is none. It finds the few rows of a quantised scan that
// can matter. It panics when the lengths differ.
func FirstAbove(sums []int32, scales []float32, limit float32) int {
	sameLength(len(sums), len(scales))
	start := 0
	if len(sums) >= 8 {
		start = firstAbove(sums, scales, limit)
	}
	return start + firstAbovePortable(sums[start:], scales[start:], limit)
}

func firstAbovePortable(sums []int32, scales []float32, limit float32) int {
	scales = scales[:len(sums)]
	for i, s := range sums {
		if float32(s)*scales[i] > limit {
			return i
		}
	}
	return len(sums)
}
