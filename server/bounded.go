package server

import (
	"context"
	"sync"
	"time"
)

// bounded is a context with a deadline whose timer starts when somebody first
// waits for it: most decisions are done long before anybody would, and a timer
// started and stopped costs as much as a search.
type bounded struct {
	context.Context // the caller's
	deadline        time.Time

	mu    sync.Mutex // protects the fields below
	timed context.Context
	stop  context.CancelFunc
	done  bool
}

// boundedBy bounds a context that has no deadline. The caller must cancel it.
func boundedBy(parent context.Context, limit time.Duration) *bounded {
	return &bounded{Context: parent, deadline: time.Now().Add(limit)}
}

// Deadline implements context.Context.
func (b *bounded) Deadline() (time.Time, bool) { return b.deadline, true }

// Done implements context.Context. It starts the timer.
func (b *bounded) Done() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.timed == nil {
		b.timed, b.stop = context.WithDeadline(b.Context, b.deadline)
		if b.done {
			b.stop()
		}
	}
	return b.timed.Done()
}

// Err implements context.Context.
func (b *bounded) Err() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.timed != nil:
		return b.timed.Err()
	case b.Context.Err() != nil:
		return b.Context.Err()
	case b.done:
		return context.Canceled
	case !time.Now().Before(b.deadline):
		// The same answer whether or not somebody waits.
		b.timed, b.stop = context.WithDeadline(b.Context, b.deadline)
		return b.timed.Err()
	}
	return nil
}

// cancel ends the context and frees its timer.
func (b *bounded) cancel() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done = true
	if b.stop != nil {
		b.stop()
	}
}
