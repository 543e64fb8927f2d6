package forward

import (
	"context"
	"errors"
	"sync"
	"time"
)

// hedge starts a second attempt when the first is silent for too long. The
// first of them that brings a piece wins; the other is cancelled. Both have
// ended when hedge returns.
func (r *run) hedge(ctx context.Context, m, spare *model, to target, g *gate, last bool) (*shot, error) {
	type outcome struct {
		got *shot
		err error
	}
	second := make(chan outcome, 1)
	timer := time.AfterFunc(r.policy.HedgeAfter, func() {
		if g.decided() {
			second <- outcome{err: errLost}
			return
		}
		got, err := r.once(ctx, spare, to, g, false)
		second <- outcome{got: got, err: err}
	})
	got, err := r.once(ctx, m, to, g, last)
	if timer.Stop() {
		return got, err
	}
	other := <-second
	switch {
	case err == nil:
		return got, nil
	case other.err == nil:
		return other.got, nil
	case errors.Is(err, errLost), errors.Is(other.err, ErrInterrupted): // the other one had begun to answer
		return nil, other.err
	}
	return nil, err
}

// gate lets one of several attempts through to the caller.
type gate struct {
	mu     sync.Mutex // protects the fields below
	joined []*attempt
	winner *attempt
}

// join enters an attempt; false when another has won already.
func (g *gate) join(a *attempt) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.joined = append(g.joined, a)
	return g.winner == nil
}

// claim makes the attempt the winner if there is none, and cancels the others.
func (g *gate) claim(a *attempt) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.winner != nil {
		return g.winner == a
	}
	g.winner = a
	for _, other := range g.joined {
		if other != a {
			other.cancel(errLost)
		}
	}
	return true
}

func (g *gate) decided() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.winner != nil
}

// hedged says whether the attempt was not the first at the gate.
func (g *gate) hedged(a *attempt) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.joined) > 0 && g.joined[0] != a
}
