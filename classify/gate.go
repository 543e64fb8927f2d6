package classify

import (
	"math"
	"slices"
)

// outsideOdds is the log odds of a prompt being in scope before it is seen:
// about one of eight is taken to be out of scope.
const outsideOdds = 2

// gate says whether a prompt belongs to any route: the log odds of being known
// are nearest × the highest similarity + logit × the winner's raw logit +
// constant, less the doubt that none: examples raise. The raw logit, unlike a probability, is low when nothing of the
// prompt was seen in training (Vaze et al. 2022, "Open-set recognition: a good
// closed-set classifier is all you need").
type gate struct{ nearest, logit, constant float64 }

func (g gate) logOdds(o *opinion) float64 {
	return g.nearest*o.nearest + g.logit*o.logit + g.constant - doubt(o)
}

// known is the probability of being in scope, 0 to 1.
func (g gate) known(o *opinion) float64 { return sigmoid(g.logOdds(o) + outsideOdds) }

// fitGate separates opinions on prompts of the routes from those on prompts of
// none. Both classes weigh the same. Each weight is kept at 0 or above: nearer is
// never less known.
//
// left are prompts of routes that were left out of the training, given are
// those that the user says belong nowhere; the more of these, the more they
// count. useLogit says whether the raw logits are comparable.
func fitGate(inside, left, given []opinion, useLogit bool) gate {
	if len(left)+len(given) == 0 {
		return lonelyGate(inside)
	}
	g := fitGateOn(inside, left, given, useLogit)
	if g.logit < 0 {
		g = fitGateOn(inside, left, given, false)
	}
	if g.nearest < 0 {
		return lonelyGate(inside)
	}
	return g
}

// lonelyGate draws the line below nearly all similarities seen, for want of
// anything from outside.
func lonelyGate(inside []opinion) gate {
	const slope = 20
	sims := make([]float64, len(inside))
	for i := range inside {
		sims[i] = inside[i].nearest
	}
	slices.Sort(sims)
	if len(sims) == 0 {
		return gate{slope, 0, -slope / 2}
	}
	return gate{slope, 0, -slope * (sims[len(sims)/20] - .1)}
}

// givenHalf is the number of given out-of-scope prompts that counts as much as
// all prompts of left-out routes: these are out of scope, those only near it.
const givenHalf = 8

// givenShare is how much the given prompts count beside those of left-out
// routes, 0 to 1.
func givenShare(given, left int) float64 {
	if left == 0 {
		return 1
	}
	return float64(given) / float64(given+givenHalf)
}

func fitGateOn(inside, left, given []opinion, useLogit bool) gate {
	var xs [][]float64
	var target, weight []float64
	add := func(list []opinion, t, share float64) {
		for i := range list {
			x := []float64{list[i].nearest, 0}
			if useLogit {
				x[1] = list[i].logit / 10 // of the same size as a similarity
			}
			xs = append(xs, x)
			target = append(target, t)
			weight = append(weight, share/float64(len(list)))
		}
	}
	share := givenShare(len(given), len(left))
	add(inside, 1, 1)
	add(left, 0, 1-share)
	add(given, 0, share)
	prior := 1e-4 + 1/(10*math.Pow(float64(len(inside)), 1.5))
	w := logistic(xs, target, weight, []float64{10, 0, -5}, []float64{prior, prior, prior / 10})
	return gate{w[0], w[1] / 10, w[2]}
}
