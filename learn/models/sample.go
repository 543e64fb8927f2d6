package models

import (
	"slices"

	"github.com/semroute/semroute/forward"
)

// Kind is what of a model's answers is watched.
type Kind string

// The kinds.
const (
	Length     Kind = "answer length" // tokens
	Refusals   Kind = "refusals"
	Latency    Kind = "latency" // milliseconds
	Errors     Kind = "errors"
	Rejections Kind = "rejections" // answers that a cascade did not accept
	Score      Kind = "judge score"
)

// kinds are all of them, in the order of a model's streams.
var kinds = [...]Kind{Length, Refusals, Latency, Errors, Rejections, Score}

// sample is what one attempt shows of its model; a number below 0 was not seen.
type sample [len(kinds)]float64

// failures are the statuses that are the model's own, not the request's, the
// caller's or a budget's.
var failures = []forward.Status{
	forward.Status(forward.RateLimited), forward.Status(forward.ServerError), forward.Status(forward.Timeout),
	forward.Status(forward.Auth), forward.Status(forward.NotFound), forward.Status(forward.Garbage), forward.Status(forward.Reset),
	forward.Status(forward.TooLarge), forward.Status(forward.Unreachable), forward.Status(forward.OutOfCredit),
}

// sampleOf is what an attempt shows; false for one that shows nothing. checked
// says that its answer was held for checks.
func sampleOf(a *forward.Attempt, checked bool) (sample, bool) {
	s := sample{-1, -1, -1, -1, -1, -1}
	switch {
	case a.Judge:
		return s, false
	case slices.Contains(failures, a.Status):
		s.set(Errors, 1)
		return s, true
	case a.Status != forward.Done && a.Status != forward.Rejected:
		return s, false
	}
	s.set(Errors, 0)
	s.set(Length, float64(max(0, a.Usage.OutputTokens)))
	s.set(Latency, max(0, float64(a.Latency.Microseconds())/1000))
	s.set(Refusals, indicator(a.Refused))
	if checked {
		s.set(Rejections, indicator(a.Status == forward.Rejected))
	}
	if a.Score != nil {
		s.set(Score, min(1, max(0, *a.Score)))
	}
	return s, true
}

func (s *sample) set(k Kind, x float64) { s[slices.Index(kinds[:], k)] = x }

func indicator(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
