package wire

import (
	"math"
	"testing"

	"github.com/tidwall/gjson"
)

func TestCount(t *testing.T) {
	for raw, want := range map[string]Count{
		`7`: {N: 7}, `"7"`: {N: 7}, `7.0`: {N: 7}, `7e3`: {N: 7000}, `0`: {}, `null`: {}, `-3`: {N: -3},
		`7.5`: {Unreadable: true}, `"many"`: {Unreadable: true}, `true`: {Unreadable: true}, `[7]`: {Unreadable: true}, `{}`: {Unreadable: true}, `""`: {Unreadable: true}, `"NaN"`: {Unreadable: true},
		`9223372036854775807`: {N: math.MaxInt64}, `9223372036854775808`: {N: math.MaxInt64}, `1e400`: {N: math.MaxInt64}, `-1e400`: {N: math.MinInt64}, `"Inf"`: {N: math.MaxInt64},
	} {
		var got Count
		if got.Take(gjson.Parse(raw)); got != want {
			t.Errorf("%s: %+v, want %+v", raw, got, want)
		}
	}
	c := Count{}
	for _, raw := range []string{`7`, `0`, `null`, `"?"`} {
		if c.Take(gjson.Parse(raw)); c != (Count{N: 7}) {
			t.Errorf("after %s: %+v", raw, c)
		}
	}
	if c.Take(gjson.Result{}, gjson.Parse("null"), gjson.Parse("9"), gjson.Parse("10")); c.N != 9 {
		t.Errorf("the first that is there: %+v", c)
	}
}

func TestSum(t *testing.T) {
	const most = math.MaxInt64
	for want, counts := range map[int64][]int64{6: {1, 2, 3}, most: {most, 1, most}, -1: {most, -1}, 0: {}} {
		if got := Sum(counts...); got != want {
			t.Errorf("%v: %d, want %d", counts, got, want)
		}
	}
}
