package ingress

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/ingress/admission"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// Decider decides; *engine.Engine is one.
type Decider interface {
	Decide(ctx context.Context, p router.Prompt, limits router.Limits) (router.Decision, error)
	DecideBatch(ctx context.Context, prompts []router.Prompt, limits router.Limits) ([]router.Decision, error)
}

// Forwarder makes the call to the chosen model; *policy.Forwarder is one.
type Forwarder interface {
	Forward(ctx context.Context, call forward.Call, sink forward.Sink) (forward.Record, error)
}

// changing is a Forwarder over a catalog that may come to have models, and to
// have none; it says whether it has some now. *engine.LiveForwarding is one.
type changing interface{ Calls() bool }

// orderer knows which models a call would be made to, and in which order, by
// the route's strategy, the user's tier, what the request needs and what is known
// of the models; *policy.Forwarder is one.
type orderer interface {
	Models(call forward.Call) []string
}

// ErrDecidesOnly: there are no models to call.
var ErrDecidesOnly = errors.New("this server decides only: its catalog names no models")

// Service decides and makes calls. It is safe for concurrent use.
type Service struct {
	decider   Decider
	forwarder Forwarder   // nil decides only
	order     orderer     // nil leaves the models as the decider has them
	decisions forward.Log // nil keeps none
	sessions  Sessions    // nil knows no conversations
	catalog   func() *routes.Catalog
	now       func() time.Time
}

// Config is what a Service works with.
type Config struct {
	Decider Decider
	// Forwarder nil decides only.
	Forwarder Forwarder
	// Decisions takes the records of decisions that no call was made for; nil
	// keeps none.
	Decisions forward.Log
	// Sessions know conversations; nil has every turn stand alone.
	Sessions Sessions
	// Catalog is the one in place, for callers that name a route or a model; nil
	// knows no names.
	Catalog func() *routes.Catalog
}

// New makes a service.
func New(c Config) *Service {
	order, _ := c.Forwarder.(orderer)
	if c.Catalog == nil {
		none := &routes.Catalog{}
		c.Catalog = func() *routes.Catalog { return none }
	}
	return &Service{decider: c.Decider, forwarder: c.Forwarder, order: order, decisions: c.Decisions, sessions: c.Sessions, catalog: c.Catalog, now: time.Now}
}

// Catalog is the one in place.
func (s *Service) Catalog() *routes.Catalog { return s.catalog() }

// DecidesOnly says that there is nothing to call.
func (s *Service) DecidesOnly() bool {
	if c, ok := s.forwarder.(changing); ok {
		return !c.Calls()
	}
	return s.forwarder == nil
}

// Ask is one prompt with what its caller wants.
type Ask struct {
	Prompt router.Prompt
	Limits router.Limits
	// Target is what the caller has chosen; the zero value leaves it to the router.
	Target routes.Target
	// Session is the name that the caller has given its conversation; "" derives one
	// from the first turns of a conversation that is sent on.
	Session string
	// CacheKey is what the caller keeps prompts apart by in a provider's cache. It
	// stands in for a Session as far as nothing speaks against that: some callers use
	// one for many conversations.
	CacheKey string
	// DryRun has the decision neither recorded nor observed.
	DryRun bool
	// Request is what a model would be asked, made once it is needed. Its error
	// says why the prompt can be routed but not sent on.
	Request func() (forward.Request, error)
}

// Decide decides one prompt for the identity of the context, with the models that
// a call would be made to, and records the decision. What the caller may not have
// is an auth.ErrDenied.
func (s *Service) Decide(ctx context.Context, ask Ask) (router.Decision, error) {
	who := auth.FromContext(ctx)
	if err := auth.Authorize(who, auth.ToDecide); err != nil {
		return router.Decision{}, err
	}
	bind(who, &ask)
	if ask.DryRun {
		ctx = router.Unobserved(ctx)
	}
	d, err := s.decider.Decide(ctx, ask.Prompt, ask.Limits)
	if err == nil {
		err = restrict(who, &d, false)
	}
	if err != nil {
		return router.Decision{}, err
	}
	s.concluded(ctx, who, &d, &ask)
	return d, nil
}

// DecideBatch decides all prompts on one generation, or none. The limits are
// those of the first.
func (s *Service) DecideBatch(ctx context.Context, asks []Ask) ([]router.Decision, error) {
	if len(asks) == 0 {
		return nil, nil
	}
	who := auth.FromContext(ctx)
	if err := auth.Authorize(who, auth.ToDecide); err != nil {
		return nil, err
	}
	prompts := make([]router.Prompt, len(asks))
	for i := range asks {
		bind(who, &asks[i])
		prompts[i] = asks[i].Prompt
	}
	decisions, err := s.decider.DecideBatch(admission.With(ctx, admission.Batch), prompts, asks[0].Limits)
	if err != nil {
		return nil, err
	}
	for i := range decisions {
		if err := restrict(who, &decisions[i], false); err != nil {
			return nil, fmt.Errorf("prompts[%d]: %w", i, err)
		}
	}
	for i := range decisions {
		s.concluded(ctx, who, &decisions[i], &asks[i])
	}
	return decisions, nil
}

// concluded gives a decision that no call follows its models, and records it.
// What can be decided but not sent on keeps the models of its route. A conversation
// that has a name stays with its model: whoever names it makes the calls.
func (s *Service) concluded(ctx context.Context, who *auth.Identity, d *router.Decision, ask *Ask) {
	var held *forward.Session
	if s.order != nil && len(d.Models) > 0 {
		if request, err := ask.Request(); err == nil {
			call := callFor(who, d, ask, request)
			if ask.Session != "" {
				talk := s.converse(ctx, who, d, ask, &call)
				held = call.Session
				defer func() { s.remember(ctx, &talk, &call, d.Model(), about(ask.Prompt.Messages)) }()
			}
			d.Models = s.order.Models(call)
		}
	}
	if s.decisions != nil && !ask.DryRun {
		user := ask.Prompt.User
		s.decisions.Append(forward.Record{
			Time: s.now(), Decision: recorded(d), Prompt: Text(ask.Prompt), Session: held,
			User: user.ID, Team: user.Team, Tier: user.Tier,
		})
	}
}
