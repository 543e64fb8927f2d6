// Package live measures what a running server decides by, on labelled prompts of its
// own, as often as it becomes another and no more often. What is measured is package
// eval's.
package live

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/semroute/semroute/eval"
	"github.com/semroute/semroute/internal/flight"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

var (
	// ErrNoPrompts: there is nothing to measure on.
	ErrNoPrompts = errors.New("there are no labelled prompts")
	// ErrChanging: what decides became another each time before it was measured.
	ErrChanging = errors.New("the catalog changed while it was measured")
)

// attempts is how often a measurement is begun again because what decides has become
// another meanwhile.
const attempts = 3

// Server is what is measured.
type Server interface {
	eval.Decider
	// Catalog is the one that is decided by.
	Catalog() *routes.Catalog
	// Fingerprint identifies what decides.
	Fingerprint() string
}

// Measured is a result with when it was had.
type Measured struct {
	Result *eval.Result
	Time   time.Time
}

// longest bounds a measurement, whoever waits for it.
const longest = 10 * time.Minute

// Evaluation measures. It is safe for concurrent use.
type Evaluation struct {
	server  Server
	prompts []routes.Labelled
	now     func() time.Time
	flight  *flight.Work[Measured]

	mu   sync.Mutex // protects last
	last *Measured
}

// New measures a server on prompts; now nil is time.Now. Close ends what it does beside
// calls.
func New(s Server, prompts []routes.Labelled, now func() time.Time) *Evaluation {
	if now == nil {
		now = time.Now
	}
	return &Evaluation{server: s, prompts: prompts, now: now, flight: flight.New[Measured](longest)}
}

// Prompts are those that it measures on; they are to be read only.
func (e *Evaluation) Prompts() []routes.Labelled { return e.prompts }

// Measure gives the measures of what decides now: those that it has, or new ones. All
// who want them wait for the same, and what is measured goes on when they leave, so that
// those who come again find it. Nobody learns from the decisions. It fails with
// ErrNoPrompts, ErrChanging, the error of the server or of ctx.
func (e *Evaluation) Measure(ctx context.Context) (Measured, error) {
	if len(e.prompts) == 0 {
		return Measured{}, ErrNoPrompts
	}
	if m, ok := e.known(e.server.Fingerprint()); ok {
		return m, nil
	}
	if err := ctx.Err(); err != nil {
		return Measured{}, err
	}
	m, err := e.flight.Do(ctx, e.measure)
	if errors.Is(err, flight.ErrClosed) {
		return Measured{}, context.Canceled
	}
	return m, err
}

// known are the measures that it has, if they are of what decides now.
func (e *Evaluation) known(fingerprint string) (Measured, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.last == nil || e.last.Result.Fingerprint != fingerprint {
		return Measured{}, false
	}
	return *e.last, true
}

// measure measures until what decides has stayed the same meanwhile.
func (e *Evaluation) measure(ctx context.Context) (Measured, error) {
	for range attempts {
		before := e.server.Fingerprint()
		if m, ok := e.known(before); ok {
			return m, nil
		}
		result, err := e.run(ctx)
		if err != nil {
			return Measured{}, err
		}
		if e.server.Fingerprint() == before && result.Fingerprint == before {
			m := Measured{Result: result, Time: e.now()}
			e.mu.Lock()
			e.last = &m
			e.mu.Unlock()
			return m, nil
		}
	}
	return Measured{}, ErrChanging
}

// Close ends what is measured. No call may come after it.
func (e *Evaluation) Close() { e.flight.Close() }

// run measures once. Prompts of routes that the catalog no longer has are left out, as
// routes come and go; robustness is not measured, which takes thousands of decisions.
func (e *Evaluation) run(ctx context.Context) (*eval.Result, error) {
	var known []string
	for _, r := range e.server.Catalog().Routes {
		known = append(known, r.Name)
	}
	return eval.Run(router.Unobserved(ctx), e.server, e.prompts, eval.Config{Known: known, Unknown: eval.UnknownSkipped, Seed: 1, Perturbed: -1})
}
