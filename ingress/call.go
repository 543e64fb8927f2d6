package ingress

import (
	"context"
	"fmt"
	"strings"

	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/ingress/admission"
	"github.com/semroute/semroute/router"
)

// Call is a decided prompt whose call is still to be made.
type Call struct {
	// Decision names the models that will be asked, in order.
	Decision  router.Decision
	call      forward.Call
	forwarder Forwarder
	service   *Service
	talk      conversation
}

// Session is what becomes of the model in the call's conversation, as far as it is
// known before the call; nil where none is known.
func (c *Call) Session() *forward.Session { return c.call.Session }

// CallError is a failed call with the decision that led to it and its record,
// which is the zero value where no attempt was made.
type CallError struct {
	Decision *router.Decision
	Record   forward.Record
	Cause    error
}

// Error implements error.
func (e *CallError) Error() string { return e.Cause.Error() }

// Unwrap gives the cause.
func (e *CallError) Unwrap() error { return e.Cause }

// Begin decides a prompt whose call is to be made. It fails with ErrDecidesOnly,
// with auth.ErrDenied where the caller may not have it made, as Decide does, or with a *CallError where the prompt cannot be sent on.
func (s *Service) Begin(ctx context.Context, ask Ask) (*Call, error) {
	if s.DecidesOnly() {
		return nil, ErrDecidesOnly
	}
	who := auth.FromContext(ctx)
	if err := auth.Authorize(who, auth.ToForward); err != nil {
		return nil, err
	}
	bind(who, &ask)
	d, err := s.target(admission.With(ctx, admission.Forward), &ask)
	if err == nil {
		err = restrict(who, &d, true)
	}
	if err != nil {
		return nil, err
	}
	request, err := ask.Request()
	if err != nil {
		return nil, &CallError{Decision: &d, Cause: err}
	}
	c := &Call{Decision: d, call: callFor(who, &d, &ask, request), forwarder: s.forwarder, service: s}
	c.talk = s.converse(ctx, who, &c.Decision, &ask, &c.call)
	if s.order != nil && len(c.Decision.Models) > 0 {
		c.Decision.Models = s.order.Models(c.call)
	}
	return c, nil
}

// target is the router's decision, or what stands in its place where the caller
// has chosen.
func (s *Service) target(ctx context.Context, ask *Ask) (router.Decision, error) {
	switch {
	case ask.Target.Model != "":
		return router.Decision{ID: router.NewID(), Stage: router.StageNamed, Models: []string{ask.Target.Model}}, nil
	case ask.Target.Route != "":
		for _, r := range s.catalog().Routes {
			if r.Name == ask.Target.Route && len(r.Models) > 0 {
				return router.Decision{ID: router.NewID(), Stage: router.StageNamed, Route: r.Name, Models: r.Models}, nil
			}
		}
		return router.Decision{}, fmt.Errorf("%w: the route %q has no models", forward.ErrNoModel, ask.Target.Route)
	}
	return s.decider.Decide(ctx, ask.Prompt, ask.Limits)
}

// Forward makes the call; sink is handed every piece of the answer in order. Its
// record says what became of it, also next to an error, which is a *CallError.
func (c *Call) Forward(ctx context.Context, sink forward.Sink) (forward.Record, error) {
	if c.talk.first != nil {
		sink = c.talk.first.Listening(sink)
	}
	record, err := c.forwarder.Forward(ctx, c.call, sink)
	if err != nil {
		return record, &CallError{Decision: &c.Decision, Record: record, Cause: err}
	}
	c.service.remember(ctx, &c.talk, &c.call, record.Model, record.Usage.Total())
	return record, nil
}

// callFor is the call that a decision leads to.
func callFor(who *auth.Identity, d *router.Decision, ask *Ask, request forward.Request) forward.Call {
	user := ask.Prompt.User
	request.User = user.ID
	call := forward.Call{
		Decision: recorded(d), Models: d.Models, Request: request, Prompt: Text(ask.Prompt),
		User: user.ID, Team: user.Team, Tier: user.Tier, Key: keyOf(who), Allowance: allowanceOf(who),
	}
	if d.Route == "" {
		call.Route = d.FallbackRoute // its forwarding policy serves the abstention, the record keeps that none fitted
	}
	return call
}

// recorded is what a record keeps of a decision.
func recorded(d *router.Decision) forward.Decision {
	return forward.Decision{
		ID: d.ID, Route: d.Route, Confidence: d.Confidence, Margin: d.Margin, Stage: d.Stage.String(),
		Reason: string(d.Reason), Abstained: d.Abstained, Fingerprint: d.Fingerprint, Why: why(d),
	}
}

// What of a decision's grounds is kept: enough to argue about, and no more than a
// record has room for.
const (
	keptCandidates = 3
	keptMatches    = 3
	keptUtterance  = 200 // bytes of each
)

// why is what a record keeps of what the decision rests on; nil where that is nothing,
// because the caller has named the route.
func why(d *router.Decision) *forward.Why {
	if d.Timings.Total == 0 && d.Rule == "" && len(d.Candidates) == 0 && len(d.Degraded) == 0 {
		return nil
	}
	w := &forward.Why{
		Bound: d.Bound, Nearest: d.Nearest, Cached: d.Cached, Rule: d.Rule, Degraded: d.DegradedTexts(),
		TotalUS: d.Timings.Total, EmbedUS: d.Timings.Embed, SearchUS: d.Timings.Search, ScoreUS: d.Timings.Score,
	}
	for _, c := range d.Candidates[:min(keptCandidates, len(d.Candidates))] {
		w.Candidates = append(w.Candidates, forward.Candidate{Route: c.Route, Probability: c.Probability, Similarity: c.Similarity})
	}
	for _, m := range d.Matches[:min(keptMatches, len(d.Matches))] {
		text := m.Utterance
		if len(text) > keptUtterance {
			text = strings.ToValidUTF8(text[:keptUtterance], "") + "…"
		}
		w.Matches = append(w.Matches, forward.Match{Route: m.Route, Utterance: text, Similarity: float64(m.Similarity)})
	}
	return w
}

// Text is the text of a prompt as logs and records keep it: that of the last
// message of a conversation.
func Text(p router.Prompt) string {
	if n := len(p.Messages); n > 0 {
		return p.Messages[n-1].Text()
	}
	return p.Text
}
