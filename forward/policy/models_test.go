package policy_test

import (
	"fmt"
	"testing"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/forwardtest"
	"github.com/semroute/semroute/forward/policy"
	"github.com/semroute/semroute/routes"
)

// TestModelsAreThoseThatForwardingAsks: whatever the strategy and the tier, a
// call whose models all fail asks exactly these, in this order.
func TestModelsAreThoseThatForwardingAsks(t *testing.T) {
	policies := map[string]routes.Forwarding{
		"order":    {},
		"cheapest": {Strategy: routes.Cheapest},
		"fastest":  {Strategy: routes.Fastest},
		"weighted": {Strategy: routes.Weighted, Weights: map[string]int{"dear": 1, "mid": 2, "cheap": 3}},
		"quality":  {Strategy: routes.Quality, MaxQualityLoss: number(0.2)},
		"capped":   {Strategy: routes.Quality, MaxPrice: number(int64(3e9))},
		"cascade":  {Cascade: &routes.Cascade{Accept: []routes.Check{{Kind: routes.NotEmpty}}}},
		"tiers":    {Tiers: map[string][]string{"free": {"cheap", "mid"}, "none": {}}},
	}
	for name, forwarding := range policies {
		for _, tier := range []string{"", "free", "none"} {
			for user := range 5 {
				d := deploy()
				for _, m := range []struct {
					name string
					usd  int64
				}{{"none", -1}, {"dear", 9}, {"mid", 3}, {"cheap", 1}} {
					d.with(m.name, m.usd, forwardtest.Fails(&forward.UpstreamError{Class: forward.Auth}))
				}
				d.models[2].ContextTokens = 3 // too small for any prompt
				d.policy, d.deps.Predictor = forwarding, expects{"dear": 0.9, "mid": 0.8, "cheap": 0.2}
				d.config.MaxAttempts = 10
				f := d.forwarder(t)
				call := ask("one two")
				call.Tier, call.Decision.ID = tier, fmt.Sprint(user)
				models := f.Models(call)
				record, _ := f.Forward(t.Context(), call, discard)
				var asked []string
				for _, a := range record.Attempts {
					asked = append(asked, a.Model)
				}
				if len(models) == 0 {
					models = nil
				}
				want(t, fmt.Sprintf("%s, tier %q", name, tier), asked, models)

				// The order needs neither providers nor what checks need.
				order, err := policy.NewOrder(policy.Deps{Catalog: d.deps.Catalog, Tokens: forwardtest.Words{}, Predictor: d.deps.Predictor}, forward.Config{})
				if err != nil {
					t.Fatal(err)
				}
				if got := order.Models(call); len(got)+len(models) > 0 {
					want(t, "order", models, got)
				}
			}
		}
	}
}
