package promise_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/semroute/semroute/learn/promise"
)

const (
	streams = 2000
	length  = 2000
	rate    = 0.01
)

// raised is the share of streams in which an alarm is ever raised, and the
// median outcome at which, of those of which one is.
func raised(promised, truth float64, seed uint64) (share float64, at int) {
	rng := rand.New(rand.NewPCG(seed, 7))
	var when []int
	for range streams {
		test := promise.NewTest(promised)
		for i := range length {
			test.Add(rng.Float64() < truth)
			if test.Broken(rate) {
				when = append(when, i+1)
				break
			}
		}
	}
	if len(when) == 0 {
		return 0, 0
	}
	slices.Sort(when)
	return float64(len(when)) / streams, when[len(when)/2]
}

// A promise that is just kept is called broken in at most one of a hundred
// streams, though each is looked at after every one of 2,000 outcomes.
func TestFalseAlarmsStayWithinTheRate(t *testing.T) {
	for _, promised := range []float64{.8, .9, .95, .99} {
		share, _ := raised(promised, promised, 1)
		t.Logf("promised %.2f and kept: alarms in %.4f of %d streams", promised, share, streams)
		if limit := rate + 2*math.Sqrt(rate*(1-rate)/streams); share > limit {
			t.Errorf("promised %.2f and kept: alarms in %.4f of the streams, at most %.4f may be", promised, share, limit)
		}
		if share, _ := raised(promised, promised+(1-promised)/2, 2); share > rate {
			t.Errorf("promised %.2f and more than kept: alarms in %.4f of the streams", promised, share)
		}
	}
}

// Broken promises are found, the sooner the worse they are broken.
func TestBrokenPromisesAreFound(t *testing.T) {
	for _, c := range []struct {
		promised, truth float64
		within          int // outcomes, half of the time
	}{
		{.95, .90, 450}, {.95, .85, 150}, {.95, .70, 50}, {.99, .95, 200}, {.90, .80, 220},
	} {
		share, at := raised(c.promised, c.truth, 3)
		t.Logf("promised %.2f, true %.2f: found in %.3f of the streams, half of the time within %d outcomes", c.promised, c.truth, share, at)
		if share < .99 || at > c.within {
			t.Errorf("promised %.2f, true %.2f: found in %.3f of the streams, half of the time within %d outcomes; want .99 within %d",
				c.promised, c.truth, share, at, c.within)
		}
	}
}

// An interval that is looked at after every outcome holds the truth all the
// time in 95 of 100 streams.
func TestIntervalHoldsAtAllTimes(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	const rate, streams, length = 0.05, 300, 200
	for _, truth := range []float64{.5, .9, .99} {
		missed := 0
		for range streams {
			right, wrong, out := 0, 0, false
			for range length {
				if rng.Float64() < truth {
					right++
				} else {
					wrong++
				}
				low, high := promise.Interval(right, wrong, rate)
				out = out || truth < low || truth > high
			}
			if out {
				missed++
			}
		}
		if share := float64(missed) / streams; share > rate+.025 {
			t.Errorf("the truth %.2f was outside of the interval in %.3f of the streams", truth, share)
		}
	}
}

func TestIntervalAtTheEnds(t *testing.T) {
	for _, c := range []struct {
		right, wrong        int
		lowest, highest     float64 // what low may be
		lowestHi, highestHi float64 // what high may be
	}{
		{0, 0, 0, 0, 1, 1},
		{1, 0, 0, .1, 1, 1},
		{0, 1, 0, 0, .9, 1},
		{1000, 0, .98, .999, 1, 1},
		{0, 1000, 0, 0, .001, .02},
		{500, 500, .42, .5, .5, .58},
		{math.MaxInt32, math.MaxInt32, .49, .5, .5, .51},
	} {
		low, high := promise.Interval(c.right, c.wrong, .05)
		if !(low >= c.lowest && low <= c.highest && high >= c.lowestHi && high <= c.highestHi) {
			t.Errorf("%d right, %d wrong: [%v, %v]", c.right, c.wrong, low, high)
		}
	}
}

func outcomes(route string, right, wrong int, sampled bool) []promise.Outcome {
	list := make([]promise.Outcome, 0, right+wrong)
	for i := range right + wrong {
		list = append(list, promise.Outcome{
			Route: route, Right: i*wrong/(right+wrong) == (i+1)*wrong/(right+wrong), Sampled: sampled, Time: time.Unix(int64(i), 0),
		})
	}
	return list
}

func TestWatch(t *testing.T) {
	list := outcomes("refunds", 60, 40, false)
	list = append(list, outcomes("parcels", 95, 5, false)...)
	list = append(list, outcomes("unpromised", 1, 9, false)...)
	list = append(list, outcomes("sampled", 0, 50, false)...)
	list = append(list, outcomes("sampled", 49, 1, true)...)
	got := map[string]promise.Standing{}
	for _, s := range promise.Watch(map[string]float64{"refunds": .95, "parcels": .9, "sampled": .9, "silent": .9}, list, .01) {
		got[s.Route] = s
	}
	for route, want := range map[string]struct {
		broken, sampled bool
		right, wrong    int
	}{
		"refunds":    {true, false, 60, 40},
		"parcels":    {false, false, 95, 5},
		"unpromised": {false, false, 1, 9},
		"sampled":    {false, true, 49, 1},
		"silent":     {false, false, 0, 0},
	} {
		s, ok := got[route]
		if !ok || s.Broken != want.broken || s.Sampled != want.sampled || s.Right != want.right || s.Wrong != want.wrong {
			t.Errorf("%s: %+v, want %+v", route, s, want)
		}
	}
	if s := got["refunds"]; s.Limit != 400 || s.Evidence < s.Limit || s.High >= .95 || s.BrokenAt.IsZero() {
		t.Errorf("a broken promise: %+v", s)
	}
	if s := got["silent"]; s.Low != 0 || s.High != 1 || s.Evidence != 1 {
		t.Errorf("a promise without outcomes: %+v", s)
	}
}

// Four promises share the rate: one alone must be surer than with one promise.
func TestThePromisesShareTheRate(t *testing.T) {
	one := map[string]float64{"a": .9}
	four := map[string]float64{"a": .9, "b": .9, "c": .9, "d": .9}
	if a, b := promise.Watch(one, nil, .01)[0].Limit, promise.Watch(four, nil, .01)[0].Limit; a != 100 || b != 400 {
		t.Errorf("limits %v and %v, want 100 and 400", a, b)
	}
}
