package classify

import (
	"cmp"
	"math"
	"slices"
)

// Thresholds say below what a decision is better not made.
type Thresholds struct {
	// Confidence refuses few of the held-out decisions that were right: 2 %, more
	// with few utterances, and more where the user said what belongs nowhere; half
	// as many where LeastKnown refuses what belongs nowhere.
	Confidence float32
	// Known tells the reason: below it a prompt is far from every utterance, as 1
	// % of the right ones are.
	Known float32
	// LeastKnown is the Known that a prompt must reach to be decided, however
	// sure it is which route would be the one; 0 asks nothing. It weighs the
	// held-out prompts refused against those of the background, of which CLINC150
	// refuses 19 of 20.
	LeastKnown float32
}

// Thresholds are the defaults that training found without any out-of-scope
// prompt.
func (m *Model) Thresholds() Thresholds { return m.thresholds }

const (
	leastRefused = 0.02
	mostRefused  = 0.30
	// mostRefusedUnknown is the largest share of held-out prompts that is refused
	// as unknown.
	mostRefusedUnknown = 0.15
	// fewKnown is the number of held-out prompts from which on their shares say
	// something.
	fewKnown = 30
	// mostAsked and mostKnown are the highest defaults, so that few held-out prompts
	// that were all surer do not have sure decisions refused.
	mostAsked = 0.95
	mostKnown = 0.98
	// strangersShare is how many prompts of no route are taken to come to one of a
	// route; those of the background are easier to tell than many that come.
	strangersShare = 0.3
)

// refused is the share of right held-out decisions that is refused anyway.
// Models of a few utterances are surer than those that did without a fold of
// them, so their held-out decisions are refused more often than prompts will be.
func refused(right int) float64 {
	return min(mostRefused/2, leastRefused+10/float64(max(right, 1)))
}

// defaultThresholds weighs right decisions refused against out-of-scope prompts
// refused: against nowhere, what the user says belongs nowhere, by givenShare
// (who lists many of them wants them refused), and against the background.
func (m *Model) defaultThresholds(nowhere, beside []opinion) Thresholds {
	var confidence, rightKnown, known []float32
	for i := range m.held {
		p := &m.held[i]
		if p.Label != None {
			known = append(known, p.Known)
		}
		if p.Right() {
			confidence = append(confidence, p.Confidence)
			rightKnown = append(rightKnown, p.Known)
		}
	}
	t := Thresholds{Known: quantile(rightKnown, .01)}
	if len(beside) > 0 && len(known) >= fewKnown {
		given, strangers := m.knowns(nowhere), m.knowns(beside)
		worth := 0.0
		if len(given) > 0 {
			worth = givenShare(len(given), 1)
		}
		at := bestRefused(refused(len(known)), mostRefusedUnknown, func(q float64) float64 {
			bound := quantile(known, q)
			return worth*below(given, bound) + strangersShare*below(strangers, bound)
		})
		t.LeastKnown = min(quantile(known, at), mostKnown)
		t.Confidence = min(quantile(confidence, refused(len(confidence))/2), mostAsked)
		return t
	}
	at := refused(len(confidence))
	if given := m.confidences(nowhere); len(given) > 0 {
		worth := givenShare(len(given), 1)
		at = bestRefused(at, mostRefused, func(q float64) float64 { return worth * below(given, quantile(confidence, q)) })
	}
	t.Confidence = min(quantile(confidence, at), mostAsked)
	return t
}

// bestRefused is the share of own prompts to refuse, least to most, whose gain is
// most above it.
func bestRefused(least, most float64, gain func(q float64) float64) float64 {
	at, best := least, math.Inf(-1)
	for q := least; q <= most; q += 0.005 {
		if g := gain(q) - q; g > best {
			best, at = g, q
		}
	}
	return at
}

// below is the share of the list that is less than the bound.
func below(list []float32, bound float32) float64 {
	n := 0
	for _, x := range list {
		if x < bound {
			n++
		}
	}
	return float64(n) / float64(max(1, len(list)))
}

// quantile is the value below which a share q lies; 0 of nothing.
func quantile(list []float32, q float64) float32 {
	if len(list) == 0 {
		return 0
	}
	slices.Sort(list)
	return list[int(q*float64(len(list)))]
}

// Promise is a threshold with what it keeps.
type Promise struct {
	Threshold float32 // accept a confidence of at least this
	Coverage  float64 // share of predictions accepted
	Precision float64 // share of the accepted that was right
	Bound     float64 // the precision is at least this, with probability Trust
	Accepted  int
	Kept      bool // whether the bound reaches what was asked; if not, Threshold is above 1
}

// Trust is the probability with which a Promise holds for prompts like the
// predictions.
const Trust = 0.95

// promiseSteps is at most about how many thresholds PromisePrecision tests.
const promiseSteps = 200

// PromisePrecision finds a low threshold above which the decisions are right
// with the asked precision, even by the exact lower bound for a share (Clopper
// and Pearson 1934). It begins where the evidence is strongest, tests one
// threshold after the other in the direction of more coverage, and stops at the
// first that fails: so only one threshold that does not keep the precision can
// ever pass, and does with probability 1 - Trust at most, however many are
// tested (fixed-sequence testing: Angelopoulos, Bates, Candès, Jordan and Lei
// 2021, "Learn then Test"). The beginning is seen in the same predictions, which
// matters only where no threshold keeps the precision. predictions are those of
// HeldOut or of labelled data; out-of-scope ones count as wrong when accepted.
func PromisePrecision(predictions []Prediction, precision float64) Promise {
	order := slices.Clone(predictions)
	slices.SortStableFunc(order, func(a, b Prediction) int { return cmp.Compare(b.Confidence, a.Confidence) })
	right := make([]int, len(order)) // among the first i+1
	var steps []int                  // the last places of the accepted that are tested
	for i, n, last := 0, 0, -1; i < len(order); i++ {
		if order[i].Right() {
			n++
		}
		right[i] = n
		if i+1 < len(order) && (order[i+1].Confidence == order[i].Confidence || i-last < len(order)/promiseSteps) {
			continue
		}
		steps, last = append(steps, i), i
	}
	best := Promise{Threshold: float32(math.Inf(1))}
	for _, i := range steps[strongest(steps, right, precision):] {
		n := i + 1
		if precision > 0 && chanceOfAtLeast(right[i], n, precision) > 1-Trust {
			break
		}
		best = Promise{order[i].Confidence, float64(n) / float64(len(order)), float64(right[i]) / float64(n), 0, n, true}
	}
	if best.Kept {
		if best.Accepted == len(order) {
			best.Threshold = 0
		}
		best.Bound = lowerBound(int(math.Round(best.Precision*float64(best.Accepted))), best.Accepted)
	}
	return best
}

// strongest is the place among steps where most speaks for the precision: where
// the chance of so many right ones by accident is least.
func strongest(steps, right []int, precision float64) int {
	best, least := 0, math.Inf(1)
	for k, i := range steps {
		if chance := chanceOfAtLeast(right[i], i+1, precision); chance < least {
			best, least = k, chance
		}
	}
	return best
}

// chanceOfAtLeast is the probability of k or more successes in n trials that
// succeed with probability p.
func chanceOfAtLeast(k, n int, p float64) float64 {
	switch {
	case k <= 0 || p >= 1:
		return 1
	case p <= 0:
		return 0
	}
	return incompleteBeta(float64(k), float64(n-k+1), p)
}

// lowerBound is the success probability that makes k or more of n just as
// unlikely as 1 - Trust.
func lowerBound(k, n int) float64 {
	low, high := 0.0, float64(k)/float64(n)
	for range 50 {
		mid := (low + high) / 2
		if chanceOfAtLeast(k, n, mid) <= 1-Trust {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}

// incompleteBeta is the regularised incomplete beta function, by Lentz's
// continued fraction (Press et al., Numerical Recipes, 6.4).
func incompleteBeta(a, b, x float64) float64 {
	if x > (a+1)/(a+b+2) {
		return 1 - incompleteBeta(b, a, 1-x)
	}
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	lab, _ := math.Lgamma(a + b)
	front := math.Exp(lab-la-lb+a*math.Log(x)+b*math.Log1p(-x)) / a
	const tiny = 1e-300
	c, d := 1.0, 1/away(1-(a+b)*x/(a+1), tiny)
	sum := d
	for m := 1.0; m < 500; m++ {
		for _, t := range [2]float64{
			m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m)),
			-(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1)),
		} {
			d = 1 / away(1+t*d, tiny)
			c = away(1+t/c, tiny)
			sum *= c * d
		}
		if math.Abs(c*d-1) < 1e-12 {
			break
		}
	}
	return front * sum
}

// away keeps a denominator from 0.
func away(x, tiny float64) float64 {
	if math.Abs(x) < tiny {
		return tiny
	}
	return x
}
