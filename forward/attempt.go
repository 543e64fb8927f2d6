package forward

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Why an attempt is cut short.
var (
	errTotal    = errors.New("the call took too long")
	errAttempt  = errors.New("the attempt took too long")
	errSilent   = errors.New("no piece came in time")
	errLost     = errors.New("another attempt answered first")
	errSink     = errors.New("the caller took no more")
	errAttempts = errors.New("no attempt is left")
	errLarge    = errors.New("the answer is larger than allowed")
)

// attempt is one call to one model.
type attempt struct {
	*run
	model  *model
	to     target
	gate   *gate
	cancel context.CancelCauseFunc
	limit  *countdown
	idle   *time.Timer

	began    time.Time
	firstIn  time.Duration
	waited   time.Duration // while the caller took pieces
	pieces   int
	bytes    int64
	sinkErr  error
	tally    tally
	held     *Collector
	reserved Reservation // nil when it is settled
	inside   bool        // it has a place at its model
	booked   bool        // it stands in the record
}

// once makes one attempt. patient says that the model is the last resort, so
// that waiting for a place is better than failing. A panic is a failure of the
// attempt.
func (r *run) once(ctx context.Context, m *model, to target, g *gate, patient bool) (*shot, error) {
	if !to.judge && !r.take() {
		return nil, errAttempts
	}
	a := &attempt{run: r, model: m, to: to, gate: g, tally: tally{count: r.deps.Tokens.CountTokens}}
	defer a.release()
	var got *shot
	err := r.guard(func() (err error) {
		got, err = a.enterAndMake(ctx, patient)
		return err
	})
	if errors.Is(err, ErrInternal) && !a.booked {
		return nil, r.notMade(m, to, Status(Crashed), err)
	}
	return got, err
}

func (a *attempt) enterAndMake(ctx context.Context, patient bool) (*shot, error) {
	var wait, pauseWait time.Duration
	if patient {
		wait, pauseWait = a.config.QueueWait, a.config.MaxRetryAfter
	}
	if err := a.model.health.enter(ctx, a.now, wait, pauseWait); err != nil {
		return nil, a.notMade(a.model, a.to, skipStatus(err), err)
	}
	a.inside = true
	var err error
	if a.reserved, err = a.reserve(ctx, a.model); err != nil {
		return nil, a.notMade(a.model, a.to, OverBudget, err)
	}
	return a.make(ctx)
}

// release gives back the place and the reservation where a failure or a panic
// has left them taken.
func (a *attempt) release() {
	if a.inside {
		a.leave(unknown)
	}
	if a.reserved != nil {
		a.settle(0, 0)
	}
}

func (a *attempt) leave(v verdict) {
	a.inside = false
	a.model.health.leave(v)
}

func (a *attempt) settle(cost, tokens int64) {
	reserved := a.reserved
	a.reserved = nil
	reserved.Settle(cost, tokens)
}

// make runs the attempt and books what came of it.
func (a *attempt) make(ctx context.Context) (*shot, error) {
	start := a.since()
	a.began = a.now()
	end, err := a.stream(ctx)
	err = a.explain(ctx, err)
	return a.book(start, &end, err)
}

// book writes the attempt down, and what it says about its model. The time in
// which the caller took pieces is not the model's.
//
//go:noinline
func (a *attempt) book(start time.Duration, end *End, err error) (*shot, error) {
	took := a.now().Sub(a.began) - a.waited
	a.leave(a.verdict(err))
	a.pauseFor(err)
	if err == nil && !a.to.judge {
		a.model.health.speed.observe(a.now(), a.firstIn, took, a.pieces)
	}
	note := Attempt{
		Model: a.model.Name, Status: status(err), Error: oneLine(err), Start: start, Latency: took,
		FirstPiece: a.firstIn, Pieces: a.pieces, Hedge: a.gate.hedged(a), Judge: a.to.judge,
	}
	a.price(&note, end.Usage, err)
	a.settle(note.Cost, note.Usage.Total())
	number := a.note(note)
	a.booked = true
	if err != nil {
		return nil, err
	}
	end.Usage = note.Usage
	return &shot{model: a.model, end: *end, attempt: number, held: a.held}, nil
}

// stream makes the call under the attempt's deadlines.
func (a *attempt) stream(ctx context.Context) (End, error) {
	ctx, a.cancel = context.WithCancelCause(ctx)
	defer a.cancel(nil)
	if !a.gate.join(a) {
		return End{}, errLost
	}
	if a.to.held {
		a.held = &Collector{}
	}
	a.limit = startCountdown(a.timeout(), func() { a.cancel(errAttempt) })
	defer a.limit.stop()
	a.idle = time.AfterFunc(a.config.FirstPieceTimeout, func() { a.cancel(errSilent) })
	defer a.idle.Stop()
	var end End
	err := a.guard(func() (err error) {
		end, err = a.model.provider.Stream(ctx, *a.request(), a.receive)
		return err
	})
	if err == nil && !a.gate.claim(a) {
		err = errLost // an empty answer must not win over one that has begun
	}
	if cause := context.Cause(ctx); err != nil && cause != nil && a.sinkErr == nil && !errors.Is(err, ErrInternal) {
		err = cause
	}
	return end, err
}

// timeout is how long the attempt may take.
func (a *attempt) timeout() time.Duration {
	limit := a.model.Timeout
	if limit <= 0 {
		limit = a.policy.Timeouts.Attempt
	}
	duration(&limit, a.config.AttemptTimeout)
	return limit
}

// request is what is sent: log-probabilities are asked for where a check
// needs them.
func (a *attempt) request() *Request {
	if !a.to.held || !a.policy.needsLogProbs() {
		return &a.call.Request
	}
	req := a.call.Request
	req.LogProbs = true
	return &req
}

// receive is what the provider emits into.
func (a *attempt) receive(p Piece) error {
	if !a.idle.Stop() {
		return errSilent
	}
	defer a.idle.Reset(a.config.IdleTimeout)
	if p.empty() {
		return nil
	}
	if a.pieces == 0 {
		if !a.gate.claim(a) {
			return errLost
		}
		a.firstIn = a.now().Sub(a.began)
	}
	a.pieces++
	a.bytes += p.size()
	if a.bytes > a.config.MaxAnswerBytes {
		return errLarge
	}
	a.tally.add(p)
	return a.pass(p)
}

// pass hands the piece on, to the hold or to the caller.
func (a *attempt) pass(p Piece) error {
	if a.held != nil {
		return a.held.Add(p)
	}
	began := a.now()
	a.limit.pause()
	a.sinkErr = a.deliver(p)
	a.limit.resume()
	a.waited += a.now().Sub(began)
	return a.sinkErr
}

func (p Piece) size() int64 {
	n := len(p.Text) + len(p.Reasoning) + len(p.Refusal)
	if p.Tool != nil {
		n += len(p.Tool.ID) + len(p.Tool.Name) + len(p.Tool.Arguments)
	}
	return int64(n)
}

// explain turns what ended an attempt into one of the package's errors.
func (a *attempt) explain(ctx context.Context, err error) error {
	var upstream *UpstreamError
	fail := func(c Class, why error) error {
		return &UpstreamError{Model: a.model.Name, Class: c, Message: why.Error(), Err: why}
	}
	switch {
	case err == nil:
		return nil
	case a.sinkErr != nil:
		return fmt.Errorf("%w: %w", errSink, a.sinkErr)
	case errors.Is(err, errLost):
		return errLost
	case errors.Is(err, errSilent), errors.Is(err, errAttempt), errors.Is(err, errTotal):
		err = fail(Timeout, err)
	case over(ctx):
		err = context.Cause(ctx)
	case errors.Is(err, ErrInternal):
		err = &UpstreamError{Model: a.model.Name, Class: Crashed, Message: "the call to it panicked", Err: err}
	case errors.Is(err, errLarge):
		err = fail(TooLarge, err)
	case errors.As(err, &upstream):
		named := *upstream
		named.Model = a.model.Name
		err = &named
	case errors.Is(err, ErrUnsupported):
		err = wrapModel(a.model.Name, err)
	default:
		err = fail(Garbage, err)
	}
	if a.pieces > 0 && a.held == nil {
		return fmt.Errorf("%w: %w", ErrInterrupted, err)
	}
	return err
}

// verdict is what the attempt says about the health of its model.
func (a *attempt) verdict(err error) verdict {
	var upstream *UpstreamError
	switch {
	case err == nil, a.sinkErr != nil:
		return healthy
	case errors.As(err, &upstream):
		switch upstream.Class {
		case ServerError, Timeout, Garbage, Reset, Unreachable, Auth, NotFound, OutOfCredit:
			return sick
		case RateLimited, Crashed:
			return unknown
		}
		return healthy
	case a.pieces > 0:
		return healthy
	}
	return unknown
}

// pauseFor leaves the model alone as long as it asked for.
func (a *attempt) pauseFor(err error) {
	var upstream *UpstreamError
	if errors.As(err, &upstream) && upstream.RetryAfter > 0 && upstream.pauses() {
		a.model.health.rest(a.now().Add(min(upstream.RetryAfter, maxPause)))
	}
}

// maxPause bounds how long an upstream can ask to be left alone.
const maxPause = 5 * time.Minute

// notMade writes down an attempt that was not made; it uses none up.
//
//go:noinline
func (r *run) notMade(m *model, to target, why Status, err error) error {
	if !to.judge {
		r.mu.Lock()
		r.left++
		r.mu.Unlock()
	}
	r.note(Attempt{Model: m.Name, Status: why, Error: oneLine(err), Start: r.since()})
	return wrapModel(m.Name, err)
}
