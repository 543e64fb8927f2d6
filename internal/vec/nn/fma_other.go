//go:build !arm64

package nn

import "math"

// fma is x·y + z with one rounding. The product is exact in float64, and a sum
// rounded to odd there, with two bits more than twice a float32 has, rounds to
// the right float32.
func fma(x, y, z float32) float32 {
	p, c := float64(x)*float64(y), float64(z)
	sum := p + c
	part := sum - p
	lost := (p - (sum - part)) + (c - part)
	if bits := math.Float64bits(sum); lost != 0 && bits&1 == 0 {
		if (lost > 0) == (sum > 0) {
			sum = math.Float64frombits(bits + 1)
		} else {
			sum = math.Float64frombits(bits - 1)
		}
	}
	return float32(sum)
}
