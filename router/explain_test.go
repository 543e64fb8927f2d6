package router_test

import (
	"testing"

	"github.com/semroute/semroute/router"
)

func TestExplainSaysWhatWasDecidedAndWhy(t *testing.T) {
	two := []router.Candidate{{Route: "refunds", Probability: 0.914}, {Route: "delivery", Probability: 0.05}}
	for want, d := range map[string]router.Decision{
		"The prompt holds no text to route.": {Abstained: true, Reason: router.ReasonEmpty},
		`Rule "no \"spam\"" refuses this prompt.`: {
			Abstained: true, Reason: router.ReasonRule, Rule: `no "spam"`,
		},
		"No route was near enough to consider.": {Abstained: true, Reason: router.ReasonFar},
		"refunds led with confidence 0.91 and margin 0.86, but is below confidence (0.95 asked).": {
			Abstained: true, Reason: router.ReasonBelowConfidence, Bound: 0.95, Confidence: 0.914, Margin: 0.864, Candidates: two,
		},
		`Rule "code" chose coding.`:          {Stage: router.StageRule, Rule: "code", Route: "coding"},
		`Rule "code" chose the model large.`: {Stage: router.StageRule, Rule: "code", Models: []string{"large"}},
		"refunds with confidence 0.91, 0.86 ahead of delivery.": {
			Stage: router.StageSemantic, Route: "refunds", Confidence: 0.914, Margin: 0.864, Candidates: two,
		},
		"refunds with confidence 1.00.": {Stage: router.StageStatic, Route: "refunds", Confidence: 0.999, Candidates: two[:1]},
	} {
		if got := d.Explain(); got != want {
			t.Errorf("it says\n\t%s\nwant\n\t%s", got, want)
		}
	}
}
