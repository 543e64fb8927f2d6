// Package expression compiles and evaluates the CEL expressions of a catalog. It
// promises that what is wrong with one is said in plain words with its place,
// bad regular expressions included, and that evaluation ends with its context
// and within a bound of work, whatever a prompt holds. Which names an expression
// knows and what its answer means is left to the caller.
package expression

import (
	"context"
	"fmt"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/ext"
)

const (
	// costLimit bounds one evaluation, in CEL's units: enough to search a prompt of
	// 1 MB a few times, far too little to hang.
	costLimit = 2_000_000
	// interruptEvery is how many steps pass between two looks at the context.
	interruptEvery = 256
)

// Env is the names that expressions know. It is safe for concurrent use.
type Env struct {
	cel *cel.Env
	// names are variables and functions, fields those of structured variables.
	names, fields []string
}

// New makes an Env of declared variables, and CEL's functions on texts. fields
// are the names of fields of their types, for suggestions.
func New(fields []string, options ...cel.EnvOption) (*Env, error) {
	env, err := cel.NewEnv(append(options, ext.Strings())...)
	if err != nil {
		return nil, fmt.Errorf("the names that expressions know: %w", err)
	}
	e := &Env{cel: env, fields: fields}
	for _, v := range env.Variables() {
		e.names = append(e.names, v.Name())
	}
	for name := range env.Functions() {
		if !strings.ContainsAny(name, "_@") {
			e.names = append(e.names, name)
		}
	}
	return e, nil
}

// Problem is what is wrong with an expression, at a line and column from 1.
type Problem struct {
	Line, Column int
	Message      string
}

// Program is a compiled expression that says yes or no. It is safe for
// concurrent use.
type Program struct{ cel cel.Program }

// Compile gives the program of an expression, nil where it has problems.
func (e *Env) Compile(text string) (*Program, []Problem) {
	ast, issues := e.cel.Compile(text)
	if issues.Err() != nil {
		return nil, e.problems(text, issues)
	}
	if ast.OutputType() != cel.BoolType {
		return nil, []Problem{{1, 1, fmt.Sprintf("gives %s, but must be true or false", plainType(ast.OutputType().String()))}}
	}
	if problems := badPatterns(ast); len(problems) > 0 {
		return nil, problems
	}
	program, err := e.cel.Program(ast, cel.CostLimit(costLimit), cel.InterruptCheckFrequency(interruptEvery),
		cel.CustomDecoratorV2(bounded))
	if err != nil {
		return nil, []Problem{{1, 1, err.Error()}}
	}
	return &Program{program}, nil
}

// Holds says whether the expression is true of the variables, a cel.Activation
// or a map of them, and what that cost in CEL's units. The error is that of the
// context, or says what failed: an absent key, too much work.
func (p *Program) Holds(ctx context.Context, variables any) (holds bool, cost uint64, err error) {
	value, details, err := p.cel.ContextEval(ctx, variables)
	if details != nil && details.ActualCost() != nil {
		cost = *details.ActualCost()
	}
	if ctx.Err() != nil {
		return false, cost, ctx.Err()
	}
	if err != nil {
		return false, cost, err
	}
	return value == types.True, cost, nil
}
