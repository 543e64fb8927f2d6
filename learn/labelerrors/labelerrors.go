// Package labelerrors finds utterances that probably stand under the wrong
// route, by confident learning (Northcutt, Jiang and Chuang 2021, "Confident
// learning: estimating uncertainty in dataset labels"): an utterance is suspect
// when a model that has not seen it gives another route a probability that is
// usual for utterances which do stand under that route.
//
// It judges predictions and knows neither texts nor catalogs. It only points:
// some suspects are right and merely hard.
package labelerrors

import (
	"cmp"
	"slices"

	"github.com/semroute/semroute/classify"
)

// Suspect is an utterance that probably belongs to another route.
type Suspect struct {
	// Example is its place among the examples of the training.
	Example int32
	// Label is its own route, Route the one that it seems to belong to.
	Label, Route int32
	// Gap is how much more probable Route is than Label, in 0 … 1: the more the
	// surer that the label is wrong.
	Gap float64
}

// Find gives the suspects, the surest first; equal ones in the order of the
// examples. Predictions are decisions on labelled examples by models that had
// not seen them (classify.Model.HeldOut); those of examples without a route are
// passed over. Labels and routes are below routes.
func Find(predictions []classify.Prediction, routes int) []Suspect {
	usual := usualConfidence(predictions, routes)
	var found []Suspect
	for i := range predictions {
		p := &predictions[i]
		if p.Label == classify.None || p.Route == classify.None || p.Right() {
			continue
		}
		if float64(p.Confidence) >= usual[p.Route] {
			found = append(found, Suspect{Example: p.Example, Label: p.Label, Route: p.Route, Gap: float64(p.Confidence) - own(p)})
		}
	}
	slices.SortStableFunc(found, func(a, b Suspect) int {
		return cmp.Or(cmp.Compare(b.Gap, a.Gap), cmp.Compare(a.Example, b.Example))
	})
	return found
}

// Gap ranks any example by how wrong its label looks, in -1 … 1: the probability
// of the leading other route less that of its own.
func Gap(p *classify.Prediction) float64 {
	if p.Right() {
		return -float64(p.Margin)
	}
	return float64(p.Confidence) - own(p)
}

// own is the probability of the example's own route: 0 where that is neither
// the first nor the second, which leaves little for it.
func own(p *classify.Prediction) float64 {
	switch p.Label {
	case p.Route:
		return float64(p.Confidence)
	case p.RunnerUp:
		return float64(p.Confidence - p.Margin)
	}
	return 0
}

// usualConfidence is, for each route, the mean probability that examples
// under it have for it: the paper's thresholds. A route without any is never
// usual.
func usualConfidence(predictions []classify.Prediction, routes int) []float64 {
	sum, n := make([]float64, routes), make([]float64, routes)
	for i := range predictions {
		if p := &predictions[i]; p.Label != classify.None {
			sum[p.Label] += own(p)
			n[p.Label]++
		}
	}
	for r := range sum {
		if n[r] == 0 {
			sum[r] = 2
			continue
		}
		sum[r] /= n[r]
	}
	return sum
}
