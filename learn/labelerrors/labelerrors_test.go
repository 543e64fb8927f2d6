package labelerrors_test

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/classify"
	"github.com/semroute/semroute/learn/labelerrors"
)

func prediction(example, label, route, runnerUp int32, confidence, margin float32) classify.Prediction {
	return classify.Prediction{Example: example, Label: label, Route: route, RunnerUp: runnerUp, Confidence: confidence, Margin: margin}
}

func TestFind(t *testing.T) {
	predictions := []classify.Prediction{
		prediction(0, 0, 0, 1, .9, .8),             // route 0 usually has .9
		prediction(1, 1, 1, 0, .6, .5),             // route 1 usually has less
		prediction(2, 1, 0, 1, .5, .25),            // leads to 0, but less surely than is usual there
		prediction(3, 1, 0, 2, .95, .9),            // surer than usual: its own route has nothing
		prediction(4, 1, 0, 1, .92, .84),           // the same, its own route is second
		prediction(5, classify.None, 0, 1, .99, 0), // fits no route, so it has no label to doubt
	}
	got := labelerrors.Find(predictions, 3)
	want := []labelerrors.Suspect{{Example: 3, Label: 1, Route: 0, Gap: .95}, {Example: 4, Label: 1, Route: 0, Gap: .84}}
	near := cmp.Comparer(func(a, b float64) bool { return a-b < 1e-6 && b-a < 1e-6 })
	if diff := cmp.Diff(want, got, near); diff != "" {
		t.Errorf("suspects (-want +got):\n%s", diff)
	}
	if got := labelerrors.Find(nil, 0); got != nil {
		t.Errorf("suspects among nothing: %v", got)
	}
}

func TestGap(t *testing.T) {
	for name, c := range map[string]struct {
		p    classify.Prediction
		want float64
	}{
		"right":                   {prediction(0, 1, 1, 0, .9, .8), -.8},
		"wrong, its own second":   {prediction(0, 1, 0, 1, .6, .25), .25},
		"wrong, its own nowhere":  {prediction(0, 1, 0, 2, .6, .25), .6},
		"right by a hair's width": {prediction(0, 1, 1, 0, .5, 0), 0},
	} {
		if got := labelerrors.Gap(&c.p); got-c.want > 1e-6 || c.want-got > 1e-6 {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// Labels that were flipped are found among those that were not: three routes
// of well-separated vectors, one label in twenty flipped.
func TestFlippedLabelsAreFound(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	examples := classify.Examples{Routes: []string{"a", "b", "c"}}
	flipped := map[int32]bool{}
	for i := range 300 {
		route := i % 3
		vector := make([]float32, 3)
		vector[route], vector[(route+1)%3] = .9, rng.Float32()*.4
		examples.Vectors = append(examples.Vectors, vector)
		examples.Texts = append(examples.Texts, []string{"refund my money", "where is my parcel", "change my password"}[route])
		if i%20 == 7 {
			route, flipped[int32(i)] = (route+1)%3, true
		}
		examples.Labels = append(examples.Labels, int32(route))
	}
	model, err := classify.Train(t.Context(), examples, classify.Config{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	found := labelerrors.Find(model.HeldOut(), 3)
	if len(found) < len(flipped)-1 { // one may be as unsure as a right one is
		t.Errorf("%d suspects for %d flipped labels", len(found), len(flipped))
	}
	for _, s := range found {
		if !flipped[s.Example] {
			t.Errorf("a right label is suspect: %+v", s)
		}
	}
}
