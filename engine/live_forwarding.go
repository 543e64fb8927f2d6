package engine

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"sync"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/health"
	"github.com/semroute/semroute/forward/policy"
	"github.com/semroute/semroute/forward/transport"
	"github.com/semroute/semroute/routes"
)

// LiveForwarding makes every call with the policies of the generation that
// decided it, over changes of the catalog. What is known of the models' health,
// and the connections to models that have not changed, outlive them. It is safe
// for concurrent use.
type LiveForwarding struct {
	configure func(context.Context, *routes.Catalog) (ForwardingConfig, error)
	health    *health.Registry
	transport http.RoundTripper // of all providers, unless configure gives another
	preparing sync.Mutex        // one Prepare at a time

	mu        sync.Mutex   // protects the fields below, and those of what they lead to
	kept      []prepared   // the newest first
	providers []*connected // of all that are kept or still in use
}

// prepared are the policies for decisions of one fingerprint.
type prepared struct {
	fingerprint string
	*policies
}

// policies are those of one catalog.
type policies struct {
	catalog   *routes.Catalog
	forwarder *policy.Forwarder // nil where the catalog names no models
	providers []*connected
	uses      int // calls in flight, and entries that keep it
}

// connected is a provider that several catalogs may share.
type connected struct {
	model    routes.Model
	provider forward.Provider
	uses     int // catalogs
}

// keptPolicies is of how many generations the policies are kept, so that a call
// whose prompt was decided just before a change finds its own.
const keptPolicies = 4

// NewLiveForwarding makes one without policies; Prepare gives it some. configure
// says what the calls of a catalog with models are made with; its Health is not
// looked at.
func NewLiveForwarding(configure func(context.Context, *routes.Catalog) (ForwardingConfig, error)) *LiveForwarding {
	return &LiveForwarding{configure: configure, health: health.New(), transport: transport.New()}
}

// Prepare makes the policies of a catalog ready for calls whose decisions have
// the fingerprint, and those that have an unknown one. It fails as OpenForwarding
// does; then nothing changes.
func (l *LiveForwarding) Prepare(ctx context.Context, fingerprint string, catalog *routes.Catalog) error {
	l.preparing.Lock()
	defer l.preparing.Unlock()
	p := l.known(catalog)
	if p == nil {
		var err error
		if p, err = l.open(ctx, catalog); err != nil {
			return err
		}
	}
	return l.keep(prepared{fingerprint: fingerprint, policies: p})
}

// known are the policies of a catalog that are kept; nil where none are.
func (l *LiveForwarding) known(catalog *routes.Catalog) *policies {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, k := range l.kept {
		if k.catalog == catalog {
			return k.policies
		}
	}
	return nil
}

// open makes the policies of a catalog. No lock is held while it is asked what to
// make them with: that can take seconds.
func (l *LiveForwarding) open(ctx context.Context, catalog *routes.Catalog) (*policies, error) {
	p := &policies{catalog: catalog}
	if len(catalog.Models) == 0 {
		return p, nil
	}
	config, err := l.configure(ctx, catalog)
	if err != nil {
		return nil, err
	}
	if config.Providers.Transport == nil {
		config.Providers.Transport = l.transport
	}
	providers, err := openProviders(catalog, func(m routes.Model) (forward.Provider, error) {
		c, err := l.connect(m, config.Providers)
		if err != nil {
			return nil, err
		}
		p.providers = append(p.providers, c)
		return c.provider, nil
	})
	if err == nil {
		config.Health = l.health
		p.forwarder, err = newForwarder(catalog, providers, config)
	}
	if err != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		return nil, errors.Join(err, l.disconnect(p.providers))
	}
	return p, nil
}

// connect gives the provider of a model, the one that there is where the model is
// as it was. A key in a file may be another than it was, so it is read again.
func (l *LiveForwarding) connect(m routes.Model, c ProviderConfig) (*connected, error) {
	m.At, m.Prices = routes.Position{}, nil // where it stands and what it costs make no other connection
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, known := range l.providers {
		if m.APIKeyFile == "" && reflect.DeepEqual(known.model, m) {
			known.uses++
			return known, nil
		}
	}
	provider, err := OpenProvider(m, c)
	if err != nil {
		return nil, err
	}
	fresh := &connected{model: m, provider: provider, uses: 1}
	l.providers = append(l.providers, fresh)
	return fresh, nil
}

// keep puts policies in front and lets the oldest go.
func (l *LiveForwarding) keep(p prepared) (err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p.uses++
	l.kept = slices.Insert(l.kept, 0, p)
	for len(l.kept) > keptPolicies {
		err = errors.Join(err, l.release(l.kept[keptPolicies].policies))
		l.kept = slices.Delete(l.kept, keptPolicies, keptPolicies+1)
	}
	return err
}

// release ends one use, under the lock; the last one frees connections.
func (l *LiveForwarding) release(p *policies) error {
	if p.uses--; p.uses > 0 {
		return nil
	}
	return l.disconnect(p.providers)
}

// disconnect lets go of providers, under the lock.
func (l *LiveForwarding) disconnect(providers []*connected) error {
	var problems []error
	for _, c := range providers {
		if c.uses--; c.uses > 0 {
			continue
		}
		problems = append(problems, c.provider.Close())
		l.providers = slices.DeleteFunc(l.providers, func(other *connected) bool { return other == c })
	}
	return errors.Join(problems...)
}

// of are the policies for a decision, under the lock: its own, else the newest.
func (l *LiveForwarding) of(fingerprint string) *policies {
	for _, k := range l.kept {
		if k.fingerprint == fingerprint {
			return k.policies
		}
	}
	if len(l.kept) == 0 {
		return nil
	}
	return l.kept[0].policies
}

// Forward makes a call as policy.Forwarder does, by the policies of the
// generation that decided it. Where that one has no models it is a
// forward.ErrNoModel.
func (l *LiveForwarding) Forward(ctx context.Context, call forward.Call, sink forward.Sink) (forward.Record, error) {
	l.mu.Lock()
	p := l.of(call.Decision.Fingerprint)
	if p == nil || p.forwarder == nil {
		l.mu.Unlock()
		return forward.Record{Decision: call.Decision}, &forward.NoModelError{}
	}
	p.uses++
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		_ = l.release(p) // an idle connection that will not close concerns no call
	}()
	return p.forwarder.Forward(ctx, call, sink)
}

// Models are those that would be asked for the call, as policy.Forwarder has
// them, by the policies of the generation that decided it.
func (l *LiveForwarding) Models(call forward.Call) []string {
	l.mu.Lock()
	p := l.of(call.Decision.Fingerprint)
	l.mu.Unlock()
	if p == nil || p.forwarder == nil {
		return call.Models
	}
	return p.forwarder.Models(call)
}

// Calls says whether the newest catalog has models to call.
func (l *LiveForwarding) Calls() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.kept) > 0 && l.kept[0].forwarder != nil
}

// Close frees idle connections. No call may be in flight.
func (l *LiveForwarding) Close() (err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, k := range l.kept {
		err = errors.Join(err, l.release(k.policies))
	}
	l.kept = nil
	return err
}

// Health is what is known of the models that were called.
func (l *LiveForwarding) Health() []health.State { return l.health.States() }
