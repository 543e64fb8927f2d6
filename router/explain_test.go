package router_test

import (
	"strings"
	"testing"

	"github.com/semroute/semroute/router"
)

func TestExplainSaysWhatWasDecidedAndWhy(t *testing.T) {
	for want, d := range map[string]router.Decision{
		"The prompt holds no text to route.": {Abstained: true, Reason: router.ReasonEmpty},
		`Rule "no \"spam\"" refuses this prompt.`: {
			Abstained: true, Reason: router.ReasonRule, Rule: `no "spam"`,
		},
		"No route was near enough to consider.": {Abstained: true, Reason: router.ReasonFar},
		"refunds led with confidence 0.91 and margin 0.86, but is below confidence (0.95 asked).": {
			Abstained: true, Reason: router.ReasonBelowConfidence, Bound: 0.95, Confidence: 0.914, Margin: 0.864, Leading: "refunds", RunnerUp: "delivery",
		},
		`Rule "code" chose coding.`:          {Stage: router.StageRule, Rule: "code", Route: "coding"},
		`Rule "code" chose the model large.`: {Stage: router.StageRule, Rule: "code", Models: []string{"large"}},
		"refunds with confidence 0.91, 0.86 ahead of delivery.": {
			Stage: router.StageSemantic, Route: "refunds", Confidence: 0.914, Margin: 0.864, Leading: "refunds", RunnerUp: "delivery",
		},
		"refunds with confidence 1.00.": {Stage: router.StageStatic, Route: "refunds", Confidence: 0.999, Leading: "refunds"},
	} {
		if got := d.Explain(); got != want {
			t.Errorf("it says\n\t%s\nwant\n\t%s", got, want)
		}
	}
}

// What a caller asks to see changes what a decision shows, never what it says.
func TestTheExplanationIsTheSameForEveryLimit(t *testing.T) {
	bounded := strings.Replace(catalogYAML, "name: parcels,", "name: parcels, min_margin: 1,", 1)
	f := newFixture(t, bounded, router.Settings{})
	for _, text := range []string{"i want my money back, a refund", "where is the parcel", "sing a song", "rain on my parcel", ""} {
		whole := decide(t, f.router, router.Prompt{Text: text})
		for _, limits := range []router.Limits{
			{Candidates: router.None}, {Candidates: 1}, {Candidates: 2}, {Matches: router.None}, {Candidates: router.None, Matches: router.None},
		} {
			d, err := f.router.Decide(t.Context(), router.Prompt{Text: text}, limits)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := d.Explain(), whole.Explain(); got != want {
				t.Errorf("%q with %+v is explained by\n\t%s\nand with all candidates by\n\t%s", text, limits, got, want)
			}
		}
	}
}
