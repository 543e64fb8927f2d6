package forward

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go/bulkhead"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"

	"github.com/semroute/semroute/routes"
)

// Health is what is known about the upstreams: open circuits, pauses they
// asked for, calls in flight, observed speed. It outlives a change of the
// catalog: the same model at the same address keeps its state. It is safe for
// concurrent use.
type Health struct {
	mu     sync.Mutex
	models map[healthKey]*modelHealth
}

// healthKey is what makes two catalog models the same upstream.
type healthKey struct {
	name     string
	provider routes.Provider
	model    string
	baseURL  string
}

// NewHealth knows nothing yet.
func NewHealth() *Health { return &Health{models: map[healthKey]*modelHealth{}} }

// of gives the state of a model, a new one when the model was never seen or
// its limits have changed.
func (h *Health) of(m routes.Model, c Config) *modelHealth {
	key := healthKey{name: m.Name, provider: m.Provider, model: m.Model, baseURL: m.BaseURL}
	places := m.MaxConcurrent
	if places <= 0 {
		places = c.MaxConcurrent
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if known, ok := h.models[key]; ok && known.places == places {
		return known
	}
	fresh := &modelHealth{
		name:   m.Name,
		places: places,
		circuit: circuitbreaker.NewBuilder[any]().
			WithFailureThresholdRatio(c.CircuitFailures, c.CircuitWindow).
			WithSuccessThreshold(1).
			WithDelay(c.CircuitDelay).
			Build(),
		inFlight: bulkhead.New[any](uint(places)),
		speed:    speed{memory: c.SpeedMemory},
	}
	h.models[key] = fresh
	return fresh
}

// modelHealth is the state of one upstream.
type modelHealth struct {
	name     string
	places   int
	circuit  circuitbreaker.CircuitBreaker[any]
	inFlight bulkhead.Bulkhead[any]
	speed    speed

	mu     sync.Mutex
	paused time.Time // left alone until then
}

// enter takes a place for one attempt, or fails with ErrSkipped. A patient
// caller waits for a place and for the end of a pause, up to wait each; others
// do not wait. leave must follow a success.
func (h *modelHealth) enter(ctx context.Context, now func() time.Time, wait, pauseWait time.Duration) error {
	if err := h.pass(ctx, now, pauseWait); err != nil {
		return err
	}
	if !h.inFlight.TryAcquirePermit() {
		if wait == 0 || h.inFlight.AcquirePermitWithMaxWait(ctx, wait) != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return fmt.Errorf("%w: %d calls are in flight", ErrSkipped, h.places)
		}
	}
	if !h.circuit.TryAcquirePermit() {
		h.inFlight.ReleasePermit()
		return fmt.Errorf("%w: its circuit is open for another %s", ErrSkipped, h.circuit.RemainingDelay().Round(time.Millisecond))
	}
	return nil
}

// pass waits for the end of a pause of up to wait, or fails.
func (h *modelHealth) pass(ctx context.Context, now func() time.Time, wait time.Duration) error {
	left := h.pause(now())
	if left <= 0 {
		return nil
	}
	if left > wait {
		return fmt.Errorf("%w: it asked for a pause of another %s", ErrSkipped, left.Round(time.Millisecond))
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

func (h *modelHealth) pause(now time.Time) time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.paused.Sub(now)
}

// verdict is what an attempt says about the health of its model.
type verdict int

const (
	unknown verdict = iota // cut short by us: says nothing
	healthy
	sick
)

// leave gives the place back and books the verdict. While a circuit is tried
// again every attempt must be judged, so there an unknown one counts as sick.
func (h *modelHealth) leave(v verdict) {
	h.inFlight.ReleasePermit()
	switch {
	case v == healthy:
		h.circuit.RecordSuccess()
	case v == sick, h.circuit.IsHalfOpen():
		h.circuit.RecordFailure()
	}
}

// rest leaves the model alone until then.
func (h *modelHealth) rest(until time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if until.After(h.paused) {
		h.paused = until
	}
}

// speed is the observed speed of a model, as moving averages.
type speed struct {
	memory time.Duration

	mu       sync.Mutex
	seen     time.Time
	first    float64 // seconds to the first piece
	perPiece float64 // seconds from one piece to the next, 0 when never seen
}

const (
	// speedWeight is the share of the newest observation.
	speedWeight = 0.2
	// typicalPieces is the answer length that speeds are compared at.
	typicalPieces = 100
)

// observe books an answer of some pieces whose first came after first and all
// of which took total.
func (s *speed) observe(now time.Time, first, total time.Duration, pieces int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fresh := s.seen.IsZero() || now.Sub(s.seen) > s.memory
	s.seen = now
	s.first = average(s.first, first.Seconds(), fresh)
	if pieces > 1 {
		s.perPiece = average(s.perPiece, (total-first).Seconds()/float64(pieces-1), fresh || s.perPiece == 0)
	}
}

func average(old, latest float64, fresh bool) float64 {
	if fresh {
		return latest
	}
	return old + speedWeight*(latest-old)
}

// expected is how many seconds a typical answer takes; 0 when nothing recent
// is known, so that the model is tried.
func (s *speed) expected(now time.Time) float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen.IsZero() || now.Sub(s.seen) > s.memory {
		return 0
	}
	return s.first + typicalPieces*s.perPiece
}
