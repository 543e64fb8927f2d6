package router

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/ext"
	"github.com/semroute/semroute/routes"
)

// ruleCostLimit bounds one rule's evaluation, in CEL cost units: enough to
// search a prompt of 1 MB a few times, far too little to hang.
const ruleCostLimit = 2_000_000

// ruleInterruptEvery is how many comprehension steps pass between looks at
// the deadline.
const ruleInterruptEvery = 256

// ErrRule: a rule of the catalog does not compile. The text names file, line
// and column.
var ErrRule = errors.New("rule does not compile")

// TokenCounter estimates how many tokens a text has.
type TokenCounter interface {
	Count(text string) int
}

// ruleSet is the compiled rules of a catalog, in order.
type ruleSet struct {
	rules  []compiledRule
	tokens TokenCounter
}

type compiledRule struct {
	routes.Rule
	program cel.Program
}

// celUser and celMessage are how rules see a user and a message: with field
// names that are checked when the rule is compiled.
type celUser struct {
	ID   string `cel:"id"`
	Tier string `cel:"tier"`
	Team string `cel:"team"`
}

type celMessage struct {
	Role string `cel:"role"`
	Text string `cel:"text"`
}

// compileRules compiles all rules of the catalog, nil when it has none. Every
// rule that does not compile is reported.
func compileRules(c *routes.Catalog, tokens TokenCounter) (*ruleSet, error) {
	if len(c.Rules) == 0 {
		return nil, nil
	}
	env, err := cel.NewEnv(
		ext.NativeTypes(reflect.TypeFor[celUser](), reflect.TypeFor[celMessage](), ext.ParseStructTags(true)),
		ext.Strings(),
		cel.Variable("prompt", cel.StringType),
		cel.Variable("messages", cel.ListType(cel.ObjectType("router.celMessage"))),
		cel.Variable("tokens", cel.IntType),
		cel.Variable("metadata", cel.MapType(cel.StringType, cel.StringType)),
		cel.Variable("has_code", cel.BoolType),
		cel.Variable("language", cel.StringType),
		cel.Variable("now", cel.TimestampType),
		cel.Variable("user", cel.ObjectType("router.celUser")),
	)
	if err != nil {
		return nil, fmt.Errorf("rule environment: %w", err)
	}
	set := &ruleSet{tokens: tokens}
	var problems []error
	for _, rule := range c.Rules {
		program, err := compileRule(env, rule)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		set.rules = append(set.rules, compiledRule{Rule: rule, program: program})
	}
	return set, errors.Join(problems...)
}

func compileRule(env *cel.Env, rule routes.Rule) (cel.Program, error) {
	ast, issues := env.Compile(rule.When)
	if issues != nil && issues.Err() != nil {
		return nil, ruleProblems(rule, issues)
	}
	if ast.OutputType() != cel.BoolType {
		return nil, fmt.Errorf("%s: %w: rule %q gives %s where a bool is needed",
			rule.Place(1, 1), ErrRule, rule.Name, ast.OutputType())
	}
	program, err := env.Program(ast, cel.CostLimit(ruleCostLimit), cel.InterruptCheckFrequency(ruleInterruptEvery))
	if err != nil {
		return nil, fmt.Errorf("%s: %w: rule %q: %w", rule.Place(1, 1), ErrRule, rule.Name, err)
	}
	return program, nil
}

func ruleProblems(rule routes.Rule, issues *cel.Issues) error {
	var problems []error
	for _, issue := range issues.Errors() {
		problems = append(problems, fmt.Errorf("%s: %w: rule %q: %s",
			rule.Place(issue.Location.Line(), issue.Location.Column()+1), ErrRule, rule.Name, strings.TrimSpace(issue.Message)))
	}
	return errors.Join(problems...)
}

// evaluate says whether the rule holds and what that cost.
func (r *compiledRule) evaluate(ctx context.Context, facts *facts) (bool, uint64, error) {
	value, details, err := r.program.ContextEval(ctx, facts)
	var spent uint64
	if details != nil && details.ActualCost() != nil {
		spent = *details.ActualCost()
	}
	if err != nil {
		return false, spent, err
	}
	holds, _ := value.Value().(bool)
	return holds, spent, nil
}
