package eval

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/eval/evaltest"
	"github.com/semroute/semroute/router"
)

func TestMeasures(t *testing.T) {
	for _, c := range []struct {
		name string
		seen []judged
		want map[string]*float64
	}{
		{"in and out of scope", evaltest.Mixed(), map[string]*float64{
			"n": ptr(10), "n_in_scope": ptr(7), "n_out_of_scope": ptr(3),
			"accuracy":          ptr(4. / 7),
			"in_scope_accuracy": ptr(3. / 7),
			"oos_recall":        ptr(2. / 3),
			// In scope .9 .8 .7 .3 1 .2 0 against .1 .3 .75: 3+3+2+1.5+3+1+0 wins of 21.
			"oos_auroc": ptr(13.5 / 21),
			"coverage":  ptr(.5),
			"precision": ptr(3. / 5),
			// a: 2 right of 4 wanted and 3 chosen; b: 1 of 3 and 2.
			"macro_f1":          ptr((4./7 + 2./5) / 2),
			"embed_calls_saved": ptr(.2),
			"stages.rule":       ptr(.1), "stages.static": ptr(.1), "stages.semantic": ptr(.3), "stages.fallback": ptr(.5),
			// Bins of one each: |.9-1| |.8-1| |.7-0| |.3-1| |1-1| |.2-0| |0-0|.
			"ece": ptr((.1 + .2 + .7 + .7 + 0 + .2 + 0) / 7),
		}},
		{"nothing out of scope", []judged{{Truth: "a", Decision: evaltest.Chose("a", 1)}, {Truth: "a", Decision: evaltest.Chose("b", .5)}}, map[string]*float64{
			"accuracy": ptr(.5), "in_scope_accuracy": ptr(.5), "oos_recall": nil, "oos_auroc": nil,
			"coverage": ptr(1), "precision": ptr(.5), "macro_f1": ptr(2. / 3), "ece": ptr(.25), "aurc": ptr(.25),
		}},
		{"nothing in scope", []judged{{Truth: "", Decision: evaltest.Abstained("a", .4)}}, map[string]*float64{
			"accuracy": nil, "in_scope_accuracy": nil, "oos_recall": ptr(1), "oos_auroc": nil,
			"coverage": ptr(0), "precision": nil, "macro_f1": nil, "ece": nil, "aurc": ptr(1),
		}},
		{"nothing considered", []judged{{Truth: "a", Decision: evaltest.Abstained("", 0)}}, map[string]*float64{
			"accuracy": ptr(0), "coverage": ptr(0), "precision": nil, "macro_f1": ptr(0), "ece": ptr(0), "aurc": nil,
			"robustness.typo_flips": nil,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := map[string]*float64{}
			for _, m := range measure(observations(c.seen)).Measures() {
				got[m.Name] = m.Value
			}
			for _, name := range slices.Sorted(maps.Keys(c.want)) {
				if _, known := got[name]; !known {
					t.Errorf("no measure %s", name)
				}
				checkValue(t, name, got[name], c.want[name])
			}
		})
	}
}

func TestPerRoute(t *testing.T) {
	got, _ := perRoute(observations(evaltest.Mixed()))
	want := []RouteMeasures{
		{Route: "a", Precision: ptr(2. / 3), Recall: ptr(.5), F1: 4. / 7, Support: 4, Abstained: 1},
		{Route: "b", Precision: ptr(.5), Recall: ptr(1. / 3), F1: .4, Support: 3, Abstained: 2},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestARouteWithoutPromptsDoesNotCountForMacroF1(t *testing.T) {
	measures, macro := perRoute(observations([]judged{{Truth: "a", Decision: evaltest.Chose("a", 1)}, {Truth: "", Decision: evaltest.Chose("b", 1)}}))
	checkValue(t, "macro_f1", macro, ptr(1))
	checkValue(t, "recall of b", measures[1].Recall, nil)
}

func TestConfusions(t *testing.T) {
	want := []Confusion{
		{Truth: "", Predicted: "a", Count: 1, Accepted: 1, Examples: []string{"prompt j"}},
		{Truth: "a", Predicted: "b", Count: 1, Accepted: 1, Examples: []string{"prompt c"}},
		{Truth: "b", Predicted: "a", Count: 1, Accepted: 0, Examples: []string{"prompt f"}},
	}
	if diff := cmp.Diff(want, confusions(observations(evaltest.Mixed()))); diff != "" {
		t.Error(diff)
	}
	many := slices.Repeat([]judged{{Truth: "a", Decision: evaltest.Chose("b", 1)}}, 5)
	if got := confusions(observations(many)); got[0].Count != 5 || len(got[0].Examples) != maxExamples {
		t.Errorf("got %+v", got[0])
	}
}

func TestWrongPromptsComeWorstFirst(t *testing.T) {
	type short struct {
		line                      int
		kind                      WrongKind
		truth, predicted, leading string
	}
	var got []short
	for _, w := range wrongs(observations(evaltest.Mixed())) {
		got = append(got, short{w.Line, w.Kind, w.Truth, w.Predicted, w.Leading})
	}
	want := []short{
		{10, WrongAccepted, "", "a", "a"},
		{3, WrongRoute, "a", "b", "b"},
		{4, WrongAbstained, "a", "", "a"},
		{6, WrongAbstained, "b", "", "a"},
		{7, WrongAbstained, "b", "", ""},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(short{})); diff != "" {
		t.Error(diff)
	}
}

func TestDegradedAndTruncatedDecisionsAreCounted(t *testing.T) {
	degraded, truncated := evaltest.Chose("a", 1), evaltest.Chose("a", 1)
	degraded.Degraded, truncated.Truncated = []router.Degradation{{Cause: router.CauseIndex, Text: "static vectors decided"}}, true
	r := measure(observations([]judged{{Truth: "a", Decision: degraded}, {Truth: "a", Decision: truncated}, {Truth: "a", Decision: truncated}, {Truth: "a", Decision: evaltest.Chose("a", 1)}}))
	checkValue(t, "degraded", r.Degraded, ptr(.25))
	checkValue(t, "truncated", r.Truncated, ptr(.5))
}

func TestAModelRuleNamesNoRoute(t *testing.T) {
	d := router.Decision{Stage: router.StageRule, Confidence: 1, Models: []string{"large"}}
	r := measure(observations([]judged{{Truth: "", Decision: d}, {Truth: "a", Decision: evaltest.Chose("a", .9)}}))
	checkValue(t, "oos_auroc", r.OOSAUROC, ptr(1))
	checkValue(t, "oos_recall", r.OOSRecall, ptr(1))
}

// TestMeasuresDoNotDependOnOrder: shuffled data gives the same numbers.
func TestMeasuresDoNotDependOnOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		list := randomJudged(random)
		want := measure(observations(list))
		random.Shuffle(len(list), func(i, k int) { list[i], list[k] = list[k], list[i] })
		got := measure(observations(list))
		for i, m := range want.Measures() {
			o := got.Measures()[i]
			if o.Name != m.Name {
				t.Fatalf("%s stands where %s stood", o.Name, m.Name)
			}
			checkValue(t, m.Name, o.Value, m.Value)
		}
	}
}

// TestEveryShareIsAShare: whatever was decided, no number is NaN or leaves [0, 1].
func TestEveryShareIsAShare(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		r := measure(observations(randomJudged(random)))
		for _, m := range r.Measures() {
			count := strings.HasPrefix(m.Name, "n") || strings.HasSuffix(m.Name, "support") || strings.HasSuffix(m.Name, "abstained")
			if m.Value != nil && !count && !IsProbability(*m.Value) {
				t.Fatalf("%s is %v", m.Name, *m.Value)
			}
		}
		if _, err := json.Marshal(r); err != nil {
			t.Fatal(err)
		}
	}
}

func randomJudged(random *rand.Rand) []judged {
	names := []string{"", "a", "b", "c"}
	list := make([]judged, random.IntN(40))
	for i := range list {
		route, confidence := names[random.IntN(4)], float64(random.IntN(11))/10
		d := evaltest.Abstained(route, confidence)
		if route != "" && random.IntN(2) == 0 {
			d = evaltest.Chose(route, confidence)
		}
		list[i] = judged{Truth: names[random.IntN(4)], Decision: d}
	}
	return list
}
