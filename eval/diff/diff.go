// Package diff says what becomes of decisions when one decider gives way to
// another, and, where the prompts have labels, whether that is better. It leaves
// to others how a decision is made and what exit code follows.
package diff

import (
	"context"
	"fmt"

	"github.com/semroute/semroute/eval"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// ChangeKind says what differs first between two decisions.
type ChangeKind string

// The kinds of changes.
const (
	// ChangedRoute: both chose a route, not the same.
	ChangedRoute ChangeKind = "route"
	// ChangedAbstention: one chose a route, the other none.
	ChangedAbstention ChangeKind = "abstention"
	// ChangedModel: the same route or none, but another model first.
	ChangedModel ChangeKind = "model"
)

// Changes are the decisions that differ between two deciders.
type Changes struct {
	N       int `json:"n"`
	Changed int `json:"changed"`
	// Routes, Abstentions and Models add up to Changed.
	Routes      int `json:"routes"`
	Abstentions int `json:"abstentions"`
	Models      int `json:"models"`
	// Labels is nil when the prompts have no labels.
	Labels *LabelChanges `json:"labels"`
	// Before and After are the fingerprints of the generations.
	Before    string   `json:"fingerprint_before"`
	After     string   `json:"fingerprint_after"`
	Decisions []Change `json:"decisions"`
}

// LabelChanges say what the changes are worth.
type LabelChanges struct {
	// Fixed were wrong and are right, Broken were right and are wrong,
	// ChangedWrong are wrong in another way.
	Fixed        int `json:"fixed"`
	Broken       int `json:"broken"`
	ChangedWrong int `json:"changed_wrong"`
	// RightBefore and RightAfter count over all prompts.
	RightBefore int `json:"right_before"`
	RightAfter  int `json:"right_after"`
}

// Change is one decision that differs.
type Change struct {
	Line int        `json:"line,omitempty"`
	Text string     `json:"text"`
	Kind ChangeKind `json:"kind"`
	// Truth is the label, nil when the prompts have none.
	Truth *string `json:"truth,omitempty"`
	// Effect is "fixed", "broken", "changed_wrong", or empty.
	Effect string `json:"effect,omitempty"`
	Before Side   `json:"before"`
	After  Side   `json:"after"`
}

// Side is one of the two decisions.
type Side struct {
	Route string `json:"route"`
	// Leading is the route that would be chosen with abstention off.
	Leading    string  `json:"leading"`
	Model      string  `json:"model"`
	Confidence float64 `json:"confidence"`
	Reason     string  `json:"reason"`
}

// Config of a Diff.
type Config struct {
	// Labelled says that the prompts' routes are labels, an empty one too.
	Labelled bool
	// BatchSize is how many prompts are decided in one call; 256 by default.
	BatchSize int
	// Progress is told after each call how many decisions of all were made.
	Progress func(done, total int)
}

// Run decides the prompts with both deciders and lists what changes from the
// one before to the one after, in the order of the prompts. It fails with
// eval.ErrNoPrompts, eval.ErrDecider, or the error of a decider or of ctx.
func Run(ctx context.Context, before, after eval.Decider, prompts []routes.Labelled, config Config) (*Changes, error) {
	if len(prompts) == 0 {
		return nil, eval.ErrNoPrompts
	}
	texts := make([]string, len(prompts))
	for i := range prompts {
		texts[i] = prompts[i].Text
	}
	done := 0
	step := func(n int) {
		if done += n; config.Progress != nil {
			config.Progress(done, 2*len(texts))
		}
	}
	was, err := eval.DecideAll(ctx, before, texts, config.BatchSize, step)
	if err != nil {
		return nil, fmt.Errorf("before: %w", err)
	}
	is, err := eval.DecideAll(ctx, after, texts, config.BatchSize, step)
	if err != nil {
		return nil, fmt.Errorf("after: %w", err)
	}
	return compare(prompts, was, is, config.Labelled), nil
}

func compare(prompts []routes.Labelled, was, is []router.Decision, labelled bool) *Changes {
	c := &Changes{N: len(prompts), Before: was[0].Fingerprint, After: is[0].Fingerprint, Decisions: []Change{}}
	if labelled {
		c.Labels = &LabelChanges{}
	}
	for i := range prompts {
		p := &prompts[i]
		kind := c.count(&was[i], &is[i])
		effect := c.Labels.count(p.Route, &was[i], &is[i])
		if kind == "" {
			continue
		}
		change := Change{Line: p.Line, Text: p.Text, Kind: kind, Effect: effect, Before: side(&was[i]), After: side(&is[i])}
		if labelled {
			change.Truth = &p.Route
		}
		c.Decisions = append(c.Decisions, change)
	}
	return c
}

// count adds a pair of decisions and says how they differ, "" when they do not.
func (c *Changes) count(was, is *router.Decision) ChangeKind {
	kind := kindOfChange(was, is)
	switch kind {
	case "":
		return ""
	case ChangedRoute:
		c.Routes++
	case ChangedAbstention:
		c.Abstentions++
	case ChangedModel:
		c.Models++
	}
	c.Changed++
	return kind
}

func kindOfChange(was, is *router.Decision) ChangeKind {
	switch {
	case was.Route != is.Route && was.Route != "" && is.Route != "":
		return ChangedRoute
	case was.Route != is.Route || was.Abstained != is.Abstained:
		return ChangedAbstention
	case was.Model() != is.Model():
		return ChangedModel
	}
	return ""
}

// count adds a pair of decisions and says what the change is worth.
func (l *LabelChanges) count(truth string, was, is *router.Decision) string {
	if l == nil {
		return ""
	}
	before, after := was.Route == truth, is.Route == truth
	if before {
		l.RightBefore++
	}
	if after {
		l.RightAfter++
	}
	switch {
	case after && !before:
		l.Fixed++
		return "fixed"
	case before && !after:
		l.Broken++
		return "broken"
	case !before && was.Route != is.Route:
		l.ChangedWrong++
		return "changed_wrong"
	}
	return ""
}

func side(d *router.Decision) Side {
	return Side{Route: d.Route, Leading: eval.Leading(d), Model: d.Model(), Confidence: d.Confidence, Reason: string(d.Reason)}
}
