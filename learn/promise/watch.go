package promise

import (
	"maps"
	"slices"
	"time"
)

// Outcome is what became of one decision that chose a route.
type Outcome struct {
	Route string
	Right bool
	// Sampled: it was judged because it was drawn, whatever became of it.
	Sampled bool
	// Time is when the outcome became known.
	Time time.Time
}

// Standing is how a route's decisions do.
type Standing struct {
	Route string
	// Promised is the precision that was promised, 0 where nothing was.
	Promised float64
	// Right and Wrong count outcomes; Low and High hold the true precision of
	// such decisions with Certainty, at all times at once.
	Right, Wrong int
	Low, High    float64
	// Sampled: only outcomes of a sample were counted, because there are some.
	// Otherwise they are those that somebody cared to report.
	Sampled bool
	// Evidence against the promise is an e-value, 1 at first; Limit is what it
	// must reach for an alarm.
	Evidence, Limit float64
	// Broken is the alarm; BrokenAt the time of the outcome that raised it. It
	// stays raised until there is another promise.
	Broken   bool
	BrokenAt time.Time
}

// Watch judges all routes: those with a promise and those with outcomes, by
// name. Outcomes are taken in their order. rate is the probability, at most,
// with which any alarm is ever raised while all promises are kept; it is
// shared out evenly among the routes with a promise. The intervals hold with
// 1-rate for each route alone.
func Watch(promised map[string]float64, outcomes []Outcome, rate float64) []Standing {
	byRoute := make(map[string][]Outcome, len(promised))
	for route := range promised {
		byRoute[route] = nil
	}
	for _, o := range outcomes {
		byRoute[o.Route] = append(byRoute[o.Route], o)
	}
	out := make([]Standing, 0, len(byRoute))
	for _, route := range slices.Sorted(maps.Keys(byRoute)) {
		out = append(out, stand(route, promised[route], byRoute[route], rate, len(promised)))
	}
	return out
}

func stand(route string, promised float64, outcomes []Outcome, rate float64, promises int) Standing {
	s := Standing{Route: route, Promised: promised, Evidence: 1}
	s.Sampled = slices.ContainsFunc(outcomes, func(o Outcome) bool { return o.Sampled })
	var test *Test
	if promised > 0 && promised < 1 {
		test, s.Limit = NewTest(promised), float64(promises)/rate
	}
	for _, o := range outcomes {
		if s.Sampled && !o.Sampled {
			continue
		}
		if o.Right {
			s.Right++
		} else {
			s.Wrong++
		}
		if test == nil {
			continue
		}
		test.Add(o.Right)
		if !s.Broken && test.Broken(1/s.Limit) {
			s.Broken, s.BrokenAt = true, o.Time
		}
	}
	if test != nil {
		s.Evidence = test.Evidence()
	}
	s.Low, s.High = Interval(s.Right, s.Wrong, rate)
	return s
}
