package eval

import (
	"context"
	"testing"

	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// scripted decides by a table of texts and remembers the sizes of its batches.
type scripted struct {
	decisions map[string]router.Decision
	// otherwise decides texts that the table lacks.
	otherwise func(text string) router.Decision
	batches   []int
	texts     []string
	err       error
}

var _ Decider = (*scripted)(nil)

func (s *scripted) DecideBatch(ctx context.Context, prompts []router.Prompt, _ router.Limits) ([]router.Decision, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.batches = append(s.batches, len(prompts))
	decisions := make([]router.Decision, len(prompts))
	for i, p := range prompts {
		s.texts = append(s.texts, p.Text)
		d, known := s.decisions[p.Text]
		if !known && s.otherwise != nil {
			d = s.otherwise(p.Text)
		}
		decisions[i] = d
	}
	return decisions, s.err
}

// chose is a semantic decision for the route.
func chose(route string, confidence float64) router.Decision {
	return router.Decision{
		Route: route, Confidence: confidence, Stage: router.StageSemantic, Fingerprint: "f00d", Models: []string{"small"},
		Candidates: []router.Candidate{{Route: route, Probability: confidence}},
	}
}

// abstained is a decision for none, with the route that led.
func abstained(leading string, confidence float64) router.Decision {
	d := chose(leading, confidence)
	d.Route, d.Abstained, d.Stage, d.Reason = "", true, router.StageFallback, router.ReasonBelowConfidence
	if leading == "" {
		d.Candidates, d.Reason = nil, router.ReasonFar
	}
	return d
}

// judged is a prompt with its label and what was decided.
type judged struct {
	truth    string
	decision router.Decision
}

// observations numbers the prompts from line 1.
func observations(list []judged) []observation {
	prompts, decisions := make([]routes.Labelled, len(list)), make([]router.Decision, len(list))
	for i, j := range list {
		prompts[i] = routes.Labelled{Text: "prompt " + string(rune('a'+i%26)), Route: j.truth, Line: i + 1}
		decisions[i] = j.decision
	}
	return observe(prompts, decisions)
}

func ptr(v float64) *float64 { return &v }

func checkValue(t *testing.T, name string, got *float64, want *float64) {
	t.Helper()
	switch {
	case got == nil && want == nil:
	case got == nil || want == nil:
		t.Errorf("%s is %v, want %v", name, show(got), show(want))
	case *got < *want-1e-12 || *got > *want+1e-12:
		t.Errorf("%s is %v, want %v", name, *got, *want)
	}
}

func show(v *float64) any {
	if v == nil {
		return "undefined"
	}
	return *v
}
