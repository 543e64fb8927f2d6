package policy

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/internal/expression"
	"github.com/semroute/semroute/internal/schema"
	"github.com/semroute/semroute/routes"
)

// compileCascade prepares the checks of a route; nil for a route without any.
func (f *Forwarder) compileCascade(c *routes.Cascade) ([]check, error) {
	if c == nil {
		return nil, nil
	}
	var checks []check
	for i, want := range c.Accept {
		passes, err := f.compileCheck(want)
		if err != nil {
			return nil, fmt.Errorf("%s: cascade.accept[%d].%s: %w", want.At, i, want.Kind, err)
		}
		checks = append(checks, check{kind: want.Kind, passes: passes})
	}
	if len(checks) == 0 {
		return nil, errors.New("cascade.accept needs at least one check")
	}
	return checks, nil
}

type passes = func(ctx context.Context, r *run, a forward.Answer) error

func (f *Forwarder) compileCheck(c routes.Check) (passes, error) {
	switch c.Kind {
	case routes.MatchesRegex, routes.NotRegex:
		return matchesRegex(c.Pattern, c.Kind == routes.MatchesRegex)
	case routes.MatchesSchema:
		return matchesSchema(c.JSONSchema)
	case routes.MeanLogprob:
		return sureEnough(c.MinLogprob), nil
	case routes.NotRefusal:
		return notRefusal, nil
	case routes.NotEmpty:
		return notEmpty, nil
	case routes.WhenTrue:
		return whenTrue(c)
	case routes.JudgedBy:
		return f.judgedBy(c.Judge)
	}
	return nil, fmt.Errorf("unknown check %q", c.Kind)
}

func matchesRegex(text string, want bool) (passes, error) {
	pattern, err := expression.CompilePattern(text)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, _ *run, a forward.Answer) error {
		matched, done := pattern.Match(a.Text, func() bool { return ctx.Err() != nil })
		switch {
		case !done:
			return ctx.Err()
		case matched == want:
			return nil
		case want:
			return errors.New("the answer does not match")
		}
		return errors.New("the answer matches")
	}, nil
}

// matchesSchema wants the whole answer to be one JSON value of the schema's
// shape.
func matchesSchema(text string) (passes, error) {
	s, err := schema.Compile(text)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, _ *run, a forward.Answer) error {
		if err := s.Check(ctx, a.Text); err != nil {
			return fmt.Errorf("the answer: %w", err)
		}
		return nil
	}, nil
}

// sureEnough accepts answers of providers that send no log-probabilities.
func sureEnough(least float64) passes {
	return func(_ context.Context, _ *run, a forward.Answer) error {
		if mean, ok := a.MeanLogProb(); ok && mean < least {
			return fmt.Errorf("its mean log-probability is %.3f, below %.3f", mean, least)
		}
		return nil
	}
}

func notEmpty(_ context.Context, _ *run, a forward.Answer) error {
	if strings.TrimSpace(a.Text) == "" && len(a.ToolCalls) == 0 {
		return errors.New("the answer is empty")
	}
	return nil
}

func notRefusal(_ context.Context, _ *run, a forward.Answer) error {
	if a.Finish == forward.FinishFiltered || a.Refusal != "" || forward.Declines(a.Text) {
		return errors.New("the answer is a refusal")
	}
	return nil
}
