package policy

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/attempt"
	"github.com/semroute/semroute/routes"
)

// Order knows which models may serve a call, and in which order they are to be
// asked. It is safe for concurrent use, makes no calls and needs no providers.
type Order struct {
	deps   Deps
	calls  bool // the models are to be called, so one without a provider is of no use
	models map[string]*attempt.Model
	routes map[string]*routePolicy
	none   *routePolicy // of calls without a route
}

// routePolicy is how a route is forwarded, ready to run.
type routePolicy struct {
	forwarding routes.Forwarding
	models     []string
	checks     []check
}

// NewOrder reads the catalog; what is missing is a forward.ErrConfig.
func NewOrder(deps Deps, config forward.Config) (*Order, error) {
	if err := deps.complete(); err != nil {
		return nil, err
	}
	config = config.WithDefaults()
	o := &Order{deps: deps, models: map[string]*attempt.Model{}, routes: map[string]*routePolicy{}, none: &routePolicy{}}
	for _, m := range deps.Catalog.Models {
		o.models[m.Name] = &attempt.Model{Model: m, Client: deps.Providers[m.Name], Health: deps.Health.Of(m, config)}
	}
	for _, r := range deps.Catalog.Routes {
		o.routes[r.Name] = &routePolicy{forwarding: r.Forwarding, models: r.Models}
	}
	return o, nil
}

// Models are those that may serve the call, in the order in which they are to
// be asked; none when no model can. Names that the catalog does not have are left
// as they are: the call is another catalog's.
func (o *Order) Models(call forward.Call) []string {
	s := o.selection(&call)
	s.at = o.deps.Now()
	s.tokens = sync.OnceValue(func() int64 { return forward.CountPrompt(o.deps.Tokens, call.Request) })
	models, err := s.candidates()
	if errors.Is(err, forward.ErrUnknownModel) {
		return call.Models
	}
	names := make([]string, len(models))
	for i, m := range models {
		names[i] = m.Name
	}
	return names
}

// selection is the choice of models for one call. Making one completes the
// call with what its decision and its route say.
type selection struct {
	order  *Order
	call   *forward.Call
	route  *routePolicy
	tokens func() int64 // of the prompt
	at     time.Time    // whose prices count
}

func (o *Order) selection(call *forward.Call) *selection {
	if call.Route == "" {
		call.Route = call.Decision.Route
	}
	route := o.routes[call.Route]
	if route == nil {
		route = o.none
	}
	if len(call.Models) == 0 {
		call.Models = route.models
	}
	return &selection{order: o, call: call, route: route}
}

// candidates are the models that can serve the call, in the order in which
// they are to be asked. Only models that the call names are ever among them.
func (s *selection) candidates() ([]*attempt.Model, error) {
	var fit []*attempt.Model
	var reasons []forward.Reason
	for _, name := range s.allowed() {
		m := s.order.models[name]
		if m == nil {
			return nil, fmt.Errorf("%w: %q", forward.ErrUnknownModel, name)
		}
		if err := s.ineligible(m); err != nil {
			reasons = append(reasons, forward.Reason{Model: name, Err: err})
			continue
		}
		fit = append(fit, m)
	}
	if len(fit) == 0 {
		return nil, &forward.NoModelError{Reasons: reasons}
	}
	return s.roomyFirst(s.preferred(s.ordered(fit))), nil
}

// allowed are the names of the call's models, in the tier's order where the
// user's tier has one. Models outside of the tier stand last; ineligible drops them.
func (s *selection) allowed() []string {
	tier, ok := s.tier()
	if !ok {
		return s.call.Models
	}
	var names []string
	for _, name := range tier {
		if slices.Contains(s.call.Models, name) {
			names = append(names, name)
		}
	}
	for _, name := range s.call.Models {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// tier is the list of models of the user's tier; false when the route sets
// none for it.
func (s *selection) tier() ([]string, bool) {
	models, ok := s.route.forwarding.Tiers[s.call.Tier]
	return models, ok
}

// preferred puts the model that the call prefers first. A cascade begins with it:
// what stands before was not good enough, or nobody knows.
func (s *selection) preferred(models []*attempt.Model) []*attempt.Model {
	at := slices.IndexFunc(models, func(m *attempt.Model) bool { return m.Name == s.call.Prefer })
	switch {
	case at <= 0:
		return models
	case s.route.forwarding.Cascade != nil:
		return models[at:]
	}
	return slices.Concat(models[at:at+1], models[:at], models[at+1:])
}

// roomyFirst puts the models behind that lately called a prompt of this size
// too long. In a cascade, where the last model's answer is not checked, they
// are left out instead; where there are only such, all stay as they are.
func (s *selection) roomyFirst(models []*attempt.Model) []*attempt.Model {
	size := func() int64 { return s.tokens() + int64(s.call.Request.MaxTokens) }
	var roomy, small []*attempt.Model
	for _, m := range models {
		if m.Health.TooLong(s.at, size) {
			small = append(small, m)
		} else {
			roomy = append(roomy, m)
		}
	}
	switch {
	case len(roomy) == 0:
		return models
	case s.route.forwarding.Cascade != nil:
		return roomy
	}
	return append(roomy, small...)
}
