package policy

import (
	"context"
	"fmt"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/ext"
	"github.com/semroute/semroute/forward"
)

const (
	// expressionCost bounds the work of one expression, in CEL's own units.
	expressionCost = 1_000_000
	// expressionChecks is how many comprehension steps pass between two looks
	// at the context.
	expressionChecks = 100
)

// whenTrue compiles a CEL expression over the answer: answer and prompt are
// strings, finish is the Finish as a string, output_tokens an int, tools the
// names of the tools that are called.
func whenTrue(expression string) (passes, error) {
	env, err := cel.NewEnv(
		cel.Variable("answer", cel.StringType),
		cel.Variable("prompt", cel.StringType),
		cel.Variable("finish", cel.StringType),
		cel.Variable("output_tokens", cel.IntType),
		cel.Variable("tools", cel.ListType(cel.StringType)),
		ext.Strings(),
	)
	if err != nil {
		return nil, err
	}
	ast, issues := env.Compile(expression)
	if issues.Err() != nil {
		return nil, firstIssue(issues)
	}
	if ast.OutputType() != cel.BoolType {
		return nil, fmt.Errorf("must give a bool, gives %s", ast.OutputType())
	}
	program, err := env.Program(ast, cel.CostLimit(expressionCost), cel.InterruptCheckFrequency(expressionChecks))
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, r *run, a forward.Answer) error {
		tools := make([]string, len(a.ToolCalls))
		for i, c := range a.ToolCalls {
			tools[i] = c.Name
		}
		value, _, err := program.ContextEval(ctx, map[string]any{
			"answer": a.Text, "prompt": r.call.Prompt, "finish": string(a.Finish),
			"output_tokens": a.Usage.OutputTokens, "tools": tools,
		})
		if err != nil {
			return err
		}
		if value.Value() != true {
			return fmt.Errorf("%s is false", expression)
		}
		return nil
	}, nil
}

// expressionError is what is wrong with an expression, and where in it: line
// and column count from 1.
type expressionError struct {
	line, column int
	problem      string
}

func (e *expressionError) Error() string { return e.problem }

func firstIssue(issues *cel.Issues) error {
	list := issues.Errors()
	if len(list) == 0 {
		return issues.Err()
	}
	first := list[0]
	return &expressionError{line: first.Location.Line(), column: first.Location.Column() + 1, problem: first.Message}
}
