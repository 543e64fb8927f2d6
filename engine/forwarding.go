package engine

import (
	"errors"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/policy"
	"github.com/semroute/semroute/routes"
)

// ForwardingConfig says what calls are made with.
type ForwardingConfig struct {
	Providers ProviderConfig
	// Log takes the records and Budgets bounds what is spent; nil does not.
	Log     forward.Log
	Budgets forward.Budgets
	// Predictor is for the quality strategy; nil takes the route's order.
	Predictor forward.Predictor
	// Logger is told of what no record can hold, such as the stack of a panic.
	Logger zerolog.Logger
	// Limits are the forwarder's; zero values are its defaults.
	Limits forward.Config
}

// Forwarding is a forwarder with the connections that it holds open.
type Forwarding struct {
	*policy.Forwarder
	providers map[string]forward.Provider
}

// OpenForwarding makes the forwarder of a catalog; nil when the catalog names
// no models. Everything that is wrong with the catalog's models is reported
// together: a missing key as forward.ErrSecret, all else as forward.ErrConfig.
func OpenForwarding(catalog *routes.Catalog, c ForwardingConfig) (*Forwarding, error) {
	if len(catalog.Models) == 0 {
		return nil, nil
	}
	f := &Forwarding{providers: map[string]forward.Provider{}}
	var problems []error
	for _, m := range Reachable(catalog) {
		p, err := OpenProvider(m, c.Providers)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		f.providers[m.Name] = p
	}
	counter, err := NewCounter()
	if err := errors.Join(append(problems, err)...); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	f.Forwarder, err = policy.New(policy.Deps{
		Catalog: catalog, Providers: f.providers, Tokens: counter,
		Log: c.Log, Budgets: c.Budgets, Predictor: c.Predictor, Logger: c.Logger,
	}, c.Limits)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Close frees idle connections. No call may be in flight.
func (f *Forwarding) Close() error {
	var problems []error
	for _, p := range f.providers {
		problems = append(problems, p.Close())
	}
	return errors.Join(problems...)
}
