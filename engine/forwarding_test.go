package engine

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
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

// Models of one server are called one after the other over one connection, and
// still over it after a change of the catalog.
func TestModelsOfOneServerShareItsConnections(t *testing.T) {
	var made atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"choices": [{"message": {"content": "hello"}, "finish_reason": "stop"}]}`)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			made.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	catalog := func(models string) *routes.Catalog {
		return parse(t, `
models:
  - {name: small, provider: openai, model: s, base_url: "`+server.URL+`"}
  - {name: large, provider: openai, model: l, base_url: "`+server.URL+`"}
routes: [{name: a, utterances: [x], models: [`+models+`]}]
`)
	}
	call := func(f interface {
		Forward(ctx context.Context, call forward.Call, sink forward.Sink) (forward.Record, error)
	}, model string) {
		t.Helper()
		record, err := f.Forward(t.Context(), forward.Call{Decision: forward.Decision{Route: "a"}, Models: []string{model}, Request: forward.Ask("hello")},
			func(forward.Piece) error { return nil })
		if err != nil || record.Model != model {
			t.Fatalf("%s: %+v, %v", model, record, err)
		}
	}
	fixed, err := OpenForwarding(catalog("small, large"), ForwardingConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = fixed.Close() })
	call(fixed, "small")
	call(fixed, "large")
	if n := made.Swap(0); n != 1 {
		t.Errorf("%d connections for two calls one after the other, want 1", n)
	}
	live := NewLiveForwarding(func(context.Context, *routes.Catalog) (ForwardingConfig, error) { return ForwardingConfig{}, nil })
	t.Cleanup(func() { _ = live.Close() })
	for i, models := range []string{"small", "small, large", "large"} {
		if err := live.Prepare(t.Context(), models, catalog(models)); err != nil {
			t.Fatal(err)
		}
		call(live, []string{"small", "large", "large"}[i])
	}
	if n := made.Load(); n != 1 {
		t.Errorf("%d connections for three calls over changes of the catalog, want 1", n)
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
