package expression

import (
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/interpreter"
)

// CEL looks at the context between steps and adds a call's cost up when it is
// done. Calls whose work can be large by themselves look before and between.

// maxMade is the longest text, in bytes, that one call may make.
const maxMade = 16 << 20

// bounded replaces such calls when a program is planned.
func bounded(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
	call, ok := i.(interpreter.InterpretableCall)
	if !ok {
		return i, nil
	}
	switch call.Function() {
	case "matches":
		return newMatch(call)
	case "replace", "join":
		return making{call}, nil
	}
	return i, nil
}

// match is a call of matches(), whose pattern is compiled once where it stands
// in the expression.
type match struct {
	interpreter.InterpretableCall
	pattern *Pattern
}

func newMatch(call interpreter.InterpretableCall) (interpreter.InterpretableV2, error) {
	m := &match{InterpretableCall: call}
	if constant, ok := call.Args()[1].(interpreter.InterpretableConst); ok {
		if text, ok := constant.Value().(types.String); ok {
			var err error
			if m.pattern, err = CompilePattern(string(text)); err != nil {
				return nil, err
			}
		}
	}
	return m, nil
}

// Eval implements interpreter.InterpretableV2.
func (m *match) Eval(vars interpreter.Activation) ref.Val {
	return interpreter.EvalActivation(vars, m.Exec)
}

// Exec implements interpreter.InterpretableV2.
func (m *match) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	text, wrong := textOf(m.Args()[0], frame)
	if wrong != nil {
		return wrong
	}
	pattern, wrong := textOf(m.Args()[1], frame)
	if wrong != nil {
		return wrong
	}
	compiled := m.pattern
	if compiled == nil {
		var err error
		if compiled, err = CompilePattern(pattern); err != nil {
			return types.NewErrWithNodeID(m.ID(), "%s", err)
		}
	}
	matched, done := compiled.Match(text, frame.CheckInterrupt)
	if !done {
		return types.NewErrWithNodeID(m.ID(), "operation interrupted")
	}
	result := types.Bool(matched)
	if costs := frame.CostTracker(); costs != nil {
		costs.EvalVarArgs(frame, m.ID(), m, []ref.Val{types.String(text), types.String(pattern)}, result)
	}
	return result
}

// textOf evaluates an argument; wrong is the error where it is no text.
func textOf(arg interpreter.InterpretableV2, frame *interpreter.ExecutionFrame) (text string, wrong ref.Val) {
	switch value := arg.Exec(frame).(type) {
	case types.String:
		return string(value), nil
	case *types.Err, *types.Unknown:
		return "", value
	default:
		return "", types.MaybeNoSuchOverloadErr(value)
	}
}

// making is a call that makes a text which may be the product of its arguments.
type making struct{ interpreter.InterpretableCall }

// Eval implements interpreter.InterpretableV2.
func (m making) Eval(vars interpreter.Activation) ref.Val {
	return interpreter.EvalActivation(vars, m.Exec)
}

// Exec implements interpreter.InterpretableV2. The arguments are evaluated
// twice; they have no effects, and their cost counts.
func (m making) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	args := make([]ref.Val, len(m.Args()))
	for i, arg := range m.Args() {
		args[i] = arg.Exec(frame)
	}
	if made(m.Function(), args) > maxMade {
		return types.NewErrWithNodeID(m.ID(), "%s() would make a text of more than %d bytes", m.Function(), maxMade)
	}
	return m.InterpretableCall.Exec(frame)
}

// made is at least how long the text is that a call makes, in bytes.
func made(function string, args []ref.Val) int {
	text := func(i int) string {
		if i < len(args) {
			if s, ok := args[i].(types.String); ok {
				return string(s)
			}
		}
		return ""
	}
	if function == "replace" {
		return len(text(0)) + strings.Count(text(0), text(1))*len(text(2))
	}
	if list, ok := args[0].(traits.Sizer); ok { // join
		if n, ok := list.Size().(types.Int); ok {
			return int(n) * len(text(1))
		}
	}
	return 0
}

// badPatterns finds the regular expressions in an expression that do not compile.
func badPatterns(checked *cel.Ast) []Problem {
	var problems []Problem
	native := checked.NativeRep()
	ast.PostOrderVisit(native.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind || e.AsCall().FunctionName() != "matches" {
			return
		}
		args := e.AsCall().Args()
		last := args[len(args)-1]
		if last.Kind() != ast.LiteralKind {
			return
		}
		pattern, ok := last.AsLiteral().(types.String)
		if !ok {
			return
		}
		if _, err := CompilePattern(string(pattern)); err != nil {
			at := native.SourceInfo().GetStartLocation(last.ID())
			problems = append(problems, Problem{at.Line(), at.Column() + 1, "regular expression: " + err.Error()})
		}
	}))
	return problems
}
