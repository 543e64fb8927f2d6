package engine

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/routes"
)

const reachCatalog = `
models:
  - {name: routed, provider: ollama, model: m}
  - {name: ruled, provider: ollama, model: m}
  - {name: judging, provider: openai, model: m, base_url: "http://127.0.0.1:1/v1"}
  - {name: last, provider: anthropic, model: m, api_key_env: LAST_KEY}
  - {name: spare, provider: ollama, model: m}
  - {name: unreached, provider: openai, model: m, api_key_env: UNREACHED_KEY}
routes:
  - name: a
    utterances: [x]
    models: [routed, spare]
    cascade: {accept: [{judge: {model: judging, min_score: 0.5}}]}
rules:
  - {name: r, when: "false", model: ruled}
fallback: {models: [last]}
`

func parse(t *testing.T, text string) *routes.Catalog {
	t.Helper()
	catalog, err := routes.Parse("catalog.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}

// environment is one with these variables alone.
func environment(set map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := set[name]
		return value, ok
	}
}

func TestReachable(t *testing.T) {
	var names []string
	for _, m := range Reachable(parse(t, reachCatalog)) {
		names = append(names, m.Name)
	}
	if diff := cmp.Diff([]string{"routed", "ruled", "judging", "last", "spare"}, names); diff != "" {
		t.Errorf("models (-want +got):\n%s", diff)
	}
}

func TestOpenForwardingNeedsTheKeysOfReachableModels(t *testing.T) {
	catalog := parse(t, reachCatalog)
	_, err := OpenForwarding(catalog, ForwardingConfig{Providers: ProviderConfig{LookupEnv: environment(nil)}})
	if !errors.Is(err, forward.ErrSecret) || !strings.Contains(err.Error(), "LAST_KEY") || strings.Contains(err.Error(), "UNREACHED_KEY") {
		t.Errorf("error is %v; want the missing variable LAST_KEY, and only it", err)
	}
	f, err := OpenForwarding(catalog, ForwardingConfig{Providers: ProviderConfig{LookupEnv: environment(map[string]string{"LAST_KEY": "k"})}})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

func TestOpenForwardingWithoutModels(t *testing.T) {
	f, err := OpenForwarding(parse(t, "routes: [{name: a, utterances: [x]}]"), ForwardingConfig{})
	if f != nil || err != nil {
		t.Errorf("got %v, %v; want nothing to call", f, err)
	}
}

func TestOpenProviderOfAnUnknownKind(t *testing.T) {
	_, err := OpenProvider(routes.Model{Name: "m", Provider: "smoke signals"}, ProviderConfig{})
	if !errors.Is(err, forward.ErrConfig) || !strings.Contains(err.Error(), "smoke signals") {
		t.Errorf("error is %v", err)
	}
}

func TestCounterCountsRoughlyWords(t *testing.T) {
	c, err := NewCounter()
	if err != nil {
		t.Fatal(err)
	}
	if got := c.CountTokens("where is my refund"); got < 4 || got > 8 {
		t.Errorf("%d tokens", got)
	}
	if got := c.CountTokens(""); got != 0 {
		t.Errorf("%d tokens in an empty text", got)
	}
}
