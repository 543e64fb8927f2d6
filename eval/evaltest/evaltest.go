// Package evaltest helps to test what is done with measures: a decider that
// follows a table, decisions whose numbers can be worked out by hand, and golden
// files.
package evaltest

import (
	"context"

	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// Scripted decides by a table of texts and remembers the sizes of its batches.
type Scripted struct {
	Decisions map[string]router.Decision
	// Otherwise decides texts that the table lacks.
	Otherwise func(text string) router.Decision
	Batches   []int
	Texts     []string
	Err       error
}

// DecideBatch implements eval.Decider.
func (s *Scripted) DecideBatch(ctx context.Context, prompts []router.Prompt, _ router.Limits) ([]router.Decision, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.Batches = append(s.Batches, len(prompts))
	decisions := make([]router.Decision, len(prompts))
	for i, p := range prompts {
		s.Texts = append(s.Texts, p.Text)
		d, known := s.Decisions[p.Text]
		if !known && s.Otherwise != nil {
			d = s.Otherwise(p.Text)
		}
		decisions[i] = d
	}
	return decisions, s.Err
}

// Chose is a semantic decision for the route.
func Chose(route string, confidence float64) router.Decision {
	return router.Decision{
		Route: route, Confidence: confidence, Stage: router.StageSemantic, Fingerprint: "f00d", Models: []string{"small"},
		Candidates: []router.Candidate{{Route: route, Probability: confidence}},
	}
}

// Abstained is a decision for none, with the route that led.
func Abstained(leading string, confidence float64) router.Decision {
	d := Chose(leading, confidence)
	d.Route, d.Abstained, d.Stage, d.Reason = "", true, router.StageFallback, router.ReasonBelowConfidence
	if leading == "" {
		d.Candidates, d.Reason = nil, router.ReasonFar
	}
	return d
}

// Judged is a prompt with its label and what was decided.
type Judged struct {
	Truth    string
	Decision router.Decision
}

// Answered numbers the prompts from line 1.
func Answered(list []Judged) ([]routes.Labelled, []router.Decision) {
	prompts, decisions := make([]routes.Labelled, len(list)), make([]router.Decision, len(list))
	for i, j := range list {
		prompts[i] = routes.Labelled{Text: "prompt " + string(rune('a'+i%26)), Route: j.Truth, Line: i + 1}
		decisions[i] = j.Decision
	}
	return prompts, decisions
}

// Mixed is ten prompts of which every number can be worked out by hand.
func Mixed() []Judged {
	byRule := Chose("b", 1)
	byRule.Stage = router.StageRule
	byStatic := Chose("a", 0.9)
	byStatic.Stage = router.StageStatic
	return []Judged{
		{"a", byStatic},            // right
		{"a", Chose("a", 0.8)},     // right
		{"a", Chose("b", 0.7)},     // wrong
		{"a", Abstained("a", 0.3)}, // leads right, refused
		{"b", byRule},              // right
		{"b", Abstained("a", 0.2)}, // leads wrong, refused
		{"b", Abstained("", 0)},    // nothing was near
		{"", Abstained("b", 0.1)},  // refused rightly
		{"", Abstained("a", 0.3)},  // refused rightly
		{"", Chose("a", 0.75)},     // accepted, wrong
	}
}
