package routes

import (
	"math"

	"github.com/semroute/semroute/internal/strictyaml"
)

// reference reads what decisions were like. Routes that are gone are dropped with
// the fit's bounds; see dropStale.
func (l *loading) reference(v value) *Reference {
	r := &Reference{}
	ok := readMapping(v, "reference",
		field{"from", func(v value) {
			r.From, _ = strictyaml.OneOf(v, "from", FromPrompts, FromUtterances, FromTraffic)
		}},
		field{"prompts", func(v value) {
			n, _ := v.Integer("prompts", 1, math.MaxInt32)
			r.Prompts = int(n)
		}},
		field{"confidence", func(v value) { r.Confidence = readMoments(v, "confidence") }},
		field{"similarity", func(v value) { r.Similarity = readMoments(v, "similarity") }},
		share("abstained", &r.Abstained),
		field{"shares", func(v value) { r.Shares = l.shares(v) }},
	)
	if !ok || !requireKeys(v, "reference", "from", "prompts", "confidence", "similarity", "abstained") {
		return nil
	}
	return r
}

func (l *loading) shares(v value) map[string]float64 {
	shares := map[string]float64{}
	v.Entries("the routes' shares", func(key string, at Position, item value) {
		if n, ok := item.Number("the share of "+holder(key), 0, 1); ok {
			shares[key] = n
			l.sharesAt = append(l.sharesAt, mention{kind: aRoute, name: key, at: at})
		}
	})
	if len(shares) == 0 {
		return nil
	}
	return shares
}

func readMoments(v value, what string) Moments {
	var m Moments
	number := func(key string, low, high float64, to *float64) field {
		return field{key, func(v value) { *to, _ = v.Number(key, low, high) }}
	}
	if readMapping(v, what, number("mean", -1, 1, &m.Mean), number("deviation", 0, 2, &m.Deviation)) {
		requireKeys(v, what, "mean", "deviation")
	}
	return m
}
