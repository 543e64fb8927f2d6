package classify

import (
	"math"
	"slices"
)

// outsideOdds is the log odds of a prompt being in scope before it is seen:
// about one of eight is taken to be out of scope.
const outsideOdds = 2

// gate says whether a prompt belongs to any route: the log odds of being known
// are nearest × the highest similarity + logit × the winner's raw logit - foreign
// × the similarity of the nearest prompt of the background + constant, less the
// doubt that none: examples raise. The raw logit, unlike a probability, is low when
// nothing of the prompt was seen in training (Vaze et al. 2022, "Open-set
// recognition: a good closed-set classifier is all you need").
type gate struct{ nearest, logit, foreign, constant float64 }

func (g gate) logOdds(o *opinion) float64 {
	return g.nearest*o.nearest + g.logit*o.logit - g.foreign*o.nearestForeign + g.constant - doubt(o)
}

// known is the probability of being in scope, 0 to 1.
func (g gate) known(o *opinion) float64 { return sigmoid(g.logOdds(o) + outsideOdds) }

// outsiders are opinions on prompts of no route: on those of routes that were
// left out of the training, those that the user says belong nowhere, and those
// of the background.
type outsiders struct{ left, given, beside []opinion }

// fitGate separates opinions on prompts of the routes from those on prompts of
// none. Both classes weigh the same. Each weight is kept at 0 or above: nearer is
// never less known. The more prompts the user gave, the more they count. useLogit
// says whether the raw logits are comparable.
func fitGate(inside []opinion, out outsiders, useLogit bool) gate {
	if len(out.left)+len(out.given)+len(out.beside) == 0 {
		return lonelyGate(inside)
	}
	use := [gateClues]bool{true, useLogit, len(out.beside) > 0 && out.beside[0].nearestForeign > -1}
	for {
		w := fitGateOn(inside, out, use)
		dropped := false
		for j := 1; j < gateClues; j++ {
			if use[j] && w[j] < 0 {
				use[j], dropped = false, true
			}
		}
		switch {
		case dropped:
		case w[0] < 0:
			return lonelyGate(inside)
		default:
			return gate{w[0], w[1] / 10, w[2], w[gateClues]}
		}
	}
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
		return gate{nearest: slope, constant: -slope / 2}
	}
	return gate{nearest: slope, constant: -slope * (sims[len(sims)/20] - .1)}
}

// givenHalf is the number of given out-of-scope prompts that counts as much as
// all prompts of left-out routes: these are out of scope, those only near it.
const givenHalf = 8

// besideShare is how much the background counts beside the prompts of left-out
// routes: those are about what the catalog is about, most strangers are not.
const besideShare = 0.5

// givenShare is how much the given prompts count beside all others, 0 to 1.
func givenShare(given, others int) float64 {
	if others == 0 {
		return 1
	}
	return float64(given) / float64(given+givenHalf)
}

// gateClues is the number of things that a gate weighs.
const gateClues = 3

// fitGateOn fits the weights of the clues in use, those of the others being 0,
// and the constant.
func fitGateOn(inside []opinion, out outsiders, use [gateClues]bool) []float64 {
	var xs [][]float64
	var target, weight []float64
	add := func(list []opinion, t, share float64) {
		for i := range list {
			x := []float64{list[i].nearest, list[i].logit / 10, -list[i].nearestForeign} // all of a size
			for j := range x {
				if !use[j] {
					x[j] = 0
				}
			}
			xs = append(xs, x)
			target = append(target, t)
			weight = append(weight, share/float64(len(list)))
		}
	}
	given := givenShare(len(out.given), len(out.left)+len(out.beside))
	beside := besideShare
	switch {
	case len(out.beside) == 0:
		beside = 0
	case len(out.left) == 0:
		beside = 1
	}
	add(inside, 1, 1)
	add(out.left, 0, (1-given)*(1-beside))
	add(out.beside, 0, (1-given)*beside)
	add(out.given, 0, given)
	prior := 1e-4 + 1/(10*math.Pow(float64(len(inside)), 1.5))
	return logistic(xs, target, weight, []float64{10, 0, 0, -5}, []float64{prior, prior, prior, prior / 10})
}
