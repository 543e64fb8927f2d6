package router_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

func withRules(rules string) string { return catalogYAML + "rules:\n" + rules }

func TestRules(t *testing.T) {
	tests := []struct {
		name   string
		rules  string
		prompt router.Prompt
		route  string
		model  string
		stage  router.Stage
		reason router.Reason
		rule   string
	}{
		{
			"a rule chooses a route", `  - {name: code, when: 'prompt.contains("stacktrace")', route: weather}`,
			router.Prompt{Text: "stacktrace"}, "weather", "large", router.StageRule, "", "code",
		},
		{
			"the first rule that holds decides", "  - {name: a, when: 'tokens > 3', route: parcels}\n  - {name: b, when: 'true', route: weather}",
			router.Prompt{Text: "one two three four"}, "parcels", "small", router.StageRule, "", "a",
		},
		{
			"a rule chooses a model", `  - {name: vip, when: 'user.tier == "gold"', model: large}`,
			router.Prompt{Text: "parcel", User: router.User{Tier: "gold"}}, "", "large", router.StageRule, "", "vip",
		},
		{
			"a rule abstains", `  - {name: no, when: 'metadata["source"] == "spam"', abstain: true}`,
			router.Prompt{Text: "parcel", Metadata: map[string]string{"source": "spam"}}, "", "large", router.StageFallback, router.ReasonRule, "no",
		},
		{
			"a rule restricts the candidates", `  - {name: some, when: 'messages.size() == 1', only: [weather, refunds]}`,
			router.Prompt{Text: "parcel money"}, "refunds", "small", router.StageSemantic, "", "some",
		},
		{
			"code is recognised", `  - {name: code, when: 'has_code', route: weather}`,
			router.Prompt{Text: "why does this fail\nfunc main() {\n}"}, "weather", "large", router.StageRule, "", "code",
		},
		{
			"prose is not code", `  - {name: code, when: 'has_code', route: weather}`,
			router.Prompt{Text: "where is my parcel; it is late"}, "parcels", "small", router.StageSemantic, "", "",
		},
		{
			"the language is recognised", `  - {name: german, when: 'language == "de"', route: weather}`,
			router.Prompt{Text: "Ich möchte gerne wissen, wann meine Bestellung endlich bei mir zu Hause ankommen wird"}, "weather", "large", router.StageRule, "", "german",
		},
		{
			"the time is known", `  - {name: night, when: 'now.getHours() == 0', route: weather}`,
			router.Prompt{Text: "parcel"}, "weather", "large", router.StageRule, "", "night",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t, withRules(tt.rules), router.Settings{})
			d := decide(t, f.router, tt.prompt)
			if d.Route != tt.route || d.Model() != tt.model || d.Stage != tt.stage || d.Reason != tt.reason || d.Rule != tt.rule {
				t.Errorf("got route %q, model %q, stage %s, reason %q, rule %q\nwant %q, %q, %s, %q, %q",
					d.Route, d.Model(), d.Stage, d.Reason, d.Rule, tt.route, tt.model, tt.stage, tt.reason, tt.rule)
			}
			if tt.rule != "" && d.RuleCost == 0 && tt.rules != "true" {
				t.Error("the rule's cost is not in the decision")
			}
		})
	}
}

func TestRuleThatFailsIsReported(t *testing.T) {
	f := newFixture(t, withRules(`  - {name: absent, when: 'metadata["no"] == "x"', route: weather}`), router.Settings{})
	d := decide(t, f.router, router.Prompt{Text: "parcel"})
	if d.Route != "parcels" || len(d.Degraded) != 1 || d.Degraded[0].Cause != router.CauseRule || !strings.Contains(d.Degraded[0].Text, "absent") {
		t.Errorf("route %q, degraded %v; want parcels and a word about the rule", d.Route, d.Degraded)
	}
}

func TestRuleIsBoundedInCost(t *testing.T) {
	nested := `'messages.all(a, [1,2,3,4,5,6,7,8,9,10].all(b, [1,2,3,4,5,6,7,8,9,10].all(c, [1,2,3,4,5,6,7,8,9,10].all(d, [1,2,3,4,5,6,7,8,9,10].all(e, [1,2,3,4,5,6,7,8,9,10].all(f, [1,2,3,4,5,6,7,8,9,10].all(g, [1,2,3,4,5,6,7,8,9,10].all(h, prompt.size() + b + c + d + e + f + g + h > 0))))))))'`
	f := newFixture(t, withRules("  - {name: endless, when: "+nested+", route: weather}"), router.Settings{})
	d := decide(t, f.router, router.Prompt{Text: "parcel"})
	if d.Route != "parcels" || len(d.Degraded) != 1 {
		t.Errorf("route %q, degraded %v; want parcels and one word", d.Route, d.Degraded)
	}
}

func TestRuleProblemsNamePlaces(t *testing.T) {
	tests := []struct{ name, when, want string }{
		{"unknown variable", `'promt == "x"'`, `unknown name "promt"; did you mean "prompt"?`},
		{"unknown field", `'user.teir == "x"'`, `unknown field "teir"; did you mean "tier"?`},
		{"not a bool", `'tokens + 1'`, "gives a whole number, but must be true or false"},
		{"wrong type", `'tokens == "x"'`, "== cannot compare a whole number and a text"},
		{"a regular expression", `'prompt.matches("(")'`, "regular expression: missing closing )"},
		{"syntax", `'tokens >'`, "the expression ends too early"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			catalog, err := routes.Parse("cat.yaml", []byte(withRules("  - {name: bad, when: "+tt.when+", route: weather}")))
			if err != nil {
				t.Fatal(err)
			}
			e := &axes{words: []string{"x"}}
			_, err = router.NewGeneration(router.Parts{
				Catalog: catalog, Tokens: words{},
				Semantic: router.Space{Embedder: e, Index: &scan{}, Ranker: neighbours{}},
			})
			if !errors.Is(err, router.ErrRule) || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v; want ErrRule with %q", err, tt.want)
			}
			if !strings.Contains(err.Error(), "cat.yaml:11:") {
				t.Errorf("no file:line:column in %q", err)
			}
		})
	}
}
