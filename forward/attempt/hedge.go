package attempt

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/semroute/semroute/forward"
)

// hedge starts a second attempt when the first is silent for too long. The
// first of them that brings a piece wins; the other is cancelled. Both have
// ended when hedge returns.
func (c *Call) hedge(ctx context.Context, m, spare *Model, purpose Purpose, last bool) (*Answer, error) {
	type outcome struct {
		got *Answer
		err error
	}
	race := &race{}
	second := make(chan outcome, 1)
	timer := time.AfterFunc(c.rules.HedgeAfter, func() {
		if race.decided() {
			second <- outcome{err: errLost}
			return
		}
		got, err := c.attempt(ctx, spare, purpose, race, false)
		second <- outcome{got: got, err: err}
	})
	got, err := c.attempt(ctx, m, purpose, race, last)
	if timer.Stop() {
		return got, err
	}
	other := <-second
	switch {
	case err == nil:
		return got, nil
	case other.err == nil:
		return other.got, nil
	case errors.Is(err, errLost), errors.Is(other.err, forward.ErrInterrupted): // the other one had begun to answer
		return nil, other.err
	}
	return nil, err
}

// race lets one of several attempts through to the caller.
type race struct {
	mu      sync.Mutex // protects the fields below
	runners []*attempt
	winner  *attempt
}

// join enters an attempt; false when another has won already.
func (r *race) join(a *attempt) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.runners = append(r.runners, a)
	return r.winner == nil
}

// win makes the attempt the winner if there is none, and cancels the others.
func (r *race) win(a *attempt) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.winner != nil {
		return r.winner == a
	}
	r.winner = a
	for _, other := range r.runners {
		if other != a {
			other.cancel(errLost)
		}
	}
	return true
}

func (r *race) decided() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.winner != nil
}

// second says whether the attempt was not the first to run.
func (r *race) second(a *attempt) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.runners) > 0 && r.runners[0] != a
}
