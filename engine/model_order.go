package engine

import (
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/policy"
	"github.com/semroute/semroute/router"
)

// modelOrder is the order of the models of one generation, and that of the one
// before, on which prompts may still be decided.
type modelOrder struct {
	fingerprint string
	order       *policy.Order
	before      *modelOrder
}

// alone is the order without the one before; nil has none.
func (o *modelOrder) alone() *modelOrder {
	if o == nil {
		return nil
	}
	return &modelOrder{fingerprint: o.fingerprint, order: o.order}
}

// of is the order of a generation, nil when it is gone.
func (o *modelOrder) of(fingerprint string) *policy.Order {
	for ; o != nil; o = o.before {
		if o.fingerprint == fingerprint {
			return o.order
		}
	}
	return nil
}

// orderModels gives a decision the models that a call for its prompt would be
// made to: in the order of the route's strategy, without those that the user's
// tier, a missing capability or the window rules out.
func (e *Engine) orderModels(d *router.Decision, p *router.Prompt) {
	order := e.order.Load().of(d.Fingerprint)
	if order == nil || len(d.Models) == 0 {
		return
	}
	call := forward.Call{
		Decision: forward.Decision{ID: d.ID}, Route: d.Route, Models: d.Models, Prompt: p.Text,
		User: p.User.ID, Team: p.User.Team, Tier: p.User.Tier,
	}
	if d.Route == "" {
		call.Route = d.FallbackRoute
	}
	if call.Request.Messages = p.Messages; len(p.Messages) == 0 {
		call.Request = forward.Ask(p.Text)
	}
	d.Models = order.Models(call)
}
