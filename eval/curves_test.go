package eval

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/eval/evaltest"
)

func TestAUROC(t *testing.T) {
	for _, c := range []struct {
		name     string
		pos, neg []float64
		want     *float64
	}{
		{"apart", []float64{.9, .8}, []float64{.1, .2}, ptr(1)},
		{"the wrong way", []float64{.1}, []float64{.9, .8}, ptr(0)},
		{"all equal", []float64{.5, .5, .5}, []float64{.5, .5}, ptr(.5)},
		{"one tie", []float64{.5, .7}, []float64{.5}, ptr(.75)},
		{"no negatives", []float64{.5}, nil, nil},
		{"no positives", nil, []float64{.5}, nil},
	} {
		t.Run(c.name, func(t *testing.T) { checkValue(t, "auroc", auroc(c.pos, c.neg), c.want) })
	}
}

func TestAUROCIsTheShareOfPairs(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 100 {
		pos, neg := make([]float64, 1+random.IntN(20)), make([]float64, 1+random.IntN(20))
		for i := range pos {
			pos[i] = float64(random.IntN(8)) / 8
		}
		for i := range neg {
			neg[i] = float64(random.IntN(8)) / 8
		}
		var wins float64
		for _, p := range pos {
			for _, n := range neg {
				switch {
				case p > n:
					wins++
				case p == n:
					wins += .5
				}
			}
		}
		checkValue(t, "auroc", auroc(pos, neg), ptr(wins/float64(len(pos)*len(neg))))
	}
}

func TestRiskCoverage(t *testing.T) {
	points, area := riskCoverage(observations([]judged{
		{Truth: "a", Decision: evaltest.Chose("a", .9)},
		{Truth: "a", Decision: evaltest.Chose("b", .6)}, // these two are accepted together:
		{Truth: "a", Decision: evaltest.Chose("a", .6)}, // one error, half of it after the first
		{Truth: "", Decision: evaltest.Abstained("a", .2)},
		{Truth: "a", Decision: evaltest.Abstained("", 0)}, // cannot be accepted
	}))
	want := []RiskPoint{
		{Coverage: .2, Risk: 0, Threshold: .9},
		{Coverage: .6, Risk: 1. / 3, Threshold: .6},
		{Coverage: .8, Risk: .5, Threshold: .2},
	}
	if diff := cmp.Diff(want, points); diff != "" {
		t.Error(diff)
	}
	checkValue(t, "aurc", area, ptr((0+.5/2+1./3+.5)/4))
}

func TestRiskCoverageIsThinned(t *testing.T) {
	list := make([]judged, 1001)
	for i := range list {
		list[i] = judged{Truth: "a", Decision: evaltest.Chose("a", float64(i)/1000)}
	}
	points, _ := riskCoverage(observations(list))
	if len(points) != maxRiskPoints {
		t.Fatalf("%d points", len(points))
	}
	first, last := points[0], points[len(points)-1]
	if first.Threshold != 1 || last.Threshold != 0 || last.Coverage != 1 {
		t.Errorf("the ends are %+v and %+v", first, last)
	}
	for i := 1; i < len(points); i++ {
		if points[i].Coverage <= points[i-1].Coverage || points[i].Threshold >= points[i-1].Threshold {
			t.Fatalf("point %d is %+v after %+v", i, points[i], points[i-1])
		}
	}
}

func TestCalibration(t *testing.T) {
	bins, ece := calibration(observations([]judged{
		{Truth: "a", Decision: evaltest.Chose("a", 1)},    // last bin, which holds 1 too
		{Truth: "a", Decision: evaltest.Chose("b", .95)},  // last bin
		{Truth: "a", Decision: evaltest.Chose("a", .5)},   // bin 7
		{Truth: "", Decision: evaltest.Chose("a", .5)},    // out of scope: not counted
		{Truth: "a", Decision: evaltest.Abstained("", 0)}, // first bin, rightly unsure
	}))
	if n := []int{bins[14].N, bins[7].N, bins[0].N}; !cmp.Equal(n, []int{2, 1, 1}) {
		t.Errorf("the bins hold %v", n)
	}
	checkValue(t, "confidence of the last bin", bins[14].Confidence, ptr(.975))
	checkValue(t, "accuracy of the last bin", bins[14].Accuracy, ptr(.5))
	checkValue(t, "confidence of an empty bin", bins[3].Confidence, nil)
	checkValue(t, "ece", ece, ptr((2*.475+.5+0)/4))
}

func TestHistogram(t *testing.T) {
	h := histogram([]float64{0, .049, .05, 1}, []float64{.5})
	if h.InScope[0] != 2 || h.InScope[1] != 1 || h.InScope[19] != 1 || h.OutOfScope[10] != 1 {
		t.Errorf("got %+v", h)
	}
}

func TestQuantile(t *testing.T) {
	values := []float64{1, 2, 3, 4}
	for _, c := range []struct {
		sorted []float64
		q      float64
		want   float64
	}{{values, .5, 2}, {values, .99, 4}, {values, 0, 1}, {values[:1], .5, 1}, {nil, .5, 0}} {
		if got := quantile(c.sorted, c.q); got != c.want {
			t.Errorf("quantile %v of %v is %v, want %v", c.q, c.sorted, got, c.want)
		}
	}
}
