package promise

import "math"

// stakes is how many bettors share the first unit of wealth.
const stakes = 24

// Test is a running test of one promise. The zero value is not usable; see
// NewTest. It is not safe for concurrent use.
type Test struct {
	// win and lose are what each bettor's wealth is multiplied by at a wrong and
	// at a right outcome.
	win, lose [stakes]float64
	wealth    [stakes]float64
	right     int
	wrong     int
	highest   float64
}

// mostWealth keeps wealth finite; a promise so broken stays so.
const mostWealth = 1e100

// NewTest begins a test of the promise that outcomes are right with at least
// this probability, in (0, 1).
func NewTest(promised float64) *Test {
	t := &Test{highest: 1}
	// Each bettor takes one precision below the promise for the true one and
	// stakes what then grows fastest (Kelly 1956), so that their mean finds
	// about the best of them ("diversified Kelly" in the paper). Shares of wrong
	// decisions are spread evenly in their odds, up to nearly all.
	from, to := odds(1-promised), odds(1-promised*0.05)
	for k := range stakes {
		at := from * math.Pow(to/from, (float64(k)+1)/stakes)
		wrong := at / (1 + at)
		t.win[k], t.lose[k] = wrong/(1-promised), (1-wrong)/promised
		t.wealth[k] = 1
	}
	return t
}

func odds(p float64) float64 { return p / (1 - p) }

// Add takes the next outcome.
func (t *Test) Add(right bool) {
	change := &t.win
	if right {
		t.right++
		change = &t.lose
	} else {
		t.wrong++
	}
	for k := range t.wealth {
		t.wealth[k] = min(t.wealth[k]*change[k], mostWealth)
	}
	t.highest = max(t.highest, t.Evidence())
}

// Evidence is the wealth now: an e-value against the promise, 1 at first.
func (t *Test) Evidence() float64 {
	sum := 0.0
	for _, w := range t.wealth {
		sum += w
	}
	return sum / stakes
}

// Broken says that the wealth was once 1/rate or more: the promise is
// broken, and this is said of one that is kept with probability rate at most.
func (t *Test) Broken(rate float64) bool { return t.highest >= 1/rate }

// Counts are the outcomes so far.
func (t *Test) Counts() (right, wrong int) { return t.right, t.wrong }

// Interval holds the true share of right outcomes with probability 1-rate at all
// times at once, however often one looks: the shares that a bettor with a Beta
// prior of one half and one half (Robbins 1970) has not won 1/rate against.
// Without outcomes it is [0, 1].
func Interval(right, wrong int, rate float64) (low, high float64) {
	if right+wrong == 0 {
		return 0, 1
	}
	mean := float64(right) / float64(right+wrong)
	mixture := logBeta(float64(right)+.5, float64(wrong)+.5) - logBeta(.5, .5)
	refuted := func(p float64) bool {
		return mixture-times(right, math.Log(p))-times(wrong, math.Log1p(-p)) >= -math.Log(rate)
	}
	return edge(0, mean, refuted), edge(1, mean, refuted)
}

// times is n·x, and 0 for none of something infinite.
func times(n int, x float64) float64 {
	if n == 0 {
		return 0
	}
	return float64(n) * x
}

// edge is where refuted begins on the way from inside to outside.
func edge(outside, inside float64, refuted func(float64) bool) float64 {
	if !refuted(outside) {
		return outside
	}
	for range 60 {
		if middle := (outside + inside) / 2; refuted(middle) {
			outside = middle
		} else {
			inside = middle
		}
	}
	return outside
}

func logBeta(a, b float64) float64 {
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	lab, _ := math.Lgamma(a + b)
	return la + lb - lab
}
