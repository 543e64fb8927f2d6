package vec

import (
	"math"
	"math/bits"
)

// lanes is how many values EighthFloor compares at a time.
const lanes = 16

// EighthFloor returns a number that at least eight of the values reach and that
// not many more do: what is below it is not among the eight largest. It is
// minus infinity when there are fewer than sixteen values. No value may be NaN.
//
// The values are dealt out to sixteen lanes, and it is the eighth largest of
// the lanes' largest; values that do not fill all lanes are left out.
func EighthFloor(values []float32) float32 {
	n := len(values) &^ (lanes - 1)
	if n == 0 {
		return float32(math.Inf(-1))
	}
	return eighthFloor(values[:n])
}

// AppendReaching appends the places of the values that are at least limit, in
// order. No value may be NaN.
func AppendReaching(dst []int32, values []float32, limit float32) []int32 {
	for first := 0; first < len(values); first += 64 {
		block := values[first:min(first+64, len(values))]
		mask, done := reachMask(block, limit)
		for i := done; i < len(block); i++ {
			if block[i] >= limit {
				mask |= 1 << i
			}
		}
		for ; mask != 0; mask &= mask - 1 {
			dst = append(dst, int32(first+bits.TrailingZeros64(mask)))
		}
	}
	return dst
}
