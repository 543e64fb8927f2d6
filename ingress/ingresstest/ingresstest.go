// Package ingresstest serves an HTTP protocol for tests over real calls: doubles of
// model servers behind a real forwarder, and a router that goes by words. It is for
// tests only.
package ingresstest

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/forwardtest"
	"github.com/semroute/semroute/forward/session"
	"github.com/semroute/semroute/ingress"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/server/weblistener"
)

// catalog has a model behind each protocol, and one whose server is dead.
const catalog = `
models:
  - {name: gpt, provider: openai, model: m, base_url: "%[1]s", capabilities: [tools, vision, json], price: {input_per_mtok: 1, output_per_mtok: 2}}
  - {name: claude, provider: anthropic, model: m, base_url: "%[2]s", capabilities: [tools, vision, json]}
  - {name: dead, provider: openai, model: m, base_url: "http://127.0.0.1:1"}
routes:
  - {name: refunds, models: [gpt], utterances: [refund]}
  - {name: shipping, models: [claude], utterances: [parcel]}
  - {name: broken, models: [dead], utterances: [broken], max_attempts: 1}
  - {name: talk, utterances: [hello]}
fallback: {models: [gpt]}
aliases: {gpt-4o: auto, claude-sonnet-4-5: "route:shipping"}
`

// Calls is the way in that tests take, with what upstreams were asked.
type Calls struct {
	*ingress.Service
	Embedder
	// Upstream are the bodies of all calls to models, in order.
	Upstream func() []string
	// Heads are the headers of the same calls.
	Heads func() []http.Header
}

// New makes one. Prompts with refund, parcel or broken in them belong to the
// routes refunds, shipping and broken, others to none.
func New(t *testing.T) *Calls {
	t.Helper()
	seen := &bodies{}
	gpt := httptest.NewServer(seen.of(forwardtest.Assistant(routes.OpenAI)))
	claude := httptest.NewServer(seen.of(forwardtest.Assistant(routes.Anthropic)))
	t.Cleanup(gpt.Close)
	t.Cleanup(claude.Close)
	c, err := routes.Parse("catalog.yaml", fmt.Appendf(nil, catalog, gpt.URL, claude.URL))
	if err != nil {
		t.Fatal(err)
	}
	forwarding, err := engine.OpenForwarding(c, engine.ForwardingConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = forwarding.Close() })
	sessions, err := session.New(session.Config{Expiry: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	return &Calls{
		Service:  ingress.New(ingress.Config{Decider: byWords{c}, Forwarder: forwarding, Sessions: sessions, Catalog: func() *routes.Catalog { return c }}),
		Upstream: seen.all, Heads: seen.allHeads,
	}
}

// Serve answers handlers until the test ends and gives the address.
func Serve(t *testing.T, routes map[string]ingress.Route) string {
	t.Helper()
	handlers := map[string]http.HandlerFunc{}
	for pattern, route := range routes {
		handlers[pattern] = func(w http.ResponseWriter, r *http.Request) {
			route.Handle(w, r.WithContext(auth.NewContext(r.Context(), auth.Open())))
		}
	}
	s := httptest.NewServer(weblistener.New(handlers, weblistener.Config{Log: zerolog.New(io.Discard)}).Handler())
	t.Cleanup(s.Close)
	return s.URL
}

// Post sends JSON and gives what came back.
func Post(t *testing.T, url, body string) (status int, header http.Header, answer string) {
	t.Helper()
	return PostWith(t, url, body, nil)
}

// PostWith sends JSON with more headers and gives what came back.
func PostWith(t *testing.T, url, body string, head http.Header) (status int, header http.Header, answer string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(request.Header, head)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	got, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range response.Trailer {
		response.Header[name] = values
	}
	return response.StatusCode, response.Header, string(got)
}

// byWords is a router that goes by words.
type byWords struct{ catalog *routes.Catalog }

// Decide implements ingress.Decider.
func (b byWords) Decide(_ context.Context, p router.Prompt, limits router.Limits) (router.Decision, error) {
	text := ingress.Text(p)
	d := router.Decision{ID: "d1", Stage: router.StageFallback, Abstained: true, Reason: router.ReasonBelowConfidence, Models: b.catalog.Fallback.Models}
	for _, r := range b.catalog.Routes {
		probability := 0.1
		if strings.Contains(text, r.Utterances[0]) {
			d = router.Decision{ID: "d1", Stage: router.StageSemantic, Route: r.Name, Models: r.Models, Confidence: 0.7, Margin: 0.6, Candidates: d.Candidates}
			probability = 0.7
		}
		if len(d.Candidates) < limits.Candidates {
			d.Candidates = append(d.Candidates, router.Candidate{Route: r.Name, Probability: probability})
		}
	}
	return d, nil
}

// DecideBatch implements ingress.Decider.
func (b byWords) DecideBatch(ctx context.Context, prompts []router.Prompt, limits router.Limits) ([]router.Decision, error) {
	out := make([]router.Decision, len(prompts))
	for i := range prompts {
		out[i], _ = b.Decide(ctx, prompts[i], limits)
	}
	return out, nil
}

// Embedder makes vectors of two dimensions: texts with refund in them, and others.
type Embedder struct{}

// Embed implements the embedders of the protocols.
func (Embedder) Embed(_ context.Context, texts []string) ([][]float32, string, error) {
	out := make([][]float32, len(texts))
	for i, text := range texts {
		out[i] = []float32{0, 1}
		if strings.Contains(text, "refund") {
			out[i] = []float32{1, 0}
		}
	}
	return out, "words", nil
}

// CountTokens counts words.
func (Embedder) CountTokens(text string) int { return len(strings.Fields(text)) }

var _ forward.Counter = Embedder{}
