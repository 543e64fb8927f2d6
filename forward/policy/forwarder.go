package policy

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/rs/zerolog"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/attempt"
	"github.com/semroute/semroute/forward/health"
	"github.com/semroute/semroute/routes"
)

// Deps are what a Forwarder works with.
type Deps struct {
	// Catalog names models, routes and how each route is forwarded; needed.
	Catalog *routes.Catalog
	// Providers reach the catalog's models, by model name. A model without one
	// cannot be called.
	Providers map[string]forward.Provider
	// Tokens counts tokens; needed.
	Tokens forward.Counter
	// Budgets may be nil: then none is kept.
	Budgets forward.Budgets
	// Log may be nil: then records are only returned.
	Log forward.Log
	// Predictor may be nil: then the quality strategy takes the route's order.
	Predictor forward.Predictor
	// Health keeps what is known about the models over a change of the
	// catalog; nil starts anew.
	Health *health.Registry
	// Logger is told of what no record can hold, such as the stack of a panic.
	// The zero value is silent.
	Logger zerolog.Logger
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Random gives numbers in [0, 1) for weighted choices without a user; nil is
	// the runtime's source.
	Random func() float64
}

func (d *Deps) complete() error {
	switch {
	case d.Catalog == nil:
		return fmt.Errorf("%w: a catalog is needed", forward.ErrConfig)
	case d.Tokens == nil:
		return fmt.Errorf("%w: a token counter is needed", forward.ErrConfig)
	}
	if d.Health == nil {
		d.Health = health.New()
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Random == nil {
		d.Random = rand.Float64
	}
	return nil
}

// Forwarder makes calls to the models of one catalog. It is immutable but for
// the health it observes, and safe for concurrent use.
type Forwarder struct {
	order  *Order
	config forward.Config
	maker  *attempt.Maker
	log    forward.Log
}

// New builds a forwarder. Everything that can be wrong with the catalog's
// forwarding is reported here, as forward.ErrConfig, before any call.
func New(deps Deps, config forward.Config) (*Forwarder, error) {
	config = config.WithDefaults()
	order, err := NewOrder(deps, config)
	if err != nil {
		return nil, err
	}
	order.calls, deps = true, order.deps
	f := &Forwarder{order: order, config: config, log: deps.Log, maker: attempt.New(attempt.Maker{
		Config: config, Models: deps.Catalog.Models, Tokens: deps.Tokens, Budgets: deps.Budgets,
		Limited: deps.Budgets != nil && len(deps.Catalog.Budgets) > 0, Logger: deps.Logger, Now: deps.Now,
	})}
	var problems []error
	for _, r := range deps.Catalog.Routes {
		if order.routes[r.Name].checks, err = f.compileCascade(r.Forwarding.Cascade); err != nil {
			problems = append(problems, fmt.Errorf("%w: route %q: %w", forward.ErrConfig, r.Name, err))
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return f, nil
}

// Models are those that would be asked for the call, in that order, without
// asking any: none that the user's tier forbids, that lacks a capability or
// whose window is too small. Circuits, pauses and budgets may still change it.
func (f *Forwarder) Models(call forward.Call) []string { return f.order.Models(call) }

// Forward makes the call and hands the answer's pieces to sink as they come.
// The record is complete also when the call fails.
//
// A call that cannot be made at all fails with forward.ErrInvalid,
// ErrUnknownModel, ErrNoModel, ErrBudget or ErrUnpriced before any upstream is
// asked. When every model failed it is ErrUnavailable, or what all of them say
// is wrong with the request (ErrTooLong, ErrFiltered, ErrUnsupported); when a
// model's server calls the request wrong it is ErrRefused, and no other is
// asked. When the answer broke off after sink had taken a piece it is
// ErrInterrupted, and the record has the usage so far. When ctx ended, or sink
// failed, that error is returned; ErrSlowCaller when sink took too long.
func (f *Forwarder) Forward(ctx context.Context, call forward.Call, sink forward.Sink) (record forward.Record, err error) {
	r := f.newRun(&call, sink)
	got, err := r.attempts.Within(ctx, r.serve)
	r.conclude(&record, got, err)
	return record, err
}
