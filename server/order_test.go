package server_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/policy"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/server"
)

// oneToken counts every text as one token.
type oneToken struct{}

func (oneToken) CountTokens(text string) int { return len(strings.Fields(text)) }

const ordered = `
models:
  - {name: dear, provider: openai, model: x, price: {input_per_mtok: 9, output_per_mtok: 9}, capabilities: [tools]}
  - {name: small, provider: openai, model: x, price: {input_per_mtok: 1, output_per_mtok: 1}}
  - {name: tiny, provider: openai, model: x, price: {input_per_mtok: 0, output_per_mtok: 0}, context_tokens: 8}
routes:
  - {name: refunds, models: [dear, small, tiny], strategy: cheapest, tiers: {free: [small, tiny]}, utterances: [a]}
`

// orderedForwarder is a forwarder that knows the order of its models.
type orderedForwarder struct {
	*fakeForwarder
	*policy.Order
}

// TestDecisionsNameTheModelsThatACallWouldUse, by every way in: of the route's
// models only those that the tier allows and that can serve the request, in the
// strategy's order.
func TestDecisionsNameTheModelsThatACallWouldUse(t *testing.T) {
	catalog, err := routes.Parse("catalog.yaml", []byte(ordered))
	if err != nil {
		t.Fatal(err)
	}
	order, err := policy.NewOrder(policy.Deps{Catalog: catalog, Tokens: oneToken{}}, forward.Config{})
	if err != nil {
		t.Fatal(err)
	}
	d := &fakeDecider{models: catalog.Routes[0].Models}
	r := startForwarding(t, d, orderedForwarder{&fakeForwarder{record: kept}, order}, server.Config{})
	tools := &semroutev1.CallOptions{Tools: []*semroutev1.Tool{{Name: "look"}}}
	for name, c := range map[string]struct {
		text, tier string
		options    *semroutev1.CallOptions
		want       []string
	}{
		"strategy":          {"hi", "", nil, []string{"tiny", "small", "dear"}},
		"tier":              {"hi", "free", nil, []string{"tiny", "small"}},
		"window":            {"one two three four five six", "free", nil, []string{"small"}},
		"capability":        {"hi", "", tools, []string{"dear"}},
		"nobody is allowed": {"hi", "free", tools, nil},
	} {
		t.Run(name, func(t *testing.T) {
			prompt := text(c.text)
			prompt.User = &semroutev1.User{Tier: c.tier}
			check := func(way string, d *semroutev1.Decision, err error) {
				t.Helper()
				if err != nil {
					t.Fatalf("%s: %v", way, err)
				}
				if diff := cmp.Diff(c.want, d.GetModels()); diff != "" {
					t.Errorf("%s: models (-want +got):\n%s", way, diff)
				}
				if len(c.want) > 0 && d.GetModel() != c.want[0] {
					t.Errorf("%s: model is %q", way, d.GetModel())
				}
			}
			for _, forwards := range []bool{false, true} {
				reply, err := r.client.Route(t.Context(), &semroutev1.RouteRequest{Prompt: prompt, Call: c.options, Forward: forwards})
				check("Route", reply.GetDecision(), err)
			}
			stream, err := r.client.StreamRoute(t.Context(), &semroutev1.StreamRouteRequest{Prompt: prompt, Call: c.options})
			if err != nil {
				t.Fatal(err)
			}
			first, err := stream.Recv()
			check("StreamRoute", first.GetDecision(), err)
			for err == nil { // the forwarder of this call is done before the next one is asked
				_, err = stream.Recv()
			}
			if !errors.Is(err, io.EOF) {
				t.Fatalf("StreamRoute ended with %v", err)
			}
			if c.options != nil {
				return // a batch has no options
			}
			batch, err := r.client.RouteBatch(t.Context(), &semroutev1.RouteBatchRequest{Prompts: []*semroutev1.Prompt{prompt}})
			check("RouteBatch", batch.GetDecisions()[0], err)
		})
	}
}
