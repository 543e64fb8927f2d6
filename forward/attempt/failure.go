package attempt

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/health"
)

// Why an attempt is not made, or cut short.
var (
	// ErrNoneLeft: the call has used up its attempts.
	ErrNoneLeft = errors.New("no attempt is left")
	// ErrSink: the caller took no more.
	ErrSink = errors.New("the caller took no more")

	errTotal   = errors.New("the call took too long")
	errAttempt = errors.New("the attempt took too long")
	errSilent  = errors.New("no piece came in time")
	errLost    = errors.New("another attempt answered first")
	errLarge   = errors.New("the answer is larger than allowed")
)

// explain turns what ended an attempt into one of package forward's errors.
func (a *attempt) explain(ctx context.Context, err error) error {
	var upstream *forward.UpstreamError
	fail := func(c forward.Class, why error) error {
		return &forward.UpstreamError{Model: a.model.Name, Class: c, Message: why.Error(), Err: why}
	}
	switch {
	case err == nil:
		return nil
	case a.sinkErr != nil:
		return a.sinkErr
	case errors.Is(err, errLost):
		return errLost
	case errors.Is(err, errSilent), errors.Is(err, errAttempt), errors.Is(err, errTotal):
		err = fail(forward.Timeout, err)
	case over(ctx):
		err = context.Cause(ctx)
	case errors.Is(err, forward.ErrInternal):
		err = &forward.UpstreamError{Model: a.model.Name, Class: forward.Crashed, Message: "the call to it panicked", Err: err}
	case errors.Is(err, errLarge):
		err = fail(forward.TooLarge, err)
	case errors.As(err, &upstream):
		named := *upstream
		named.Model = a.model.Name
		err = &named
	case errors.Is(err, forward.ErrUnsupported):
		err = fmt.Errorf("model %q: %w", a.model.Name, err)
	default:
		err = fail(forward.Garbage, err)
	}
	if a.pieces > 0 && a.held == nil {
		return fmt.Errorf("%w: %w", forward.ErrInterrupted, err)
	}
	return err
}

// status is how an attempt that was made went.
func status(err error) forward.Status {
	var upstream *forward.UpstreamError
	switch {
	case err == nil:
		return forward.Done
	case errors.Is(err, ErrSink):
		return forward.Cancelled
	case errors.As(err, &upstream):
		return forward.Status(upstream.Class)
	case errors.Is(err, errLost):
		return forward.Lost
	case errors.Is(err, forward.ErrUnsupported):
		return forward.Unsupported
	}
	return forward.Cancelled
}

// skipStatus is how an attempt that was not made went.
func skipStatus(err error) forward.Status {
	if errors.Is(err, forward.ErrSkipped) {
		return forward.Skipped
	}
	return forward.Cancelled
}

// verdict is what the attempt says about the health of its model. What the
// caller did, or what is wrong with the request, says nothing against it.
func (a *attempt) verdict(err error) health.Verdict {
	var upstream *forward.UpstreamError
	switch {
	case err == nil, a.sinkErr != nil:
		return health.Healthy
	case errors.As(err, &upstream):
		switch upstream.Class {
		case forward.ServerError, forward.Timeout, forward.Garbage, forward.Reset, forward.Unreachable,
			forward.Auth, forward.NotFound, forward.OutOfCredit:
			return health.Sick
		case forward.RateLimited, forward.Crashed:
			return health.Unknown
		}
		return health.Healthy
	case a.pieces > 0:
		return health.Healthy
	}
	return health.Unknown
}

// maxPause bounds how long an upstream can ask to be left alone.
const maxPause = 5 * time.Minute

// remember keeps what a failure says about later calls to the model: a pause
// that is meant for all of them, and a prompt that it called too long.
func (a *attempt) remember(err error) {
	var upstream *forward.UpstreamError
	if !errors.As(err, &upstream) {
		return
	}
	now := a.call.maker.Now()
	switch upstream.Class {
	case forward.RateLimited, forward.ServerError, forward.Timeout, forward.OutOfCredit:
		if upstream.RetryAfter > 0 {
			a.model.Health.Rest(now.Add(min(upstream.RetryAfter, maxPause)))
		}
	case forward.ContextLength:
		a.model.Health.Refused(now, a.size(), upstream.ContextLimit)
	}
}

// size is what the request needs of a context window, in tokens.
func (a *attempt) size() int64 { return a.call.tokens() + int64(a.call.asked.Request.MaxTokens) }
