package plot

import (
	"math"
	"strconv"
)

// scale maps values to pixels.
type scale struct {
	axis      Axis
	low, high float64
	from, to  float64 // pixels of low and high
}

// at is the pixel of a value; false when it cannot be shown on this scale.
func (s *scale) at(v float64) (float64, bool) {
	low, high := s.low, s.high
	if s.axis.Log {
		if v <= 0 || low <= 0 {
			return 0, false
		}
		v, low, high = math.Log10(v), math.Log10(low), math.Log10(high)
	}
	pixel := s.from + (v-low)/(high-low)*(s.to-s.from)
	return pixel, !math.IsNaN(pixel) && !math.IsInf(pixel, 0)
}

// ticks are round values inside the range, about count of them.
func (s *scale) ticks(count int) []float64 {
	if s.axis.Log {
		return s.logTicks()
	}
	step := niceStep((s.high - s.low) / float64(count))
	var ticks []float64
	for k := math.Ceil(s.low/step - 1e-9); k*step <= s.high+step*1e-9; k++ {
		ticks = append(ticks, k*step)
	}
	return ticks
}

// logTicks are powers of ten, and 2 and 5 times these where there are few.
func (s *scale) logTicks() []float64 {
	steps := []float64{1}
	if s.high/s.low < 1e3 {
		steps = []float64{1, 2, 5}
	}
	var ticks []float64
	for e := math.Floor(math.Log10(s.low)); e <= math.Log10(s.high); e++ {
		for _, m := range steps {
			if v := m * math.Pow(10, e); v >= s.low && v <= s.high {
				ticks = append(ticks, v)
			}
		}
	}
	return ticks
}

// niceStep is the smallest of 1, 2 and 5 times a power of ten that is not
// below the wanted step.
func niceStep(wanted float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(wanted)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= wanted*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// format writes a tick.
func (s *scale) format(v float64) string {
	if math.Abs(v) < 1e-12 {
		v = 0
	}
	if s.axis.Percent {
		return strconv.FormatFloat(100*v, 'g', 4, 64) + " %"
	}
	return s.axis.Prefix + strconv.FormatFloat(v, 'g', 4, 64)
}
