package report

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/forward/forwardtest"
	"github.com/semroute/semroute/forward/quality"
	"github.com/semroute/semroute/routes"
)

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
		model, usd, err := ParseCost(text)
		if (err == nil) != (want != nil) || err != nil && !errors.Is(err, ErrCost) {
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
			got := Costs{ByModel: tt.given}.of(outcomes, predictions)
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
		if got := (Costs{}).text(cost); got != want {
			t.Errorf("%v is written %q, not %q", cost, got, want)
		}
	}
	if got := percentOf(-1e-16); got != "0.0 %" {
		t.Errorf("nothing is written %q", got)
	}
}

func TestCostsAreGivenBeforeTheyAreComputed(t *testing.T) {
	outcomes := []quality.Outcome{{Text: "one two three", Scores: map[string]float64{"small": 1, "large": 1, "free": 0}}}
	for _, typed := range [][]string{{"other=1"}, {"small=1", "small=2"}, {"small"}} {
		if _, err := Given(typed, outcomes); !errors.Is(err, ErrCost) {
			t.Errorf("%q: error is %v", typed, err)
		}
	}
	got, err := Given([]string{"small=0.5"}, outcomes)
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	priced := func(usd int64) routes.Prices {
		rates := routes.Rates{InputPerMTok: usd * routes.NanoPerUSD, OutputPerMTok: usd * routes.NanoPerUSD}
		return routes.Prices{{Rates: rates}, {ValidFrom: day, Rates: routes.Rates{}}}
	}
	models := []routes.Model{{Name: "small", Prices: priced(9)}, {Name: "large", Prices: priced(1_000_000)}, {Name: "free"}, {Name: "unknown", Prices: priced(1)}}
	got.AddPrices(models, day.Add(-1), forwardtest.Words{}, outcomes)
	want := map[string]float64{"small": 0.5, "large": 3 + answerTokens}
	if diff := cmp.Diff(want, got.ByModel); diff != "" || !strings.Contains(got.About, "3 tokens of prompt") {
		t.Errorf("%s; costs (-want +got):\n%s", got.About, diff)
	}
	got = Costs{ByModel: map[string]float64{}}
	got.AddPrices(models, day, forwardtest.Words{}, outcomes)
	if diff := cmp.Diff(map[string]float64{"small": 0, "large": 0}, got.ByModel); diff != "" {
		t.Errorf("costs of another day (-want +got):\n%s", diff)
	}
}

// TestNothingToChoose: the dear model seems better only because it was tried on
// other prompts.
func TestNothingToChoose(t *testing.T) {
	var outcomes []quality.Outcome
	for i := range 60 {
		scores := map[string]float64{"cheap": 0.5, "dear": 0.5}
		switch i % 4 {
		case 0:
			scores = map[string]float64{"cheap": 0}
		case 1:
			scores = map[string]float64{"dear": 1}
		}
		outcomes = append(outcomes, quality.Outcome{Text: strings.Repeat("word ", i+1), Scores: scores})
	}
	_, err := Measure(outcomes, Costs{ByModel: map[string]float64{"cheap": 1, "dear": 2}}, "none", 1)
	if !errors.Is(err, ErrNoChoice) {
		t.Errorf("error is %v", err)
	}
	if _, err := Measure(outcomes[:2], Costs{}, "none", 1); !errors.Is(err, quality.ErrOutcomes) {
		t.Errorf("error is %v", err)
	}
}

func TestAPageEscapesAllText(t *testing.T) {
	evil := `<script>alert("x")</script>`
	r := Result{
		Embedder: evil, LeftOut: []string{evil}, Costs: Costs{About: evil},
		Evaluation: quality.Evaluation{Best: quality.Alone{Model: evil, Quality: 1, Cost: 2}, Cheapest: quality.Alone{Model: evil, Cost: 1}},
	}
	var page bytes.Buffer
	if err := r.WritePage(&page, evil, time.Now()); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(page.String(), "<script") || strings.Count(page.String(), "&lt;script&gt;") < 6 {
		t.Errorf("not escaped in\n%s", page.String())
	}
}
