package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/forwardtest"
	"github.com/semroute/semroute/routes"
)

// liveTest is a LiveForwarding over two doubles.
type liveTest struct {
	*LiveForwarding
	near, far *forwardtest.Server
}

func newLiveTest(t *testing.T, near, far forwardtest.Script) *liveTest {
	t.Helper()
	repeat := func(s forwardtest.Script) []forwardtest.Script {
		many := make([]forwardtest.Script, 30)
		for i := range many {
			many[i] = s
		}
		return many
	}
	l := &liveTest{
		near: forwardtest.NewServer(t, forwardtest.Ollama(), repeat(near)...),
		far:  forwardtest.NewServer(t, forwardtest.Ollama(), repeat(far)...),
	}
	l.LiveForwarding = NewLiveForwarding(func(context.Context, *routes.Catalog) (ForwardingConfig, error) {
		return ForwardingConfig{Limits: forward.Config{CircuitFailures: 2, CircuitWindow: 2}}, nil
	})
	t.Cleanup(func() {
		if err := l.Close(); err != nil || len(l.providers) != 0 {
			t.Errorf("Close: %v; %d providers are left open", err, len(l.providers))
		}
	})
	return l
}

// catalog has one route with the models in that order.
func (l *liveTest) catalog(t *testing.T, models string) *routes.Catalog {
	t.Helper()
	return parse(t, fmt.Sprintf(`
models:
  - {name: near, provider: ollama, model: m, base_url: %q}
  - {name: far, provider: ollama, model: m, base_url: %q}
routes: [{name: a, utterances: [x], models: [%s]}]
`, l.near.URL, l.far.URL, models))
}

func (l *liveTest) prepare(t *testing.T, fingerprint string, catalog *routes.Catalog) {
	t.Helper()
	if err := l.Prepare(t.Context(), fingerprint, catalog); err != nil {
		t.Fatal(err)
	}
}

func (l *liveTest) call(t *testing.T, fingerprint string) (forward.Record, error) {
	t.Helper()
	return l.Forward(t.Context(), forward.Call{
		Decision: forward.Decision{Route: "a", Fingerprint: fingerprint}, Request: forward.Ask("hello"),
	}, func(forward.Piece) error { return nil })
}

func TestCallsAreMadeByThePoliciesOfTheirGeneration(t *testing.T) {
	l := newLiveTest(t, forwardtest.Answer(1, 1, "near"), forwardtest.Answer(1, 1, "far"))
	if _, err := l.call(t, ""); !errors.Is(err, forward.ErrNoModel) || l.Calls() {
		t.Errorf("before there are any policies: %v", err)
	}
	l.prepare(t, "one", l.catalog(t, "near, far"))
	l.prepare(t, "two", l.catalog(t, "far, near"))
	l.prepare(t, "none", parse(t, "routes: [{name: a, utterances: [x]}]"))
	for fingerprint, want := range map[string]string{"one": "near", "two": "far", "none": "", "unknown": ""} {
		record, err := l.call(t, fingerprint)
		if record.Model != want || (err == nil) != (want != "") {
			t.Errorf("%s: model %q, want %q: %v", fingerprint, record.Model, want, err)
		}
		if models := l.Models(forward.Call{Decision: forward.Decision{Route: "a", Fingerprint: fingerprint}}); want != "" && models[0] != want {
			t.Errorf("%s: models %q", fingerprint, models)
		}
	}
	if l.Calls() {
		t.Error("the newest catalog has no models, but it calls")
	}
}

func TestHealthAndConnectionsOutliveTheCatalog(t *testing.T) {
	l := newLiveTest(t, func(w forwardtest.Wire) { w.Refuse(500, "out of order") }, forwardtest.Answer(1, 1, "far"))
	l.prepare(t, "one", l.catalog(t, "near, far"))
	for range 2 {
		if _, err := l.call(t, "one"); err != nil {
			t.Fatal(err)
		}
	}
	asked, connections := len(l.near.Calls()), append([]*connected{}, l.providers...)
	l.prepare(t, "two", l.catalog(t, "near,  far")) // the same models on other places
	if len(l.providers) != 2 || l.providers[0] != connections[0] || l.providers[1] != connections[1] {
		t.Error("models that have not changed were connected to anew")
	}
	record, err := l.call(t, "two")
	if err != nil || record.Model != "far" || len(l.near.Calls()) != asked {
		t.Errorf("the model whose circuit is open was asked again: %+v, %v", record.Attempts, err)
	}
}

func TestConnectionsOfModelsThatLeftAreFreedAfterTheLastCall(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	l := newLiveTest(t, func(w forwardtest.Wire) {
		close(entered)
		<-release
		forwardtest.Answer(1, 1, "near")(w)
	}, forwardtest.Answer(1, 1, "far"))
	l.prepare(t, "one", l.catalog(t, "near"))
	ended := make(chan error, 1)
	go func() {
		_, err := l.call(t, "one")
		ended <- err
	}()
	<-entered
	far := l.catalog(t, "far")
	for i := range keptPolicies {
		l.prepare(t, fmt.Sprint("later", i), far)
	}
	if len(l.providers) != 2 {
		t.Errorf("%d providers during the call, want 2", len(l.providers))
	}
	close(release)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.providers) != 1 {
		t.Errorf("%d providers after the call, want 1", len(l.providers))
	}
}

func TestAFailedPrepareChangesNothing(t *testing.T) {
	l := newLiveTest(t, forwardtest.Answer(1, 1, "near"), forwardtest.Answer(1, 1, "far"))
	l.prepare(t, "one", l.catalog(t, "near, far"))
	err := l.Prepare(t.Context(), "two", parse(t, `
models:
  - {name: other, provider: ollama, model: m}
  - {name: keyless, provider: openai, model: m, api_key_env: SEMROUTE_TEST_KEY_THAT_NOBODY_SETS}
routes: [{name: a, utterances: [x], models: [other, keyless]}]
`))
	if !errors.Is(err, forward.ErrSecret) {
		t.Errorf("error is %v", err)
	}
	if record, err := l.call(t, "two"); err != nil || record.Model != "near" || len(l.providers) != 2 {
		t.Errorf("model %q with %d providers: %v", record.Model, len(l.providers), err)
	}
}

// A key that was replaced in its file counts from the next change of the catalog on.
func TestAKeyInAFileIsReadAgain(t *testing.T) {
	var seen []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Get("Authorization"))
		_, _ = io.WriteString(w, `{"choices": [{"message": {"content": "hello"}, "finish_reason": "stop"}]}`)
	}))
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "key")
	l := NewLiveForwarding(func(context.Context, *routes.Catalog) (ForwardingConfig, error) { return ForwardingConfig{}, nil })
	t.Cleanup(func() { _ = l.Close() })
	for i, key := range []string{"first-key", "second-key"} {
		if err := os.WriteFile(file, []byte(key), 0o600); err != nil {
			t.Fatal(err)
		}
		catalog := parse(t, fmt.Sprintf(`
models: [{name: m, provider: openai, model: m, base_url: %q}]
routes: [{name: a, utterances: [x], models: [m]}]
`, server.URL))
		catalog.Models[0].APIKeyFile = file
		if err := l.Prepare(t.Context(), fmt.Sprint(i), catalog); err != nil {
			t.Fatal(err)
		}
		call := forward.Call{Decision: forward.Decision{Route: "a", Fingerprint: fmt.Sprint(i)}, Request: forward.Ask("hello")}
		if _, err := l.Forward(t.Context(), call, func(forward.Piece) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"Bearer first-key", "Bearer second-key"}; !slices.Equal(seen, want) {
		t.Errorf("the server saw %q, want %q", seen, want)
	}
}
