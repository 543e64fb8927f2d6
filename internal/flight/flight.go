// Package flight has long work done once for all who wait for it, and lets it go on when
// they leave. To keep what it made is its users' affair.
package flight

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// ErrClosed: Close was called before the work began.
var ErrClosed = errors.New("what does this work has ended")

// Work is done once at a time. It is safe for concurrent use.
type Work[T any] struct {
	longest time.Duration
	flight  singleflight.Group

	mu     sync.Mutex         // protects the fields below
	end    context.CancelFunc // of what was begun last; nil before
	closed bool
	doing  sync.WaitGroup
}

// New makes work that takes so long at most, whoever waits for it. Close ends it.
func New[T any](longest time.Duration) *Work[T] { return &Work[T]{longest: longest} }

// Do does the work, or waits for it where it is done already: that goes on when those
// leave who wait for it, so that those who come again may find what it made. It has the
// values of the first caller's context, and not its end. Do fails with ErrClosed, the
// error of the work or of ctx.
func (w *Work[T]) Do(ctx context.Context, do func(context.Context) (T, error)) (T, error) {
	select {
	case got := <-w.flight.DoChan("", func() (any, error) { return w.do(ctx, do) }):
		made, _ := got.Val.(T)
		return made, got.Err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

func (w *Work[T]) do(ctx context.Context, do func(context.Context) (T, error)) (T, error) {
	ctx, end := context.WithTimeout(context.WithoutCancel(ctx), w.longest)
	defer end()
	if !w.begin(end) {
		var none T
		return none, ErrClosed
	}
	defer w.doing.Done()
	return do(ctx)
}

// begin counts what is done, unless Close was called.
func (w *Work[T]) begin(end context.CancelFunc) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	w.end = end
	w.doing.Add(1)
	return true
}

// Close ends what is done and waits until it has ended. No work begins after it.
func (w *Work[T]) Close() {
	w.mu.Lock()
	w.closed = true
	if w.end != nil {
		w.end()
	}
	w.mu.Unlock()
	w.doing.Wait()
}
