package classify

import (
	"math"
	"math/rand/v2"
	"testing"
)

// sure makes n predictions whose confidence is the truth.
func sure(n int, seed uint64) []Prediction {
	rng := rand.New(rand.NewPCG(seed, 1))
	list := make([]Prediction, n)
	for i := range list {
		c := 1 - rng.Float32()*rng.Float32()/2
		list[i] = Prediction{Example: int32(i), Confidence: c, Label: 1}
		if rng.Float32() < c {
			list[i].Route = 1
		}
	}
	return list
}

func TestPromisePrecisionHolds(t *testing.T) {
	for _, precision := range []float64{.9, .95, .98} {
		promise := PromisePrecision(sure(8000, 1), precision)
		if !promise.Kept || promise.Bound < precision || promise.Precision < promise.Bound {
			t.Fatalf("%v: %+v", precision, promise)
		}
		right, n := 0, 0
		for _, p := range sure(50_000, 2) {
			if p.Confidence >= promise.Threshold {
				n++
				if p.Right() {
					right++
				}
			}
		}
		if got := float64(right) / float64(n); got < precision-.002 || got > precision+.02 {
			t.Errorf("%v promised, %.4f on new prompts", precision, got)
		}
	}
}

// A promise is broken in at most 1 - Trust of all draws of prompts, however many
// thresholds were tried: the precision of all prompts at the threshold found
// is what was asked.
func TestPromisePrecisionHoldsAsOftenAsItSays(t *testing.T) {
	const draws, slack = 300, 0.025 // slack is two standard errors of the share
	all := sure(100_000, 99)
	for _, precision := range []float64{.9, .95, .98} {
		broken := 0
		for seed := range uint64(draws) {
			promise := PromisePrecision(sure(1000, 1000+seed), precision)
			if truth := PromiseAt(all, promise.Threshold, precision); truth.Accepted > 0 && truth.Precision < precision {
				broken++
			}
		}
		t.Logf("%.2f: broken in %d of %d draws", precision, broken, draws)
		if share := float64(broken) / draws; share > 1-Trust+slack {
			t.Errorf("%.2f promised, broken in %.3f of the draws", precision, share)
		}
	}
}

func TestPromisePrecisionAtTheEnds(t *testing.T) {
	wrong, right := sure(200, 1), sure(200, 1)
	for i := range wrong {
		wrong[i].Route, right[i].Route = 0, 1
	}
	for name, tc := range map[string]struct {
		list      []Prediction
		precision float64
		kept      bool
		coverage  float64
	}{
		"nothing":        {nil, .9, false, 0},
		"too few":        {right[:5], .95, false, 0},
		"always wrong":   {wrong, .5, false, 0},
		"always right":   {right, .95, true, 1},
		"asked for all":  {right, 1, false, 0},
		"asked for none": {wrong, 0, true, 1},
	} {
		p := PromisePrecision(tc.list, tc.precision)
		if p.Kept != tc.kept || p.Coverage != tc.coverage {
			t.Errorf("%s: %+v", name, p)
		}
		if !p.Kept && !math.IsInf(float64(p.Threshold), 1) {
			t.Errorf("%s: threshold %v without a promise", name, p.Threshold)
		}
	}
}

func TestChanceOfAtLeast(t *testing.T) {
	for _, tc := range []struct {
		k, n int
		p    float64
		want float64
	}{
		{0, 5, .3, 1}, {5, 5, .5, 1. / 32}, {1, 2, .5, .75}, {3, 4, .9, .9477}, {950, 1000, .95, .5375},
	} {
		if got := chanceOfAtLeast(tc.k, tc.n, tc.p); math.Abs(got-tc.want) > 1e-3 {
			t.Errorf("%d of %d at %v: %v, want %v", tc.k, tc.n, tc.p, got, tc.want)
		}
	}
}

func TestSafeCascade(t *testing.T) {
	back := make([]Prediction, 4000)
	front := make([]Prediction, len(back))
	for i := range back {
		back[i] = Prediction{Example: int32(i), Label: 1, Route: 1}
		front[i] = Prediction{Example: int32(i), Label: 1, Route: 1, Confidence: float32(i) / float32(len(back))}
		if i%10 == 0 {
			back[i].Route = 0
		}
		if i < 3500 && i%3 == 0 {
			front[i].Route = 0
		}
	}
	got := SafeCascade(front, back, .01, 1)
	if got.Share < .12 || got.Share > .3 || got.Loss > .01 {
		t.Errorf("%+v", got)
	}
	for name, c := range map[string]Cascade{
		"nothing": SafeCascade(nil, nil, .01, 1), "other examples": SafeCascade(front[:10], back[10:], .01, 1), "no loss allowed": SafeCascade(front, front, 0, 1),
	} {
		if c.Share != 0 || !math.IsInf(float64(c.Threshold), 1) {
			t.Errorf("%s: %+v", name, c)
		}
	}
}
