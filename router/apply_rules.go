package router

import "context"

// applyRules runs the rules in order until one decides. A rule that
// restricts lets the later ones run, inside its restriction. A rule that
// fails (an absent metadata key, too much work) does not hold, and the
// decision says so.
func (b *batch) applyRules(ctx context.Context, j *job, p *Prompt) error {
	start := b.now
	f := facts{prompt: p, text: j.reading.text, tokens: b.g.rules.tokens, now: start}
	d := &j.decision
	for i := range b.g.rules.rules {
		rule := &b.g.rules.rules[i]
		holds, spent, err := rule.evaluate(ctx, &f)
		d.RuleCost += spent
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			d.degrade(CauseRule, "rule "+rule.Name+" failed: "+err.Error())
			continue
		}
		if !holds {
			continue
		}
		d.Rule = rule.Name
		if b.obey(j, rule); !j.open {
			break
		}
	}
	d.Timings.Rules = micros(b.lap().Sub(start))
	return nil
}

// obey does what a rule that holds says.
func (b *batch) obey(j *job, rule *compiledRule) {
	d := &j.decision
	switch {
	case rule.Abstain:
		b.abstain(j, ReasonRule, 0)
	case rule.Model != "":
		d.Models = []string{rule.Model}
		d.Confidence, d.Margin = 1, 1
		j.open, d.Stage = false, StageRule
	case rule.Route != "":
		d.Confidence, d.Margin = 1, 1
		d.Candidates = []Candidate{{Route: rule.Route, Probability: 1}}
		b.choose(j, StageRule, rule.Route)
	default:
		j.only = rule.Only
	}
}
