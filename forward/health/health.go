package health

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go/bulkhead"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/routes"
)

// Registry has the health of all models: the same model at the same address
// keeps its state when the catalog changes. It is safe for concurrent use.
type Registry struct {
	mu     sync.Mutex // protects models
	models map[key]*Model
}

// key is what makes two catalog models the same upstream.
type key struct {
	name     string
	provider routes.Provider
	model    string
	baseURL  string
}

// New knows nothing yet.
func New() *Registry { return &Registry{models: map[key]*Model{}} }

// Of gives the state of a model, a new one when the model was never seen or
// its limits have changed.
func (r *Registry) Of(m routes.Model, c forward.Config) *Model {
	k := key{name: m.Name, provider: m.Provider, model: m.Model, baseURL: m.BaseURL}
	places := m.MaxConcurrent
	if places <= 0 {
		places = c.MaxConcurrent
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if known, ok := r.models[k]; ok && known.places == places {
		return known
	}
	fresh := &Model{
		places: places,
		circuit: circuitbreaker.NewBuilder[any]().
			WithFailureThresholdRatio(c.CircuitFailures, c.CircuitWindow).
			WithSuccessThreshold(1).
			WithDelay(c.CircuitDelay).
			Build(),
		inFlight: bulkhead.New[any](uint(places)),
		speed:    speed{memory: c.SpeedMemory},
	}
	r.models[k] = fresh
	return fresh
}

// Model is the state of one upstream. It is safe for concurrent use.
type Model struct {
	places   int
	circuit  circuitbreaker.CircuitBreaker[any]
	inFlight bulkhead.Bulkhead[any]
	speed    speed
	window   window
	names    names

	mu       sync.Mutex
	paused   time.Time // left alone until then
	failed   string    // why it failed last; "" where it never has
	failedAt time.Time
}

// Enter takes a place for one attempt, or fails with forward.ErrSkipped or
// with ctx's cause. It waits up to wait for a place and up to pauseWait for the
// end of a pause that the model asked for. Leave must follow a success.
func (m *Model) Enter(ctx context.Context, now time.Time, wait, pauseWait time.Duration) error {
	if err := m.outwait(ctx, now, pauseWait); err != nil {
		return err
	}
	if !m.inFlight.TryAcquirePermit() {
		if wait == 0 || m.inFlight.AcquirePermitWithMaxWait(ctx, wait) != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return fmt.Errorf("%w: %d calls are in flight", forward.ErrSkipped, m.places)
		}
	}
	if !m.circuit.TryAcquirePermit() {
		m.inFlight.ReleasePermit()
		return fmt.Errorf("%w: its circuit is open for another %s", forward.ErrSkipped, m.circuit.RemainingDelay().Round(time.Millisecond))
	}
	return nil
}

// outwait waits for the end of a pause of up to wait, or fails.
func (m *Model) outwait(ctx context.Context, now time.Time, wait time.Duration) error {
	left := m.pause(now)
	if left <= 0 {
		return nil
	}
	if left > wait {
		return fmt.Errorf("%w: it asked for a pause of another %s", forward.ErrSkipped, left.Round(time.Millisecond))
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (m *Model) pause(now time.Time) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.paused.Sub(now)
}

// Rest leaves the model alone until then.
func (m *Model) Rest(until time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if until.After(m.paused) {
		m.paused = until
	}
}

// Failed remembers why the model failed last, for people to read.
func (m *Model) Failed(now time.Time, why string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failed, m.failedAt = why, now
}

// Verdict is what an attempt says about the health of its model.
type Verdict int

// The verdicts.
const (
	Unknown Verdict = iota // it says nothing
	Healthy
	Sick
)

// Leave gives the place back and books the verdict. While a circuit is tried
// again every attempt must be judged, so there an unknown one counts as sick.
func (m *Model) Leave(v Verdict) {
	m.inFlight.ReleasePermit()
	switch {
	case v == Healthy:
		m.circuit.RecordSuccess()
	case v == Sick, m.circuit.IsHalfOpen():
		m.circuit.RecordFailure()
	}
}
