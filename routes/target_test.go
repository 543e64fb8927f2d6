package routes_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/routes"
)

const withAliases = `
models: [{name: small, provider: ollama, model: x}]
routes: [{name: refunds, models: [small], utterances: [a]}, {name: talk, utterances: [b]}]
aliases: {gpt-4o: auto, cheap: "model:small", money: "route:refunds"}
`

func TestNamesOfModelsMeanTargets(t *testing.T) {
	c, err := routes.Parse("catalog.yaml", []byte(withAliases))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct {
		target routes.Target
		known  bool
	}{
		"auto":          {routes.Target{}, true},
		"gpt-4o":        {routes.Target{}, true},
		"cheap":         {routes.Target{Model: "small"}, true},
		"money":         {routes.Target{Route: "refunds"}, true},
		"route:talk":    {routes.Target{Route: "talk"}, true},
		"model:small":   {routes.Target{Model: "small"}, true},
		"route:gone":    {routes.Target{Route: "gone"}, false},
		"model:refunds": {routes.Target{Model: "refunds"}, false},
		"small":         {routes.Target{}, false},
		"":              {routes.Target{}, false},
	} {
		target, known := c.Target(name)
		if target != want.target || known != want.known {
			t.Errorf("%q means %+v, %v; want %+v, %v", name, target, known, want.target, want.known)
		}
	}
	want := []string{"auto", "cheap", "gpt-4o", "money", "route:refunds", "model:small"}
	if diff := cmp.Diff(want, c.TargetNames()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

func TestAliasesThatMeanNothingAreProblems(t *testing.T) {
	const head = "models: [{name: small, provider: ollama, model: x}]\nroutes: [{name: refunds, models: [small], utterances: [a]}]\n"
	for aliases, want := range map[string]string{
		`aliases: {x: small}`:              `c.yaml:3:14: alias "x" means "small"; write auto, route:NAME or model:NAME`,
		`aliases: {x: "route:refund"}`:     `c.yaml:3:14: alias "x" names unknown route "refund"`,
		`aliases: {x: "model:huge"}`:       `c.yaml:3:14: alias "x" names unknown model "huge"`,
		`aliases: {auto: auto}`:            `c.yaml:3:11: "auto" already means something`,
		`aliases: {"route:refunds": auto}`: `already means something`,
		`aliases: {x: [auto]}`:             `c.yaml:3:14: `,
		`aliases: [x]`:                     `c.yaml:3:10: `,
	} {
		_, err := routes.Parse("c.yaml", []byte(head+aliases))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s gave %v; want %q", aliases, err, want)
		}
	}
}
