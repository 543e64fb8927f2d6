package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/eval"
	"github.com/semroute/semroute/eval/lint"
	"github.com/semroute/semroute/routes"
)

// lintGate is the gate that takes no catalog in which lint finds an error.
const lintGate = "lint"

// errGate: a changed catalog does not pass what `serve --gate` asks.
var errGate = errors.New("the gate refuses the catalog")

// catalogGate is what a changed catalog has to pass before it is served.
type catalogGate struct {
	lint     bool
	measures eval.Gate
	prompts  []routes.Labelled
	canaries []routes.Labelled
}

// readGate reads the gate's conditions, its prompts and the canary prompts.
func readGate(conditions, files, canaries []string) (*catalogGate, error) {
	var g catalogGate
	var minimums, maximums []string
	for _, c := range conditions {
		switch {
		case c == lintGate:
			g.lint = true
		case strings.Contains(c, "<"):
			maximums = append(maximums, c)
		default:
			minimums = append(minimums, c)
		}
	}
	var err error
	if g.measures, err = eval.ParseGate(minimums, maximums); err != nil {
		return nil, wrongUse("--gate: %w", err)
	}
	if len(g.measures) > 0 && len(files) == 0 {
		return nil, wrongUse("a measure of --gate needs the prompts of --gate-data")
	}
	if g.prompts, err = readData(files); err != nil {
		return nil, err
	}
	g.canaries, err = readData(canaries)
	return &g, err
}

// check says what a generation misses. It is for engine.Config.Check.
func (g *catalogGate) check(ctx context.Context, built *engine.Assembly) error {
	missed, err := g.wrongCanaries(ctx, built)
	if err != nil {
		return err
	}
	if g.lint {
		found, err := lintErrors(ctx, built)
		if err != nil {
			return err
		}
		missed = append(missed, found...)
	}
	if len(g.measures) > 0 {
		failing, err := g.failing(ctx, built)
		if err != nil {
			return err
		}
		for _, c := range failing {
			missed = append(missed, errors.New(c.String()))
		}
	}
	if len(missed) > 0 {
		return fmt.Errorf("%w: %w", errGate, errors.Join(missed...))
	}
	return nil
}

// measurable is a server as eval/live measures it.
type measurable struct{ *engine.Engine }

// Fingerprint implements live.Server.
func (m measurable) Fingerprint() string { return m.Status().Fingerprint }

// wrongCanaries are the canary prompts that a generation decides otherwise.
func (g *catalogGate) wrongCanaries(ctx context.Context, built *engine.Assembly) ([]error, error) {
	if len(g.canaries) == 0 {
		return nil, nil
	}
	decider, err := built.Decider()
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(g.canaries))
	for i := range g.canaries {
		texts[i] = g.canaries[i].Text
	}
	decisions, err := eval.DecideAll(ctx, decider, texts, 0, func(int) {})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errGate, err)
	}
	var wrong []error
	for i, d := range decisions {
		if want := g.canaries[i].Route; d.Route != want {
			wrong = append(wrong, fmt.Errorf("canary prompt %q is decided %s, not %s", texts[i], orNone(d.Route), orNone(want)))
		}
	}
	return wrong, nil
}

// lintErrors are the errors that lint finds, without warnings and hints.
func lintErrors(ctx context.Context, built *engine.Assembly) ([]error, error) {
	in, err := lintInput(ctx, built, nil)
	if err != nil {
		return nil, err
	}
	findings, err := lint.Run(ctx, in)
	var found []error
	for _, f := range findings {
		if f.Severity == lint.SeverityError {
			found = append(found, errors.New(f.String()))
		}
	}
	return found, err
}

// failing are the measures that a generation misses on the prompts.
func (g *catalogGate) failing(ctx context.Context, built *engine.Assembly) ([]eval.Check, error) {
	decider, err := built.Decider()
	if err != nil {
		return nil, err
	}
	perturbed := -1 // measuring robustness decides thousands of prompts more
	if slices.ContainsFunc(g.measures, func(c eval.Condition) bool { return strings.HasPrefix(c.Measure, "robustness.") }) {
		perturbed = 0
	}
	result, err := eval.Run(ctx, decider, g.prompts, eval.Config{Known: routeNames(built.Generation.Catalog()), Seed: 1, Perturbed: perturbed})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errGate, err)
	}
	checks, err := g.measures.Check(result)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errGate, err)
	}
	return eval.Failing(checks), nil
}
