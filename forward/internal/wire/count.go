package wire

import (
	"math"
	"strconv"

	"github.com/tidwall/gjson"

	"github.com/semroute/semroute/forward"
)

// Count is a number of tokens as a server sends it, again and again: the last
// that says anything is right, and one that says nothing, or 0, takes nothing
// away. The zero value is ready.
type Count struct {
	// N is the count, also a negative or a huge one; who uses it judges it.
	N int64
	// Unreadable: something stood there that is no count, and no count came.
	Unreadable bool
}

// Take reads the first of the values that says anything: a number, or a number
// in quotes. Servers give a count under several names, with 0 under one of them.
func (c *Count) Take(values ...gjson.Result) {
	for _, v := range values {
		if !v.Exists() || v.Type == gjson.Null {
			continue
		}
		n, ok := whole(v)
		switch {
		case !ok:
			c.Unreadable = c.N == 0
		case n != 0:
			c.N, c.Unreadable = n, false
			return
		}
	}
}

// whole reads a whole number; what does not fit is the nearest that does.
func whole(v gjson.Result) (int64, bool) {
	text := v.Raw
	switch v.Type {
	case gjson.String:
		text = v.Str
	case gjson.Number:
	default:
		return 0, false
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(text, 64)
	switch {
	case f >= math.MaxInt64:
		return math.MaxInt64, true
	case f <= math.MinInt64:
		return math.MinInt64, true
	case err != nil || f != math.Trunc(f): // also NaN
		return 0, false
	}
	return int64(f), true
}

// Sum adds counts; what does not fit is the largest number, and a negative one
// stays to be noticed.
func Sum(counts ...int64) int64 {
	sum := int64(0)
	for _, n := range counts {
		switch {
		case n < 0:
			return n
		case sum > math.MaxInt64-n:
			return math.MaxInt64
		}
		sum += n
	}
	return sum
}

// Finite is the number, 0 for one that is none, for log-probabilities.
func Finite(v gjson.Result) float64 {
	if f := v.Float(); !math.IsNaN(f) && !math.IsInf(f, 0) {
		return f
	}
	return 0
}

// Doubt marks a usage one of whose counts could not be read.
func Doubt(u forward.Usage, counts ...Count) forward.Usage {
	for _, c := range counts {
		u.Implausible = u.Implausible || c.Unreadable
	}
	return u
}
