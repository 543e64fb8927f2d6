package eval

import (
	"context"
	"math/rand/v2"
	"strings"

	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// Robustness says how little it takes to flip a decision. Shares are over the
// N perturbed prompts. Flips compare the leading routes, so that bounds do not
// matter; DecisionFlips compare the decisions as made, abstentions included.
type Robustness struct {
	// TypoFlips: one random typo in the prompt leads to another route.
	TypoFlips         float64 `json:"typo_flips"`
	TypoDecisionFlips float64 `json:"typo_decision_flips"`
	// CaseFlips: all upper case, or all lower case, leads to another route.
	CaseFlips         float64 `json:"case_flips"`
	CaseDecisionFlips float64 `json:"case_decision_flips"`
	N                 int     `json:"n"`
}

// variant is a prompt, changed.
type variant struct {
	text string
	of   int // the prompt
	typo bool
}

// variants gives for up to n random prompts one with a typo and those with
// another case. Prompts without a letter have none.
func variants(prompts []routes.Labelled, n int, random *rand.Rand) []variant {
	var made []variant
	taken := 0
	for _, i := range random.Perm(len(prompts)) {
		if taken >= n {
			break
		}
		text := prompts[i].Text
		typo, ok := addTypo(text, random)
		if !ok {
			continue
		}
		taken++
		made = append(made, variant{text: typo, of: i, typo: true})
		for _, other := range []string{strings.ToUpper(text), strings.ToLower(text)} {
			if other != text {
				made = append(made, variant{text: other, of: i})
			}
		}
	}
	return made
}

// robustness decides the variants and compares them with the decisions on the
// prompts as they were; nil when there are none.
func (r *run) robustness(ctx context.Context, decisions []router.Decision) (*Robustness, error) {
	if len(r.variant) == 0 {
		return nil, nil
	}
	texts := make([]string, len(r.variant))
	for i := range r.variant {
		texts[i] = r.variant[i].text
	}
	changed, err := r.replay.all(ctx, texts)
	if err != nil {
		return nil, err
	}
	var typo, typoDecision, otherCase, caseDecision flips
	for i, v := range r.variant {
		before, after := &decisions[v.of], &changed[i]
		leads, decides := &otherCase, &caseDecision
		if v.typo {
			leads, decides = &typo, &typoDecision
		}
		leads.add(v.of, Leading(before) != Leading(after))
		decides.add(v.of, before.Route != after.Route)
	}
	return &Robustness{
		TypoFlips:         typo.share(typo.prompts),
		TypoDecisionFlips: typoDecision.share(typo.prompts),
		CaseFlips:         otherCase.share(typo.prompts),
		CaseDecisionFlips: caseDecision.share(typo.prompts),
		N:                 typo.prompts,
	}, nil
}

// flips counts prompts of which at least one variant flips. The variants of a
// prompt follow each other.
type flips struct {
	prompts, flipped, last int
	lastFlipped            bool
}

func (f *flips) add(prompt int, flip bool) {
	if f.prompts == 0 || f.last != prompt {
		f.prompts++
		f.last, f.lastFlipped = prompt, false
	}
	if flip && !f.lastFlipped {
		f.flipped++
		f.lastFlipped = true
	}
}

func (f *flips) share(of int) float64 { return float64(f.flipped) / float64(of) }
