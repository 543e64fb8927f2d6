// Package admission lets in only as many decisions at once as the machine can
// make without making all of them late. It promises that under overload those
// that are let in take about as long as ever, that the others are told soon and
// when to ask again, and that single decisions are let in before batches, and
// these before decisions whose calls are to be made.
//
// How many that is it finds out by itself: failsafe-go's adaptive limiter watches
// how long decisions take. Nothing here knows how they are made.
package admission

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/failsafe-go/failsafe-go/adaptivelimiter"
	"github.com/failsafe-go/failsafe-go/priority"

	"github.com/semroute/semroute/router"
)

// ErrOverloaded: there is more to decide than can be; see *OverloadedError.
var ErrOverloaded = errors.New("the server has more to do than it can")

// OverloadedError says when to ask again.
type OverloadedError struct{ RetryAfter time.Duration }

func (e *OverloadedError) Error() string {
	return fmt.Sprintf("%v: ask again in %s", ErrOverloaded, e.RetryAfter.Round(time.Millisecond))
}

// Unwrap makes it an ErrOverloaded.
func (e *OverloadedError) Unwrap() error { return ErrOverloaded }

// Class is what a decision is for. The higher ones are let in first.
type Class uint8

// The classes.
const (
	Single  Class = iota // a decision that somebody waits for
	Batch                // many at once
	Forward              // the first of what a call to a model takes
)

type classKey struct{}

// With is a context whose decisions are of a class; without one they are single.
func With(ctx context.Context, c Class) context.Context {
	return context.WithValue(ctx, classKey{}, c)
}

func priorityOf(ctx context.Context) priority.Priority {
	switch class, _ := ctx.Value(classKey{}).(Class); class {
	case Batch:
		return priority.Medium
	case Forward:
		return priority.Low
	}
	return priority.High
}

// Decider decides; *engine.Engine is one.
type Decider interface {
	Decide(ctx context.Context, p router.Prompt, limits router.Limits) (router.Decision, error)
	DecideBatch(ctx context.Context, prompts []router.Prompt, limits router.Limits) ([]router.Decision, error)
}

const (
	// least and most bound how many decisions are made at once, for each processor:
	// an embedder of another machine wants many under way. It begins with the least.
	least, most = 4, 1024
	// As many as queueFrom times the limit may wait before some are refused, and as
	// many as queueTo times before all are: callers that each wait for their answer
	// are no overload.
	queueFrom, queueTo = 16, 32
	// longestWait is what under overload is added to the time of a decision.
	longestWait = 100 * time.Millisecond
	// calibrateEvery is how often it is looked at who must wait for whom.
	calibrateEvery = 100 * time.Millisecond
	// soonest and latest bound what the refused are told, at random in between, so
	// that they do not come back together.
	soonest, latest = 50 * time.Millisecond, 500 * time.Millisecond
	// smoothing is how much a decision counts in the time that they take.
	smoothing = 16
	// forgetting is how slowly that is forgotten with calls that are turned away.
	forgetting = 64
)

// Gate lets decisions in. It is safe for concurrent use.
type Gate struct {
	decider     Decider
	limiter     adaptivelimiter.PriorityLimiter[any]
	prioritizer priority.Prioritizer
	usual       atomic.Int64 // nanoseconds that a single decision takes
}

// New is a gate before a decider. Run must run for classes to count.
func New(decider Decider) *Gate {
	processors := uint(runtime.GOMAXPROCS(0))
	prioritizer := adaptivelimiter.NewPrioritizer()
	return &Gate{decider: decider, prioritizer: prioritizer, limiter: adaptivelimiter.NewBuilder[any]().
		WithLimits(least*processors, most*processors, least*processors).
		WithQueueing(queueFrom, queueTo).WithMaxWaitTime(longestWait).
		WithRecentWindow(200*time.Millisecond, time.Second, 50).
		BuildPrioritized(prioritizer)}
}

// Run looks at the queue until ctx ends.
func (g *Gate) Run(ctx context.Context) {
	defer g.prioritizer.ScheduleCalibrations(ctx, calibrateEvery)()
	<-ctx.Done()
}

// Limit is how many decisions may be made at once now, Queued how many wait.
func (g *Gate) Limit() int { return g.limiter.Limit() }

// Queued implements what Limit says.
func (g *Gate) Queued() int { return g.limiter.Queued() }

// Decide decides one prompt once it is let in. It fails with an *OverloadedError
// where it is not, and with the context's error where its time is over or would
// be before there is a decision.
func (g *Gate) Decide(ctx context.Context, p router.Prompt, limits router.Limits) (router.Decision, error) {
	permit, err := g.enter(ctx)
	if err != nil {
		return router.Decision{}, err
	}
	start := time.Now()
	telling := false
	defer func() { leave(permit, telling) }()
	d, err := g.decider.Decide(ctx, p, limits)
	// A decision that was not in time tells of the load as well.
	telling = err == nil || errors.Is(ctx.Err(), context.DeadlineExceeded)
	if err == nil {
		took := int64(time.Since(start))
		before := g.usual.Load()
		g.usual.Store(before + (took-before)/smoothing)
	}
	return d, err
}

// DecideBatch decides many, as Decide does one.
func (g *Gate) DecideBatch(ctx context.Context, prompts []router.Prompt, limits router.Limits) ([]router.Decision, error) {
	permit, err := g.enter(ctx)
	if err != nil {
		return nil, err
	}
	// How long a batch takes says how large it is, and nothing of the load.
	defer permit.Drop()
	return g.decider.DecideBatch(ctx, prompts, limits)
}

// leave gives a permit back. How long other failures took says nothing of the load.
func leave(permit adaptivelimiter.Permit, telling bool) {
	if telling {
		permit.Record()
	} else {
		permit.Drop()
	}
}

func (g *Gate) enter(ctx context.Context) (adaptivelimiter.Permit, error) {
	if err := g.late(ctx); err != nil {
		return nil, err
	}
	permit, err := g.limiter.AcquirePermitWithMaxWait(priority.ContextWithPriority(ctx, priorityOf(ctx)), longestWait)
	switch {
	case errors.Is(err, adaptivelimiter.ErrExceeded):
		return nil, &OverloadedError{RetryAfter: soonest + rand.N(latest-soonest)}
	case err != nil:
		return nil, err
	}
	if err := g.late(ctx); err != nil { // it has waited
		permit.Drop()
		return nil, err
	}
	return permit, nil
}

// late is the error of a call that will not have its decision in time.
func (g *Gate) late(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	usual := g.usual.Load()
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < time.Duration(usual) {
		// What once took long may be quick again, which nobody would find out if all
		// were turned away.
		g.usual.CompareAndSwap(usual, usual-usual/forgetting)
		return fmt.Errorf("%w: the time that is left is less than a decision takes", context.DeadlineExceeded)
	}
	return nil
}
