package routes

import (
	"strings"

	"github.com/semroute/semroute/internal/strictyaml"
)

func (l *loading) rule(v value) {
	r := Rule{At: v.Place}
	by := "a rule"
	if name := v.Peek("name"); name != "" {
		by = "rule " + strictyaml.Quote(name)
	}
	actions := 0
	ok := readMapping(v, "a rule",
		field{"name", func(v value) { r.Name, _ = readName(v, "rule name") }},
		field{"when", func(v value) { r.When, r.At = readExpression(v, "when") }},
		field{"route", func(v value) { actions++; r.Route, _ = l.mention(v, aRoute, by) }},
		field{"model", func(v value) { actions++; r.Model, _ = l.mention(v, aModel, by) }},
		field{"abstain", func(v value) { actions++; r.Abstain = readTrue(v, "abstain") }},
		field{"only", func(v value) {
			actions++
			r.Only = l.mentioned(v, "only", aRoute, by)
			if v.Kind() == "a list" && len(r.Only) == 0 {
				v.Bad("only is empty; name at least one route")
			}
		}},
	)
	if !ok || !requireKeys(v, "a rule", "name", "when") {
		return
	}
	if actions != 1 {
		v.Bad("%s needs exactly one of route, model, abstain, only", by)
	}
	if r.Name == "" {
		return
	}
	l.declare(aRule, r.Name, v.Place)
	l.catalog.Rules = append(l.catalog.Rules, r)
}

// maxExpressionBytes bounds a CEL expression.
const maxExpressionBytes = 16 << 10

// readExpression reads a CEL expression and where its text begins.
func readExpression(v value, what string) (string, Position) {
	text, ok := v.Text(what)
	switch {
	case !ok:
	case strings.TrimSpace(text) == "":
		v.Bad("%s is empty; write a CEL expression", what)
	case len(text) > maxExpressionBytes:
		v.Bad("%s is longer than %d bytes", what, maxExpressionBytes)
	}
	return text, v.TextAt()
}

// readTrue reads a switch that can only be put on.
func readTrue(v value, what string) bool {
	on, ok := v.Boolean(what)
	if ok && !on {
		v.Bad("%s can only be true; leave it out otherwise", what)
	}
	return on
}
