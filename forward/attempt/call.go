package attempt

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/routes"
)

// Rules are what a route says about the attempts of its calls; zero values
// leave it to the maker's configuration.
type Rules struct {
	MaxAttempts int
	Timeouts    routes.Timeouts
	// HedgeAfter starts a second attempt when the first is silent so long; 0
	// means never.
	HedgeAfter time.Duration
	// LogProbs asks for log-probabilities with answers that are held for checks.
	LogProbs bool
}

// Purpose is what the answer of an attempt is for.
type Purpose int

// The purposes.
const (
	ForCaller Purpose = iota // its pieces go to the caller as they come
	ForChecks                // it is held until it is accepted
	ForScore                 // it is held, and scores another model's answer
)

// Answer is a complete answer of one attempt.
type Answer struct {
	Model  *Model
	Finish forward.Finish
	// StopText is that of forward.End.
	StopText string
	Usage    forward.Usage
	// Attempt is its number in the record.
	Attempt int
	// Held is the whole answer, nil for one that went to the caller.
	Held *forward.Collector
}

// Call is what all attempts of one call share. Its methods may be used by
// several goroutines, Within but once.
type Call struct {
	maker    *Maker
	asked    *forward.Call
	rules    Rules
	delivery *delivery
	total    *countdown // of the whole call, without the time in which the caller takes pieces
	started  time.Time
	tokens   func() int64 // of the prompt, counted once when first needed

	mu         sync.Mutex // protects the fields below
	attempts   []forward.Attempt
	left       int  // attempts that may still be made
	begun      bool // a piece has reached the caller
	firstPiece time.Duration
}

// Call begins a call whose answer goes to sink.
func (m *Maker) Call(asked *forward.Call, rules Rules, sink forward.Sink) *Call {
	c := &Call{maker: m, asked: asked, rules: rules, started: m.Now(), left: rules.MaxAttempts}
	if c.left <= 0 {
		c.left = m.Config.MaxAttempts
	}
	c.delivery = newDelivery(sink, m.Config.SendTimeout, c.limit(), m.guard)
	c.tokens = sync.OnceValue(func() int64 { return forward.CountPrompt(m.Tokens, asked.Request) })
	return c
}

// Within runs do within the call's total time. What it fails with is one of
// package forward's errors, or ctx's.
func (c *Call) Within(ctx context.Context, do func(context.Context) (*Answer, error)) (*Answer, error) {
	bounded, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	c.total = startCountdown(c.limit(), func() { cancel(errTotal) })
	defer c.total.stop()
	var got *Answer
	err := c.maker.guard(func() (err error) {
		got, err = do(bounded)
		return err
	})
	switch cause := context.Cause(ctx); {
	case err == nil:
		return got, nil
	case cause != nil:
		return nil, cause
	case over(bounded) && !errors.Is(err, forward.ErrUpstream) && !errors.Is(err, ErrSink):
		return nil, &forward.UpstreamError{Class: forward.Timeout, Message: errTotal.Error() + ": " + forward.OneLine(err), Err: errTotal}
	}
	return nil, err
}

// limit is how long the call may take.
func (c *Call) limit() time.Duration {
	if limit := c.rules.Timeouts.Total; limit > 0 {
		return limit
	}
	return c.maker.Config.TotalTimeout
}

// over says whether the caller has gone, or the call's time is up.
func over(ctx context.Context) bool { return ctx.Err() != nil }

// Deliver hands a piece to the caller. The call's time stands still meanwhile.
// Its error is an ErrSink.
func (c *Call) Deliver(p forward.Piece) error {
	c.begin()
	c.total.pause()
	defer c.total.resume()
	return c.delivery.send(p)
}

func (c *Call) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.begun {
		c.begun, c.firstPiece = true, c.Elapsed()
	}
}

// Aside asks a model for a score, within the call's time and with its record,
// but not as one of its attempts.
func (c *Call) Aside(ctx context.Context, m *Model, req forward.Request) (*Answer, error) {
	asked := &forward.Call{Decision: c.asked.Decision, Route: c.asked.Route, Request: req, User: c.asked.User, Team: c.asked.Team}
	aside := c.maker.Call(asked, Rules{Timeouts: c.rules.Timeouts}, nil)
	aside.started = c.started
	got, err := aside.Ask(ctx, m, nil, ForScore, 0)
	for _, a := range aside.attempts {
		c.record(a)
	}
	return got, err
}
