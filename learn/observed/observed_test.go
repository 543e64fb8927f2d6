package observed_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/learn/observed"
	"github.com/semroute/semroute/router"
)

// echo chooses the route that the prompt names, and fails on none.
type echo struct{}

var errNothing = errors.New("nothing to decide")

func (echo) Decide(_ context.Context, p router.Prompt, _ router.Limits) (router.Decision, error) {
	if p.Text == "" {
		return router.Decision{}, errNothing
	}
	return router.Decision{Route: p.Text}, nil
}

func (e echo) DecideBatch(ctx context.Context, prompts []router.Prompt, limits router.Limits) ([]router.Decision, error) {
	var out []router.Decision
	for _, p := range prompts {
		d, err := e.Decide(ctx, p, limits)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

// diary writes down what it is told.
type diary []string

func (d *diary) Decided(p *router.Prompt, decision *router.Decision) {
	*d = append(*d, p.Text+" is "+decision.Route)
}

func TestEveryDecisionThatWasMadeIsSeen(t *testing.T) {
	var one, two diary
	d := observed.Decisions(echo{}, &one, &two)
	for _, text := range []string{"a", ""} {
		_, _ = d.Decide(t.Context(), router.Prompt{Text: text}, router.Limits{})
	}
	for _, batch := range [][]router.Prompt{{{Text: "b"}, {Text: "c"}}, {{Text: "d"}, {}}} {
		_, _ = d.DecideBatch(t.Context(), batch, router.Limits{})
	}
	want := diary{"a is a", "b is b", "c is c"}
	if diff := cmp.Diff(want, one); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(one, two); diff != "" {
		t.Errorf("the other observer (-want +got):\n%s", diff)
	}
	if _, err := d.Decide(t.Context(), router.Prompt{}, router.Limits{}); !errors.Is(err, errNothing) {
		t.Errorf("the decider's error became %v", err)
	}
}
