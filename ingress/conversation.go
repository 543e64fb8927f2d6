package ingress

import (
	"cmp"
	"context"
	"slices"

	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/session"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// Sessions know conversations; *session.Keeper does.
type Sessions interface {
	Known(ctx context.Context, name string, answers int) (session.State, bool, error)
	Keep(ctx context.Context, name string, s session.State) error
}

// lostSessions is what a decision says that had to do without what is known of its
// conversation.
const lostSessions = "sessions: the store does not answer, so the model may change"

// conversation is the one that a call belongs to; the zero value is none.
type conversation struct {
	name    string               // "" where it has none yet
	first   *session.FirstAnswer // of one that will have its name by its first answer
	caller  session.Caller
	held    session.State // before the turn
	answers int
}

// converse finds the call's conversation and has its model answer the turn where
// that is to stay. The decision remains what was decided; its models become those
// that will be asked.
func (s *Service) converse(ctx context.Context, who *auth.Identity, d *router.Decision, ask *Ask, call *forward.Call) conversation {
	if s.sessions == nil || s.order == nil || ask.Target.Model != "" || len(call.Models) == 0 {
		return conversation{}
	}
	messages := ask.Prompt.Messages
	c := conversation{answers: session.Answers(messages), caller: session.Caller{Key: keyOf(who), User: call.User}}
	opening, byCacheKey := session.OpeningOf(messages), false
	switch {
	case ask.Session != "":
		c.name = session.Named(c.caller, ask.Session)
	case ask.CacheKey != "" && len(messages) > 0:
		c.name, byCacheKey = session.Named(c.caller, ask.CacheKey), true
	case c.answers > 0:
		c.name = session.Derived(c.caller, opening)
	case opening.Asked != "":
		c.first = &session.FirstAnswer{Asked: opening.Asked}
	}
	if c.name == "" {
		return c
	}
	call.Session = &forward.Session{ID: c.name[:sessionIDLength]}
	if ask.Session == "" && c.answers == 0 {
		return c // the first turn of a conversation that has no name of its own begins it
	}
	held, known, err := s.sessions.Known(ctx, c.name, c.answers)
	if err != nil {
		d.Degraded = append(slices.Clip(d.Degraded), router.Degradation{Cause: router.CauseStore, Text: lostSessions})
	}
	if !known || byCacheKey && held.Answers != c.answers {
		return c // not there, or another conversation by the same cache key
	}
	c.held = held
	call.Session.Previous = held.Model
	call.Session.Switched, call.Session.Reason = s.stay(who, d, ask, call, &c.held)
	return c
}

// sessionIDLength is how much of a conversation's name records show.
const sessionIDLength = 16

// stay decides whether the model that holds the conversation answers the turn, and
// has the call made to it by the policies of its route. It gives whether another
// model is asked, and why.
func (s *Service) stay(who *auth.Identity, d *router.Decision, ask *Ask, call *forward.Call, held *session.State) (switched bool, reason string) {
	catalog := s.catalog()
	kept := s.heldCall(who, catalog, call, *held)
	turn := session.Turn{
		ToolResults: session.BringsToolResults(ask.Prompt.Messages), Route: d.Route, CanStay: kept != nil,
		Told: d.Rule != "" && d.Route != held.Route || ask.Target.Route != "" && ask.Target.Route != held.Route,
		Lead: d.Confidence - probabilityOf(d, held.Route), Worth: session.Worth{Dearness: 1},
	}
	first := s.order.Models(*call)
	if len(first) > 0 {
		turn.Worth = session.WorthOf(pricesOf(catalog, held.Model), pricesOf(catalog, first[0]), held.ContextTokens, s.now())
	}
	stay, why, next := session.Choose(*held, turn, stickiness(catalog, held.Route))
	*held = next
	if stay {
		call.Route, call.Models, call.Prefer = kept.Route, kept.Models, kept.Prefer
		d.Models = kept.Models
		return false, string(why)
	}
	return len(first) == 0 || first[0] != held.Model, string(why) // another route may have the same model
}

// heldCall is the call as the route that holds the conversation would make it; nil
// where its model may not or cannot serve it. A model that the route does not allow
// any more, or that the caller may not use, is never asked because it once was.
func (s *Service) heldCall(who *auth.Identity, catalog *routes.Catalog, call *forward.Call, held session.State) *forward.Call {
	kept := *call
	kept.Prefer = held.Model
	if held.Route != "" {
		kept.Route, kept.Models = held.Route, modelsOf(catalog, held.Route)
	}
	models, err := who.Within(held.Route, kept.Models, true)
	if err != nil || len(models) == 0 {
		return nil
	}
	kept.Models = models
	if order := s.order.Models(kept); len(order) == 0 || order[0] != held.Model {
		return nil
	}
	return &kept
}

// remember keeps the conversation after an answer; that it cannot be kept concerns
// the next turn alone.
func (s *Service) remember(ctx context.Context, c *conversation, call *forward.Call, model string, contextTokens int64) {
	name := c.name
	if c.first != nil {
		name = session.Derived(c.caller, c.first.Opening())
	}
	if name == "" || model == "" {
		return
	}
	next := session.State{Model: model, Route: cmp.Or(call.Route, call.Decision.Route), Answers: c.answers + 1, ContextTokens: contextTokens, Switches: c.held.Switches, Missed: c.held.Missed}
	if c.held.Model != "" && c.held.Model != model {
		next.Switches++
	}
	_ = s.sessions.Keep(ctx, name, next)
}

// probabilityOf a route, as far as the decision shows it.
func probabilityOf(d *router.Decision, route string) float64 {
	switch route {
	case "":
		return 0
	case d.Leading:
		return d.Confidence
	case d.RunnerUp:
		return d.Confidence - d.Margin
	}
	return 0
}

func modelsOf(catalog *routes.Catalog, route string) []string {
	for i := range catalog.Routes {
		if catalog.Routes[i].Name == route {
			return catalog.Routes[i].Models
		}
	}
	return nil
}

func stickiness(catalog *routes.Catalog, route string) float64 {
	for i := range catalog.Routes {
		if r := &catalog.Routes[i]; r.Name == route && r.Forwarding.Stickiness != nil {
			return *r.Forwarding.Stickiness
		}
	}
	return session.DefaultStickiness
}

func pricesOf(catalog *routes.Catalog, model string) routes.Prices {
	for i := range catalog.Models {
		if catalog.Models[i].Name == model {
			return catalog.Models[i].Prices
		}
	}
	return nil
}

// about how many tokens the texts of a conversation have, at four bytes each: enough
// to weigh a change by.
func about(messages []chat.Message) int64 {
	n := 0
	for i := range messages {
		n += len(messages[i].Text())
	}
	return int64(n / 4)
}
