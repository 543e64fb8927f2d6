package edit_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/forward/policy"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/routes/edit"
)

const base = `
models:
  - {name: small, provider: ollama, model: m}
  - {name: large, provider: openai, model: m, api_key_env: KEY}
routes:
  - {name: refunds, models: [small], utterances: [money back, i was charged twice]}
  - {name: delivery, models: [small, large], utterances: [where is my parcel], description: on its way}
rules:
  - {name: r, when: "prompt == 'x'", route: delivery}
none: [hello]
fallback: {models: [small]}
`

var editor = edit.Editor{Checks: []func(*routes.Catalog) routes.Problems{router.CheckRules, policy.CheckConditions}}

func parsed(t testing.TB, text string) *routes.Catalog {
	t.Helper()
	c, err := editor.Validate([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// utterances are those of all routes, and of none under "".
func utterances(c *routes.Catalog) map[string][]string {
	all := map[string][]string{}
	if len(c.None) > 0 {
		all[""] = c.None
	}
	for i := range c.Routes {
		all[c.Routes[i].Name] = c.Routes[i].Utterances
	}
	return all
}

func TestChanges(t *testing.T) {
	refunds := []string{"money back", "i was charged twice"}
	delivery := []string{"where is my parcel"}
	none := []string{"hello"}
	for name, c := range map[string]struct {
		changes []edit.Change
		want    map[string][]string
	}{
		"none at all": {nil, map[string][]string{"refunds": refunds, "delivery": delivery, "": none}},
		"a new route": {
			[]edit.Change{{Put: &edit.Put{Route: routes.Route{Name: "cards", Utterances: []string{" my card is gone "}}}}},
			map[string][]string{"refunds": refunds, "delivery": delivery, "": none, "cards": {"my card is gone"}},
		},
		"a route anew": {
			[]edit.Change{{Put: &edit.Put{Route: routes.Route{Name: "refunds", Utterances: []string{"pay me"}}}}},
			map[string][]string{"refunds": {"pay me"}, "delivery": delivery, "": none},
		},
		"a route goes": {
			[]edit.Change{{Delete: &edit.Delete{Route: "refunds"}}},
			map[string][]string{"delivery": delivery, "": none},
		},
		"an utterance moves": {
			[]edit.Change{
				{Remove: &edit.Utterances{Route: "refunds", Texts: []string{"money back"}}},
				{Add: &edit.Utterances{Route: "delivery", Texts: []string{"money back"}}},
			},
			map[string][]string{"refunds": refunds[1:], "delivery": {delivery[0], "money back"}, "": none},
		},
		"of no route": {
			[]edit.Change{
				{Remove: &edit.Utterances{Texts: none}}, {Add: &edit.Utterances{Texts: []string{"good day", "a poem"}}},
			},
			map[string][]string{"refunds": refunds, "delivery": delivery, "": {"good day", "a poem"}},
		},
		"another catalog": {
			[]edit.Change{
				{Replace: &edit.Replace{YAML: "routes: [{name: a, utterances: [x]}]"}},
				{Add: &edit.Utterances{Route: "a", Texts: []string{"y"}}},
			},
			map[string][]string{"a": {"x", "y"}},
		},
		"there and back": {
			[]edit.Change{
				{Add: &edit.Utterances{Route: "refunds", Texts: []string{"one", "two"}}},
				{Remove: &edit.Utterances{Route: "refunds", Texts: []string{"one", "money back"}}},
				{Add: &edit.Utterances{Route: "delivery", Texts: []string{"one"}}},
			},
			map[string][]string{"refunds": {"i was charged twice", "two"}, "delivery": {delivery[0], "one"}, "": none},
		},
	} {
		t.Run(name, func(t *testing.T) {
			from := parsed(t, base)
			before := from.Fingerprint()
			got, err := editor.Apply(from, c.changes)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, utterances(got.Catalog)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if from.Fingerprint() != before {
				t.Error("the catalog that was changed is another one")
			}
			if again := parsed(t, string(got.YAML)); again.Fingerprint() != got.Catalog.Fingerprint() {
				t.Errorf("its text is of another catalog:\n%s", got.YAML)
			}
		})
	}
}

func TestAPolicyIsThatOfTheCatalogsYAML(t *testing.T) {
	got, err := editor.Apply(parsed(t, base), []edit.Change{{Put: &edit.Put{
		Route:  routes.Route{Name: "delivery", Models: []string{"small", "large"}, Utterances: []string{"where is it"}},
		Policy: "strategy: weighted\nweights: {small: 3, large: 1}\ntimeouts: {total: 20s}\n",
	}}})
	if err != nil {
		t.Fatal(err)
	}
	r := got.Catalog.Routes[1]
	if r.Forwarding.Strategy != routes.Weighted || r.Forwarding.Weights["small"] != 3 {
		t.Errorf("got %+v", r.Forwarding)
	}
	text, err := routes.WriteForwarding(r.Forwarding)
	if err != nil {
		t.Fatal(err)
	}
	again, err := routes.ParseForwarding("policy", text, &r, []string{"small", "large"})
	if diff := cmp.Diff(r.Forwarding, again); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
}

func TestWhatIsWrongIsNamedByItsChange(t *testing.T) {
	put := func(r routes.Route) []edit.Change { return []edit.Change{{Put: &edit.Put{Route: r}}} }
	long := strings.Repeat("x", routes.MaxUtteranceBytes+1)
	for name, c := range map[string]struct {
		changes []edit.Change
		change  int
		field   string
		message string
	}{
		"an unknown model":    {put(routes.Route{Name: "a", Models: []string{"small", "smal"}, Utterances: []string{"x"}}), 0, "models[1]", `"small"`},
		"no utterances":       {put(routes.Route{Name: "a"}), 0, "name", "has no utterances"},
		"an empty utterance":  {put(routes.Route{Name: "a", Utterances: []string{"x", " "}}), 0, "utterances[1]", "empty"},
		"a bound beyond 1":    {put(routes.Route{Name: "a", Utterances: []string{"x"}, MinConfidence: new(float64(2))}), 0, "min_confidence", "1"},
		"a long utterance":    {[]edit.Change{{Add: &edit.Utterances{Route: "refunds", Texts: []string{"a", long}}}}, 0, "utterances[1]", "at most 8192"},
		"a long one of none":  {[]edit.Change{{Add: &edit.Utterances{Texts: []string{long}}}}, 0, "utterances[0]", "at most 8192"},
		"one that is there":   {[]edit.Change{{Add: &edit.Utterances{Route: "refunds", Texts: []string{"money back"}}}}, 0, "utterances[0]", `stands in route "refunds" already`},
		"one of another":      {[]edit.Change{{}, {Add: &edit.Utterances{Route: "delivery", Texts: []string{"hello"}}}}[1:], 0, "utterances[0]", "stands in none already"},
		"put what is there":   {put(routes.Route{Name: "a", Utterances: []string{"money back"}}), 0, "utterances[0]", `stands in route "refunds" too; keep it in one of them`},
		"one that is not":     {[]edit.Change{{Remove: &edit.Utterances{Route: "refunds", Texts: []string{"hello"}}}}, 0, "utterances[0]", `does not stand in route "refunds", but in none`},
		"a route in use":      {[]edit.Change{{Delete: &edit.Delete{Route: "delivery"}}}, -1, "rules[0].route", "delivery"},
		"the last utterances": {[]edit.Change{{Remove: &edit.Utterances{Route: "delivery", Texts: []string{"where is my parcel"}}}}, -1, "routes[1].name", "no utterances"},
		"a policy": {[]edit.Change{{Put: &edit.Put{Route: routes.Route{Name: "a", Models: []string{"small"}, Utterances: []string{"x"}}, Policy: "strategy: fastes"}}},
			0, "policy", "line 1, column 11"},
		"a policy's condition": {[]edit.Change{{Put: &edit.Put{Route: routes.Route{Name: "a", Models: []string{"small", "large"}, Utterances: []string{"x"}}, Policy: "cascade: {accept: [{when: \"answer.\"}]}"}}},
			0, "cascade.accept[0].when", ""},
		"another catalog": {[]edit.Change{{Replace: &edit.Replace{YAML: "routes:\n  - {name: a}"}}}, 0, "yaml", "line 2, column 5"},
		"a secret for another server": {[]edit.Change{{Replace: &edit.Replace{YAML: strings.Replace(base, "model: m, api_key_env: KEY", "model: m, base_url: \"http://example.org\", api_key_env: KEY", 1)}}},
			0, "yaml", `model "large" names a key`},
		"nothing": {[]edit.Change{{}}, 0, "", "says nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := editor.Apply(parsed(t, base), c.changes)
			var got edit.Problems
			if !errors.As(err, &got) {
				t.Fatalf("error is %v", err)
			}
			if p := got[0]; len(got) != 1 || p.Change != c.change || p.Field != c.field || !strings.Contains(p.Message, c.message) || strings.Contains(p.Message, "catalog:") {
				t.Errorf("got %+v, want change %d, field %q, message …%s…", got, c.change, c.field, c.message)
			}
		})
	}
}

func TestEveryProblemIsReported(t *testing.T) {
	_, err := editor.Apply(parsed(t, base), []edit.Change{
		{Add: &edit.Utterances{Route: "refunds", Texts: []string{"fine", ""}}},
		{Put: &edit.Put{Route: routes.Route{Name: "a", Models: []string{"none"}, Utterances: []string{"", "y"}}}},
	})
	want := "change 0, utterances[1]: utterance is empty\nchange 1, utterances[0]: utterance is empty\nchange 1, models[0]: "
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got:\n%v", err)
	}
}

func TestRoutesThatAreNotAsExpected(t *testing.T) {
	c := parsed(t, base)
	etag := edit.Etag(&c.Routes[0])
	for name, test := range map[string]struct {
		change edit.Change
		want   edit.RouteError
	}{
		"put over a change":  {edit.Change{Put: &edit.Put{Route: routes.Route{Name: "refunds"}, Etag: "old"}}, edit.RouteError{Route: "refunds", Etag: etag, Err: edit.ErrStale}},
		"put what is gone":   {edit.Change{Put: &edit.Put{Route: routes.Route{Name: "gone"}, Etag: "old"}}, edit.RouteError{Route: "gone", Err: edit.ErrStale}},
		"delete":             {edit.Change{Delete: &edit.Delete{Route: "refunds", Etag: "old"}}, edit.RouteError{Route: "refunds", Etag: etag, Err: edit.ErrStale}},
		"delete what is not": {edit.Change{Delete: &edit.Delete{Route: "refund"}}, edit.RouteError{Route: "refund", Near: "refunds", Err: edit.ErrNoRoute}},
		"add to what is not": {edit.Change{Add: &edit.Utterances{Route: "x"}}, edit.RouteError{Route: "x", Err: edit.ErrNoRoute}},
		"remove, stale":      {edit.Change{Remove: &edit.Utterances{Route: "refunds", Etag: "old"}}, edit.RouteError{Route: "refunds", Etag: etag, Err: edit.ErrStale}},
	} {
		_, err := editor.Apply(c, []edit.Change{{Add: &edit.Utterances{Route: "delivery", Texts: []string{"fine"}}}, test.change})
		var got *edit.RouteError
		if !errors.As(err, &got) || !errors.Is(err, test.want.Err) {
			t.Fatalf("%s: %v", name, err)
		}
		test.want.Change = 1
		if *got != test.want {
			t.Errorf("%s: %+v, want %+v", name, *got, test.want)
		}
	}
	if _, err := editor.Apply(c, []edit.Change{ // both etags are of the catalog before
		{Add: &edit.Utterances{Route: "refunds", Texts: []string{"a"}, Etag: etag}},
		{Add: &edit.Utterances{Route: "refunds", Texts: []string{"b"}, Etag: etag}},
	}); err != nil {
		t.Error(err)
	}
}

func TestAThousandChangesAreApplied(t *testing.T) {
	changes := make([]edit.Change, 1000)
	for i := range changes {
		changes[i].Add = &edit.Utterances{Route: "refunds", Texts: []string{fmt.Sprint("refund number ", i)}}
	}
	got, err := editor.Apply(parsed(t, base), changes)
	if err != nil || len(got.Catalog.Routes[0].Utterances) != 1002 {
		t.Fatal(err)
	}
}

// FuzzApply holds that a changed catalog is what its text says, and that its text
// is what it writes.
func FuzzApply(f *testing.F) {
	f.Add("cards", "my card is gone", "fastest: 1", "hello there", "refunds", 0.5)
	f.Add("refunds", "a: b # c", "strategy: fastest", "- x", "", 1e-9)
	f.Add("über", "\u2028", "{max_attempts: 3}", "'\"", "delivery", 0.0)
	f.Fuzz(func(t *testing.T, route, text, policyText, other, to string, bound float64) {
		r := routes.Route{Name: route, Utterances: []string{text, other}, Description: other, MinMargin: &bound, Metadata: map[string]string{route: text}, Models: []string{"small", "large"}}
		got, err := editor.Apply(parsed(t, base), []edit.Change{
			{Put: &edit.Put{Route: r, Policy: policyText}}, {Add: &edit.Utterances{Route: to, Texts: []string{text + other}}},
		})
		if err != nil {
			return
		}
		again, err := editor.Validate(got.YAML)
		if err != nil || again.Fingerprint() != got.Catalog.Fingerprint() {
			t.Fatalf("%v in:\n%s", err, got.YAML)
		}
		var out bytes.Buffer
		if err := routes.WriteCatalog(&out, got.Catalog); err != nil || !bytes.Equal(out.Bytes(), got.YAML) {
			t.Errorf("%v, written again:\n%s\nnot\n%s", err, out.String(), got.YAML)
		}
	})
}
