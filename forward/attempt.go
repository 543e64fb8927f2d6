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
	idle   *time.Timer

	began   time.Time
	firstIn time.Duration
	pieces  int
	bytes   int64
	sinkErr error
	tally   tally
	held    *Collector
}

// once makes one attempt. patient says that the model is the last resort, so
// that waiting for a place is better than failing.
func (r *run) once(ctx context.Context, m *model, to target, g *gate, patient bool) (*shot, error) {
	if !to.judge && !r.take() {
		return nil, errAttempts
	}
	var wait, pauseWait time.Duration
	if patient {
		wait, pauseWait = r.config.QueueWait, r.config.MaxRetryAfter
	}
	if err := m.health.enter(ctx, r.now, wait, pauseWait); err != nil {
		return nil, r.notMade(m, to, skipStatus(err), err)
	}
	a := &attempt{run: r, model: m, to: to, gate: g, tally: tally{count: r.deps.Tokens.CountTokens}}
	reserved, err := r.reserve(ctx, m)
	if err != nil {
		m.health.leave(unknown)
		return nil, r.notMade(m, to, OverBudget, err)
	}
	return a.make(ctx, reserved)
}

// make runs the attempt and books what came of it.
func (a *attempt) make(ctx context.Context, reserved Reservation) (*shot, error) {
	start := a.since()
	a.began = a.now()
	end, err := a.stream(ctx)
	err = a.explain(ctx, err)
	return a.book(start, &end, err, reserved)
}

// book writes the attempt down, and what it says about its model.
//
//go:noinline
func (a *attempt) book(start time.Duration, end *End, err error, reserved Reservation) (*shot, error) {
	took := a.now().Sub(a.began)
	a.model.health.leave(a.verdict(err))
	a.pauseFor(err)
	if err == nil && !a.to.judge {
		a.model.health.speed.observe(a.now(), a.firstIn, took, a.pieces)
	}
	note := Attempt{
		Model: a.model.Name, Status: status(err), Error: oneLine(err), Start: start, Latency: took,
		FirstPiece: a.firstIn, Pieces: a.pieces, Hedge: a.gate.hedged(a), Judge: a.to.judge,
	}
	a.price(&note, end.Usage, err)
	reserved.Settle(note.Cost, note.Usage.Total())
	number := a.note(note)
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
	limit := time.AfterFunc(a.limit(), func() { a.cancel(errAttempt) })
	defer limit.Stop()
	a.idle = time.AfterFunc(a.config.FirstPieceTimeout, func() { a.cancel(errSilent) })
	defer a.idle.Stop()
	end, err := a.model.provider.Stream(ctx, *a.request(), a.receive)
	if err == nil && !a.gate.claim(a) {
		err = errLost // an empty answer must not win over one that has begun
	}
	if cause := context.Cause(ctx); err != nil && cause != nil && a.sinkErr == nil {
		err = cause
	}
	return end, err
}

// limit is how long the attempt may take.
func (a *attempt) limit() time.Duration {
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
	if err := a.deliver(p); err != nil {
		a.sinkErr = err
		return err
	}
	return nil
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
	case errors.Is(err, errLarge):
		err = fail(TooLarge, err)
	case errors.As(err, &upstream):
		named := *upstream
		named.Model = a.model.Name
		err = &named
	case errors.Is(err, ErrUnsupported):
		return wrapModel(a.model.Name, err)
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
	case err == nil:
		return healthy
	case errors.As(err, &upstream):
		switch {
		case upstream.sick(), upstream.Class == Auth, upstream.Class == NotFound:
			return sick
		case upstream.Class == RateLimited:
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
	if errors.As(err, &upstream) && upstream.RetryAfter > 0 {
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
