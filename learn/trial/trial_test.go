package trial_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/semroute/semroute/learn/trial"
)

// outcomes draws calls of one route, shared out by the weights, with a share of
// successes for each model.
func outcomes(seed uint64, n int, arms trial.Arms, success map[string]float64) []trial.Outcome {
	r := rand.New(rand.NewPCG(seed, 3))
	total := arms["small"] + arms["large"]
	out := make([]trial.Outcome, n)
	for i := range out {
		model := "small"
		if r.IntN(total) >= arms["small"] {
			model = "large"
		}
		out[i] = trial.Outcome{Route: "r", Model: model, User: fmt.Sprint("user ", i), Success: r.Float64() < success[model]}
	}
	return out
}

// TestEqualModelsAreRarelyToldApart looks after every outcome, which is what makes
// other tests wrong.
func TestEqualModelsAreRarelyToldApart(t *testing.T) {
	for name, arms := range map[string]trial.Arms{
		"even": {"small": 1, "large": 1}, "uneven": {"small": 9, "large": 1},
	} {
		t.Run(name, func(t *testing.T) {
			const trials, n = 1000, 1000
			wrong, missed := 0, 0
			for seed := range uint64(trials) {
				got := trial.Compare(map[string]trial.Arms{"r": arms}, outcomes(seed, n, arms, map[string]float64{"small": 0.7, "large": 0.7}))[0]
				if got.Pairs[0].Certain { // at any time: a certain pair stays so
					wrong++
				}
				for _, a := range got.Arms {
					if a.Low > 0.7 || a.High < 0.7 {
						missed++
					}
				}
			}
			t.Logf("%d of %d trials of equal models end wrongly, %d of %d intervals miss the share", wrong, trials, missed, 2*trials)
			if wrong > trials/20 || missed > 2*trials/20 {
				t.Errorf("more than one in 20")
			}
		})
	}
}

func TestABetterModelIsFound(t *testing.T) {
	arms := trial.Arms{"small": 1, "large": 1}
	const trials = 50
	found := 0
	for seed := range uint64(trials) {
		got := trial.Compare(map[string]trial.Arms{"r": arms}, outcomes(seed, 800, arms, map[string]float64{"small": 0.6, "large": 0.75}))[0]
		if p := got.Pairs[0]; p.Certain {
			if p.Better != "large" || p.Worse != "small" {
				t.Errorf("seed %d: %s is called better", seed, p.Better)
			}
			found++
		}
	}
	t.Logf("found in %d of %d trials of 800 users, .75 against .60", found, trials)
	if found < trials*8/10 {
		t.Errorf("found in %d of %d trials", found, trials)
	}
}

func TestWhatCounts(t *testing.T) {
	arms := map[string]trial.Arms{
		"r":       {"small": 3, "large": 1, "off": 0},
		"alone":   {"small": 1, "off": 0},
		"unasked": {"small": 1, "large": 1},
	}
	got := trial.Compare(arms, []trial.Outcome{
		{Route: "r", Model: "small", User: "ann", Success: true},
		{Route: "r", Model: "small", User: "ann"},                  // a second time
		{Route: "r", Model: "small"}, {Route: "r", Model: "small"}, // nobody in particular
		{Route: "r", Model: "large", User: "bob", Success: true},
		{Route: "r", Model: "off", User: "cid", Success: true}, // stands in only
		{Route: "gone", Model: "small"}, {Route: "alone", Model: "small"},
	})
	want := []trial.Result{
		{
			Route: "r", Repeated: 1, Pairs: []trial.Pair{{Better: "large", Worse: "small"}},
			Arms: []trial.Arm{{Model: "large", Weight: 1, N: 1, Successes: 1}, {Model: "small", Weight: 3, N: 3, Successes: 1}},
		},
		{
			Route: "unasked", Pairs: []trial.Pair{{Better: "large", Worse: "small", E: 1}},
			Arms: []trial.Arm{{Model: "large", Weight: 1, High: 1}, {Model: "small", Weight: 1, High: 1}},
		},
	}
	if diff := cmp.Diff(want[0], got[0], cmpopts.IgnoreFields(trial.Arm{}, "Low", "High"), cmpopts.IgnoreFields(trial.Pair{}, "E")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want[1:], got[1:]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestThreeModelsAreComparedInPairs(t *testing.T) {
	arms := map[string]trial.Arms{"r": {"a": 1, "b": 1, "c": 1}}
	r := rand.New(rand.NewPCG(1, 1))
	var list []trial.Outcome
	for range 3000 {
		model := []string{"a", "b", "c"}[r.IntN(3)]
		list = append(list, trial.Outcome{Route: "r", Model: model, Success: r.Float64() < map[string]float64{"a": 0.5, "b": 0.5, "c": 0.8}[model]})
	}
	got := trial.Compare(arms, list)[0]
	certain := map[string]bool{}
	for _, p := range got.Pairs {
		certain[p.Better+" over "+p.Worse] = p.Certain
	}
	if !certain["c over a"] || !certain["c over b"] || certain["a over b"] || certain["b over a"] || len(got.Pairs) != 3 {
		t.Errorf("%+v", got.Pairs)
	}
}
