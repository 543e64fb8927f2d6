package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/semroute/semroute/forward/quality"
	"github.com/semroute/semroute/routes"
)

func TestOutcomesAreMeasured(t *testing.T) {
	file := outcomesFile(t, madeUp(30))
	got := runWith(t, "", "eval", "--json", "--outcomes", file, "--cost", "near=0.001", "--cost", "far=0.01")
	if got.code != exitDone {
		t.Fatalf("code %d, %q", got.code, got.err)
	}
	var result outcomesResult
	if err := json.Unmarshal([]byte(got.out), &result); err != nil {
		t.Fatal(err)
	}
	// Near knows capitals nearly as well and proves nothing: half of the prompts
	// for far recover all but 0.05 of 0.85.
	want := quality.Evaluation{
		Prompts: 60, Best: quality.Alone{Model: "far", Quality: 0.95, Cost: 0.01}, Cheapest: quality.Alone{Model: "near", Quality: 0.525, Cost: 0.001},
		APGR: 0.7206, CPT50: 0.2656, CPT80: 0.425,
		At50: quality.Mix{Share: 0.2656, Quality: 0.7375, Cost: 0.00339, SavingToBest: 66.09, SavingToChance: 38.35},
		At80: quality.Mix{Share: 0.425, Quality: 0.865, Cost: 0.004825, SavingToBest: 51.75, SavingToChance: 41.16},
	}
	options := []cmp.Option{
		cmpopts.EquateApprox(0.001, 0), cmpopts.IgnoreFields(quality.Evaluation{}, "Curve", "AtBestQuality", "CalibrationError"),
	}
	if diff := cmp.Diff(want, result.Evaluation, options...); diff != "" {
		t.Errorf("evaluation (-want +got):\n%s", diff)
	}
}

func TestAReportOfOutcomesIsEscaped(t *testing.T) {
	evil := `<script>alert("x")</script>`
	quoted, err := json.Marshal(evil)
	if err != nil {
		t.Fatal(err)
	}
	file := outcomesFile(t, strings.ReplaceAll(madeUp(15), `"far"`, string(quoted)))
	page := filepath.Join(t.TempDir(), "page.html")
	if got := runWith(t, "", "eval", "--outcomes", file, "--report", page); got.code != exitDone {
		t.Fatalf("code %d, %q", got.code, got.err)
	}
	html, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	text := string(html)
	if strings.Contains(text, "<script") || !strings.Contains(text, "&lt;script&gt;alert(&#34;x&#34;)") {
		t.Errorf("the model's name is not escaped in\n%s", text)
	}
	for _, needed := range []string{"<svg", "share of calls to the best model", "default-src 'none'"} {
		if !strings.Contains(text, needed) {
			t.Errorf("the page lacks %q", needed)
		}
	}
}

func TestAPromptCountsOnce(t *testing.T) {
	got := once([]routes.Outcome{
		{Text: "a", Scores: map[string]float64{"x": 1, "y": 0.5}},
		{Text: "b", Scores: map[string]float64{"x": 0.25}},
		{Text: "a", Scores: map[string]float64{"x": 0}},
		{Text: "a", Scores: map[string]float64{"x": 0.5, "z": 1}},
	})
	want := []quality.Outcome{
		{Text: "a", Scores: map[string]float64{"x": 0.5, "y": 0.5, "z": 1}},
		{Text: "b", Scores: map[string]float64{"x": 0.25}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
}

func TestParseCost(t *testing.T) {
	type cost struct {
		Model string
		USD   float64
	}
	for text, want := range map[string]*cost{
		"small=0.002": {"small", 0.002},
		"small=$2":    {"small", 2},
		"free=0":      {"free", 0},
		"a=b=1e-4":    {"a=b", 0.0001},
		"":            nil,
		"small":       nil,
		"=1":          nil,
		"small=":      nil,
		"small=-1":    nil,
		"small=NaN":   nil,
		"small=Inf":   nil,
		"small=cheap": nil,
	} {
		model, usd, err := parseCost(text)
		if (err == nil) != (want != nil) {
			t.Errorf("%q: error is %v", text, err)
		} else if want != nil && (cost{model, usd}) != *want {
			t.Errorf("%q: %q costs %v", text, model, usd)
		}
	}
}

func TestWhichCostsCount(t *testing.T) {
	outcomes := []quality.Outcome{
		{Text: "a", Scores: map[string]float64{"good": 1, "fair": 0.5, "poor": 0, "rare": 1}},
		{Text: "b", Scores: map[string]float64{"good": 0.5, "fair": 0.5, "poor": 0.1}},
	}
	predictions := make([]map[string]float64, 2)
	for i := range predictions { // rare was not learnt
		predictions[i] = map[string]float64{"good": 0.8, "fair": 0.5, "poor": 0.1}
	}
	type costs = map[string]float64
	tests := map[string]struct {
		given, want costs
		assumed     bool
	}{
		"none known":             {costs{}, costs{"poor": 0, "good": 1}, true},
		"all equal":              {costs{"good": 2, "fair": 2, "poor": 2}, costs{"poor": 0, "good": 1}, true},
		"of a model not learnt":  {costs{"rare": 2}, costs{"poor": 0, "good": 1}, true},
		"some known":             {costs{"good": 2, "fair": 1}, costs{"good": 2, "fair": 1}, false},
		"one is too few to tell": {costs{"good": 2}, costs{"good": 2}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := callCosts{ByModel: tt.given}.of(outcomes, predictions)
			if diff := cmp.Diff(tt.want, got.ByModel); diff != "" || got.Assumed != tt.assumed {
				t.Errorf("assumed %v, costs (-want +got):\n%s", got.Assumed, diff)
			}
		})
	}
}

func TestCostsAreReadable(t *testing.T) {
	for cost, want := range map[float64]string{
		0: "$0.000", 0.0000518: "$0.00005180", 0.01836: "$0.01836", 1: "$1.000", 24.7: "$24.70", 12345: "$12345",
	} {
		if got := (callCosts{}).text(cost); got != want {
			t.Errorf("%v is written %q, not %q", cost, got, want)
		}
	}
	if got := percentOf(-1e-16); got != "0.0 %" {
		t.Errorf("nothing is written %q", got)
	}
}
