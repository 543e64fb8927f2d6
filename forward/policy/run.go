package policy

import (
	"context"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/attempt"
)

// run is the state of one Forward.
type run struct {
	forwarder  *Forwarder
	call       *forward.Call
	route      *routePolicy
	choice     *selection
	attempts   *attempt.Call
	downgraded bool // a budget forced a cheaper model
	underCheck int  // the attempt whose answer is being checked
}

func (f *Forwarder) newRun(call *forward.Call, sink forward.Sink) *run {
	choice := f.order.selection(call)
	rules := &choice.route.forwarding
	attempts := f.maker.Call(call, attempt.Rules{
		MaxAttempts: rules.MaxAttempts, Timeouts: rules.Timeouts, HedgeAfter: rules.HedgeAfter,
		LogProbs: choice.route.needsLogProbs(),
	}, sink)
	choice.tokens, choice.at = attempts.Tokens, attempts.Started()
	return &run{forwarder: f, call: call, route: choice.route, choice: choice, attempts: attempts}
}

// serve finds the candidates and gets an answer from one of them.
func (r *run) serve(ctx context.Context) (*attempt.Answer, error) {
	if err := r.call.Request.Validate(); err != nil {
		return nil, err
	}
	candidates, err := r.choice.candidates()
	if err != nil {
		return nil, err
	}
	q := &queue{run: r, models: candidates}
	if len(r.route.checks) > 0 {
		return r.cascade(ctx, q)
	}
	return r.firstOf(ctx, q)
}

// firstOf asks the models of the queue in order until one answers.
func (r *run) firstOf(ctx context.Context, q *queue) (*attempt.Answer, error) {
	for len(q.models) > 0 {
		var spare *attempt.Model
		if len(q.models) > 1 {
			spare = q.models[1]
		}
		got, err := r.attempts.Ask(ctx, q.models[0], spare, attempt.ForCaller, len(q.models)-1)
		if err == nil {
			return got, nil
		}
		if q.failed(ctx, err) {
			return nil, err
		}
	}
	return nil, allFailed(q.failures)
}
