package attempt

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/health"
)

// attempt is one call to one model.
type attempt struct {
	call    *Call
	model   *Model
	purpose Purpose
	race    *race
	cancel  context.CancelCauseFunc
	limit   *countdown // of the attempt, without the time in which the caller takes pieces
	silence *time.Timer

	start      time.Duration // from the start of the call
	began      time.Time
	firstPiece time.Duration
	waited     time.Duration // while the caller took pieces
	pieces     int
	bytes      int64
	sinkErr    error
	tokens     tokenCount
	held       *forward.Collector
	opening    []byte // of the answer's text, to tell a refusal
	declined   bool   // in the provider's own words

	inside   bool                // it has a place at its model
	reserved forward.Reservation // nil when there is none or it is settled
	booked   bool                // it stands in the record
}

// attempt makes one attempt. A panic is a failure of it.
func (c *Call) attempt(ctx context.Context, m *Model, purpose Purpose, race *race, patient bool) (*Answer, error) {
	if purpose != ForScore && !c.use() {
		return nil, ErrNoneLeft
	}
	a := &attempt{call: c, model: m, purpose: purpose, race: race, tokens: tokenCount{count: c.maker.Tokens.CountTokens}}
	defer a.release()
	var got *Answer
	err := c.maker.guard(func() (err error) {
		got, err = a.enter(ctx, patient)
		return err
	})
	if errors.Is(err, forward.ErrInternal) && !a.booked {
		return nil, a.notMade(forward.Status(forward.Crashed), err)
	}
	return got, err
}

// enter takes what the attempt needs, and makes it.
func (a *attempt) enter(ctx context.Context, patient bool) (*Answer, error) {
	config := &a.call.maker.Config
	var wait, pauseWait time.Duration
	if patient {
		wait, pauseWait = config.QueueWait, config.MaxRetryAfter
	}
	if err := a.model.Health.Enter(ctx, a.call.maker.Now(), wait, pauseWait); err != nil {
		return nil, a.notMade(skipStatus(err), err)
	}
	a.inside = true
	var err error
	if a.reserved, err = a.call.reserve(ctx, a.model); err != nil {
		return nil, a.notMade(forward.OverBudget, err)
	}
	a.start, a.began = a.call.Elapsed(), a.call.maker.Now()
	end, err := a.stream(ctx)
	return a.book(&end, a.explain(ctx, err))
}

// notMade records an attempt that was not made; it uses none up.
//
//go:noinline
func (a *attempt) notMade(why forward.Status, err error) error {
	if a.purpose != ForScore {
		a.call.giveBack()
	}
	a.call.record(forward.Attempt{
		Model: a.model.Name, Status: why, Error: forward.OneLine(err), Start: a.call.Elapsed(), Judge: a.purpose == ForScore,
	})
	return fmt.Errorf("model %q: %w", a.model.Name, err)
}

// release gives back the place and the reservation where a failure or a panic
// has left them taken.
func (a *attempt) release() {
	if a.inside {
		a.leave(health.Unknown)
	}
	if a.reserved != nil {
		a.settle(0, 0)
	}
}

func (a *attempt) leave(v health.Verdict) {
	a.inside = false
	a.model.Health.Leave(v)
}

func (a *attempt) settle(cost, tokens int64) {
	reserved := a.reserved
	a.reserved = nil
	reserved.Settle(cost, tokens)
}
