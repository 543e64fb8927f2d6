package router

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/ext"
	"github.com/semroute/semroute/internal/expression"
	"github.com/semroute/semroute/routes"
)

// ErrRule: a rule of the catalog does not compile. The routes.Problems beside it
// says why, and where.
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
	program *expression.Program
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

// ruleEnv is what rules know: the names that facts resolves.
func ruleEnv() (*expression.Env, error) {
	return expression.New([]string{"id", "tier", "team", "role", "text"},
		ext.NativeTypes(reflect.TypeFor[celUser](), reflect.TypeFor[celMessage](), ext.ParseStructTags(true)),
		cel.Variable("prompt", cel.StringType),
		cel.Variable("messages", cel.ListType(cel.ObjectType("router.celMessage"))),
		cel.Variable("tokens", cel.IntType),
		cel.Variable("metadata", cel.MapType(cel.StringType, cel.StringType)),
		cel.Variable("has_code", cel.BoolType),
		cel.Variable("language", cel.StringType),
		cel.Variable("now", cel.TimestampType),
		cel.Variable("user", cel.ObjectType("router.celUser")),
	)
}

// CheckRules says what is wrong with the rules of a catalog, in plain words and
// with places: NewGeneration would refuse it. It is a check for a routes.Loader.
func CheckRules(c *routes.Catalog) routes.Problems {
	_, err := compileRules(c, nil)
	if problems, ok := errors.AsType[routes.Problems](err); ok {
		return problems
	}
	if err != nil {
		return routes.Problems{{Message: err.Error()}}
	}
	return nil
}

// compileRules compiles all rules of the catalog, nil when it has none. Every
// rule that does not compile is reported.
func compileRules(c *routes.Catalog, tokens TokenCounter) (*ruleSet, error) {
	if len(c.Rules) == 0 {
		return nil, nil
	}
	env, err := ruleEnv()
	if err != nil {
		return nil, err
	}
	set := &ruleSet{tokens: tokens}
	var found routes.Problems
	for _, rule := range c.Rules {
		program, problems := env.Compile(rule.When)
		for _, p := range problems {
			found = append(found, routes.Problem{Position: rule.Place(p.Line, p.Column), Message: fmt.Sprintf("rule %q: %s", rule.Name, p.Message)})
		}
		set.rules = append(set.rules, compiledRule{Rule: rule, program: program})
	}
	if len(found) > 0 {
		return nil, fmt.Errorf("%w:\n%w", ErrRule, found)
	}
	return set, nil
}

// evaluate says whether the rule holds and what that cost.
func (r *compiledRule) evaluate(ctx context.Context, facts *facts) (bool, uint64, error) {
	return r.program.Holds(ctx, facts)
}
