package policy

import (
	"context"
	"errors"
	"fmt"

	"cel.dev/cel-go/cel"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/internal/expression"
	"github.com/semroute/semroute/routes"
)

// conditionEnv is what conditions on an answer know: answer and prompt are
// strings, finish is the Finish as a string, output_tokens an int, tools the
// names of the tools that are called.
func conditionEnv() (*expression.Env, error) {
	return expression.New(nil,
		cel.Variable("answer", cel.StringType),
		cel.Variable("prompt", cel.StringType),
		cel.Variable("finish", cel.StringType),
		cel.Variable("output_tokens", cel.IntType),
		cel.Variable("tools", cel.ListType(cel.StringType)),
	)
}

// CheckConditions says what is wrong with the expressions of a catalog's
// cascades, in plain words and with places: New would refuse it. It is a check
// for a routes.Loader.
func CheckConditions(c *routes.Catalog) routes.Problems {
	var found routes.Problems
	for i := range c.Routes {
		cascade := c.Routes[i].Forwarding.Cascade
		if cascade == nil {
			continue
		}
		for _, check := range cascade.Accept {
			if check.Kind != routes.WhenTrue {
				continue
			}
			_, err := whenTrue(check)
			if problems, ok := errors.AsType[routes.Problems](err); ok {
				found = append(found, problems...)
			} else if err != nil {
				found = append(found, routes.Problem{Position: check.At, Message: err.Error()})
			}
		}
	}
	return found
}

// whenTrue compiles a condition. The error is a routes.Problems where its
// expression is wrong.
func whenTrue(c routes.Check) (passes, error) {
	env, err := conditionEnv()
	if err != nil {
		return nil, err
	}
	program, problems := env.Compile(c.When)
	if len(problems) > 0 {
		found := make(routes.Problems, len(problems))
		for i, p := range problems {
			found[i] = routes.Problem{Position: c.Place(p.Line, p.Column), Message: "when: " + p.Message}
		}
		return nil, found
	}
	return func(ctx context.Context, r *run, a forward.Answer) error {
		tools := make([]string, len(a.ToolCalls))
		for i, c := range a.ToolCalls {
			tools[i] = c.Name
		}
		holds, _, err := program.Holds(ctx, map[string]any{
			"answer": a.Text, "prompt": r.call.Prompt, "finish": string(a.Finish),
			"output_tokens": a.Usage.OutputTokens, "tools": tools,
		})
		if err != nil {
			return err
		}
		if !holds {
			return fmt.Errorf("%s is false", c.When)
		}
		return nil
	}, nil
}
