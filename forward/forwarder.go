package forward

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go/retrypolicy"

	"github.com/semroute/semroute/routes"
)

// Forwarder makes calls to the models of one catalog. It is immutable but for
// the health it observes, and safe for concurrent use.
type Forwarder struct {
	deps     Deps
	config   Config
	models   map[string]*model
	policies map[string]*policy
	plain    *policy // of calls without a route
	retry    retrypolicy.RetryPolicy[any]
}

// model is a catalog model with what is needed to call it.
type model struct {
	routes.Model
	provider Provider
	health   *modelHealth
	able     map[routes.Capability]bool
}

// policy is how a route is forwarded, ready to run.
type policy struct {
	routes.Forwarding
	models []string
	checks []check
}

// New builds a forwarder. Everything that can be wrong with the catalog's
// forwarding is reported here, as ErrConfig, before any call.
func New(deps Deps, config Config) (*Forwarder, error) {
	switch {
	case deps.Catalog == nil:
		return nil, fmt.Errorf("%w: a catalog is needed", ErrConfig)
	case deps.Tokens == nil:
		return nil, fmt.Errorf("%w: a token counter is needed", ErrConfig)
	case deps.Health == nil:
		deps.Health = NewHealth()
	}
	f := &Forwarder{
		deps:     deps.withDefaults(),
		config:   config.withDefaults(),
		models:   map[string]*model{},
		policies: map[string]*policy{},
		plain:    &policy{},
	}
	f.retry = f.retryPolicy()
	for _, m := range deps.Catalog.Models {
		able := map[routes.Capability]bool{}
		for _, c := range m.Capabilities {
			able[c] = true
		}
		f.models[m.Name] = &model{
			Model: m, provider: deps.Providers[m.Name], able: able,
			health: deps.Health.of(m, f.config),
		}
	}
	return f, f.compileRoutes()
}

func (f *Forwarder) compileRoutes() error {
	var problems []error
	for _, r := range f.deps.Catalog.Routes {
		checks, err := f.compileCascade(r.Forwarding.Cascade)
		if err != nil {
			problems = append(problems, fmt.Errorf("%w: route %q: %w", ErrConfig, r.Name, err))
		}
		f.policies[r.Name] = &policy{Forwarding: r.Forwarding, models: r.Models, checks: checks}
	}
	return errors.Join(problems...)
}

// Forward makes the call and hands the answer's pieces to sink as they come.
// The record is complete also when the call fails.
//
// A call that cannot be made at all fails with ErrInvalid, ErrUnknownModel,
// ErrNoModel, ErrBudget or ErrUnpriced before any upstream is asked. When
// every model failed it is ErrUnavailable, or the *UpstreamError of a model
// that refused the request. When the answer broke off after sink had taken a
// piece it is ErrInterrupted, and the record has the usage so far. When ctx
// ended, or sink failed, that error is returned.
func (f *Forwarder) Forward(ctx context.Context, call Call, sink Sink) (record Record, err error) {
	r := f.newRun(&call, sink)
	got, err := r.within(ctx, r.serve)
	r.conclude(&record, got, err)
	return record, err
}

// within runs do within the call's total time. Its errors are the package's
// own, or the caller's.
func (r *run) within(ctx context.Context, do func(context.Context) (*shot, error)) (*shot, error) {
	bounded, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r.total = startCountdown(r.limit(), func() { cancel(errTotal) })
	defer r.total.stop()
	defer r.sink.close()
	var got *shot
	err := r.guard(func() (err error) {
		got, err = do(bounded)
		return err
	})
	switch cause := context.Cause(ctx); {
	case err == nil:
		return got, nil
	case cause != nil:
		return nil, cause
	case over(bounded) && !errors.Is(err, ErrUpstream) && !errors.Is(err, errSink):
		return nil, &UpstreamError{Class: Timeout, Message: errTotal.Error() + ": " + oneLine(err), Err: errTotal}
	}
	return nil, err
}

// limit is how long the call may take.
func (r *run) limit() time.Duration {
	limit := r.policy.Timeouts.Total
	duration(&limit, r.config.TotalTimeout)
	return limit
}

// conclude writes the record. It is a function of its own, as are others here,
// because a record is large and must not stay on the stack of a stream that is
// open: two thousand of them are.
//
//go:noinline
func (r *run) conclude(record *Record, got *shot, err error) {
	*record = r.record(got, err)
	if r.deps.Log != nil {
		r.deps.Log.Append(*record)
	}
}

func (f *Forwarder) newRun(call *Call, sink Sink) *run {
	if call.Route == "" {
		call.Route = call.Decision.Route
	}
	p := f.policies[call.Route]
	if p == nil {
		p = f.plain
	}
	if len(call.Models) == 0 {
		call.Models = p.models
	}
	r := &run{Forwarder: f, call: call, policy: p, started: f.now(), left: p.MaxAttempts}
	number(&r.left, f.config.MaxAttempts)
	r.sink = newDelivery(sink, f.config.SendTimeout, r.limit(), f.guard)
	r.tokens = sync.OnceValue(func() int64 { return f.countPrompt(call.Request) })
	return r
}

func (f *Forwarder) now() time.Time { return f.deps.Now() }

// serve finds the candidates and gets an answer from one of them.
func (r *run) serve(ctx context.Context) (*shot, error) {
	if err := r.call.Request.Validate(); err != nil {
		return nil, err
	}
	candidates, err := r.candidates()
	if err != nil {
		return nil, err
	}
	if len(r.policy.checks) > 0 {
		return r.cascade(ctx, candidates)
	}
	return r.firstOf(ctx, candidates, target{})
}

// firstOf asks the candidates in order until one answers.
func (r *run) firstOf(ctx context.Context, candidates []*model, to target) (*shot, error) {
	var failures []error
	for i := 0; i < len(candidates); i++ {
		var spare *model
		if i+1 < len(candidates) {
			spare = candidates[i+1]
		}
		got, err := r.ask(ctx, candidates[i], spare, to, len(candidates)-1-i)
		if err == nil {
			return got, nil
		}
		if errors.Is(err, errAttempts) {
			break
		}
		failures = append(failures, err)
		if cheaper, ok := r.downgraded(err, candidates[i:]); ok {
			candidates, i = cheaper, -1
			continue
		}
		if r.final(ctx, err) {
			return nil, err
		}
	}
	return nil, allFailed(failures)
}

// downgraded gives the remaining candidates in order of price when a budget
// asks for a cheaper model. The one that the budget did not cover is left out,
// and so is everything that costs as much.
func (r *run) downgraded(err error, rest []*model) ([]*model, bool) {
	var budget *BudgetError
	if !errors.As(err, &budget) || !budget.Downgrade {
		return nil, false
	}
	var cheap []*model
	for _, m := range r.byPrice(rest[1:]) {
		if cheaper(r.rates(m), r.rates(rest[0])) < 0 {
			cheap = append(cheap, m)
		}
	}
	if len(cheap) == 0 {
		return nil, false
	}
	r.mu.Lock()
	r.downgrade = true
	r.mu.Unlock()
	return cheap, true
}
