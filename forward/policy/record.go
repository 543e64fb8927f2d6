package policy

import (
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/attempt"
)

// conclude writes the record. It is a function of its own, as are others here,
// because a record is large and must not stay on the stack of a stream that is
// open: two thousand of them are.
//
//go:noinline
func (r *run) conclude(record *forward.Record, got *attempt.Answer, err error) {
	*record = r.record(got, err)
	if r.forwarder.log != nil {
		r.forwarder.log.Append(*record)
	}
}

// record puts the call's record together.
func (r *run) record(got *attempt.Answer, err error) forward.Record {
	c := r.call
	out := forward.Record{
		Time: r.attempts.Started(), Decision: c.Decision, Prompt: c.Prompt, User: c.User, Team: c.Team, Tier: c.Tier,
		Forwarded: true, Strategy: string(r.route.strategy()), Cascade: len(r.route.checks) > 0,
		Downgraded: r.downgraded, Attempts: r.attempts.Attempts(),
		Latency: r.attempts.Elapsed(), FirstPiece: r.attempts.FirstPiece(), Error: forward.OneLine(err),
	}
	answer := r.attempts.Interrupted()
	if got != nil {
		answer = got.Attempt
		out.Finish, out.StopText = got.Finish, got.StopText
	}
	if answer >= 0 {
		a := &out.Attempts[answer]
		out.Model, out.UpstreamModel, out.Usage = a.Model, a.UpstreamModel, a.Usage
	}
	if c.Session != nil {
		session := c.Session.Answered(out.Model)
		out.Session = &session
	}
	out.Costs = r.costs(out.Attempts, answer, out.Usage)
	return out
}

// costs sums up the attempts; answer is the one that the caller got, or -1.
func (r *run) costs(attempts []forward.Attempt, answer int, usage forward.Usage) forward.Costs {
	out := forward.Costs{Routing: r.call.RoutingCost}
	for i, a := range attempts {
		if i == answer {
			out.Answer = a.Cost
		} else {
			out.Failed = forward.AddCapped(out.Failed, a.Cost)
		}
		out.Estimated = out.Estimated || a.Usage.Estimated
		out.Unpriced = out.Unpriced || a.Unpriced
	}
	for _, name := range r.call.Models {
		if m := r.forwarder.order.models[name]; m != nil && answer >= 0 {
			if price := m.Prices.At(r.attempts.Started()); price != nil {
				out.Dearest = max(out.Dearest, forward.Cost(*price, usage))
			}
		}
	}
	return out
}
