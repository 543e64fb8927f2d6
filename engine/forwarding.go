package engine

import (
	"errors"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/health"
	"github.com/semroute/semroute/forward/policy"
	"github.com/semroute/semroute/forward/transport"
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
	// Health keeps what is known about the models; nil starts anew.
	Health *health.Registry
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
	if c.Providers.Transport == nil {
		c.Providers.Transport = transport.New()
	}
	f := &Forwarding{}
	var err error
	f.providers, err = openProviders(catalog, func(m routes.Model) (forward.Provider, error) { return OpenProvider(m, c.Providers) })
	if err == nil {
		f.Forwarder, err = newForwarder(catalog, f.providers, c)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// openProviders opens those of the models that a call can get to, by name. With
// an error come those that could be opened.
func openProviders(catalog *routes.Catalog, open func(routes.Model) (forward.Provider, error)) (map[string]forward.Provider, error) {
	providers := map[string]forward.Provider{}
	var problems []error
	for _, m := range Reachable(catalog) {
		p, err := open(m)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		providers[m.Name] = p
	}
	return providers, errors.Join(problems...)
}

// newForwarder makes the policies of a catalog.
func newForwarder(catalog *routes.Catalog, providers map[string]forward.Provider, c ForwardingConfig) (*policy.Forwarder, error) {
	counter, err := NewCounter()
	if err != nil {
		return nil, err
	}
	return policy.New(policy.Deps{
		Catalog: catalog, Providers: providers, Tokens: counter, Health: c.Health,
		Log: c.Log, Budgets: c.Budgets, Predictor: c.Predictor, Logger: c.Logger,
	}, c.Limits)
}

// Close frees idle connections. No call may be in flight.
func (f *Forwarding) Close() error {
	var problems []error
	for _, p := range f.providers {
		problems = append(problems, p.Close())
	}
	return errors.Join(problems...)
}
