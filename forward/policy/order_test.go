package policy_test

import (
	"context"
	"errors"
	"testing"

	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/forwardtest"
	"github.com/semroute/semroute/routes"
)

func TestModelsThatCannotServe(t *testing.T) {
	image := forward.Request{Messages: []chat.Message{{Role: chat.User, Parts: []chat.Part{{Image: &chat.Image{URL: "http://x/y.png"}}}}}}
	tool := forward.Ask("hi")
	tool.Tools = []forward.Tool{{Name: "t"}}
	shaped := forward.Ask("hi")
	shaped.Schema = &forward.Schema{}
	long := forward.Ask("one two three four five six seven")
	roomy := forward.Ask("one two")
	roomy.MaxTokens = 100
	cases := []struct {
		name string
		call forward.Call
		err  error
	}{
		{"image", forward.Call{Request: image}, forward.ErrCapability},
		{"tools", forward.Call{Request: tool}, forward.ErrCapability},
		{"schema", forward.Call{Request: shaped}, forward.ErrCapability},
		{"long prompt", forward.Call{Request: long}, forward.ErrTooLong},
		{"long answer", forward.Call{Request: roomy}, forward.ErrTooLong},
		{"tier", forward.Call{Request: forward.Ask("hi"), Tier: "free"}, forward.ErrTier},
		{"unknown model", forward.Call{Request: forward.Ask("hi"), Models: []string{"nobody"}}, forward.ErrUnknownModel},
		{"no message", forward.Call{}, forward.ErrInvalid},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			provider := forwardtest.Says("x")
			d := deploy().withModel(routes.Model{Name: "a", ContextTokens: 10}, provider)
			d.policy.Tiers = map[string][]string{"free": {"other"}}
			c.call.Decision.Route = "r"
			record, err := d.forwarder(t).Forward(context.Background(), c.call, discard)
			if !errors.Is(err, c.err) {
				t.Errorf("error is %v, want %v", err, c.err)
			}
			if provider.Calls() != 0 || len(record.Attempts) != 0 || record.Error == "" {
				t.Errorf("%d calls, record %+v", provider.Calls(), record)
			}
		})
	}
}

func TestTierRestrictsAndReorders(t *testing.T) {
	d := deploy().with("a", 1, forwardtest.Says("a")).with("b", 1, forwardtest.Says("b")).with("c", 1, forwardtest.Says("c"))
	d.policy.Tiers = map[string][]string{"free": {"c", "b", "foreign"}}
	f := d.forwarder(t)
	for tier, model := range map[string]string{"free": "c", "": "a", "other": "a"} {
		call := ask("hi")
		call.Tier = tier
		record, err := f.Forward(context.Background(), call, discard)
		if err != nil || record.Model != model {
			t.Errorf("tier %q: %q, %v", tier, record.Model, err)
		}
	}
}
