package attempt

import (
	"context"
	"errors"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/retrypolicy"

	"github.com/semroute/semroute/forward"
)

// jitter is the share of a backoff that is random.
const jitter = 0.25

// retryPolicy retries at one model what is safe to retry, as soon as the
// upstream wants it or after a growing pause.
func retryPolicy(config forward.Config) retrypolicy.RetryPolicy[any] {
	return retrypolicy.NewBuilder[any]().
		HandleIf(func(_ any, err error) bool { return retryable(err, config.MaxRetryAfter) }).
		WithMaxAttempts(config.AttemptsPerModel).
		WithBackoff(config.Backoff, config.MaxBackoff).
		WithJitterFactor(jitter).
		WithDelayFunc(func(exec failsafe.ExecutionAttempt[any]) time.Duration {
			var upstream *forward.UpstreamError
			if errors.As(exec.LastError(), &upstream) && upstream.RetryAfter > 0 {
				return upstream.RetryAfter
			}
			return -1 // the backoff
		}).
		ReturnLastFailure().
		Build()
}

// retryable says whether the same model may be asked again: nothing has
// reached the caller, and the pause that the upstream asks for is short.
func retryable(err error, longest time.Duration) bool {
	var upstream *forward.UpstreamError
	return err != nil && !errors.Is(err, forward.ErrInterrupted) && errors.As(err, &upstream) &&
		upstream.Retryable() && upstream.RetryAfter <= longest
}

// Ask gets an answer from one model, with retries and, where the rules want it,
// a hedge at the spare model (or the same one when spare is nil). Retries leave
// one attempt for each of the later models; without any the model is the last
// resort, and a place at it is waited for. It fails with ErrNoneLeft when no
// attempt may be made.
func (c *Call) Ask(ctx context.Context, m, spare *Model, purpose Purpose, later int) (*Answer, error) {
	if over(ctx) {
		return nil, context.Cause(ctx) // Within makes it one of the package's errors
	}
	got, err := c.askOnce(ctx, m, spare, purpose, later == 0)
	if err == nil || c.Begun() || !retryable(err, c.maker.Config.MaxRetryAfter) {
		return got, err
	}
	return c.askAgain(ctx, m, spare, purpose, later, err)
}

// askAgain retries after the first failure. It is apart because nearly every
// call does without, and the policy's frames would stay on an open stream's
// stack.
//
//go:noinline
func (c *Call) askAgain(ctx context.Context, m, spare *Model, purpose Purpose, later int, failure error) (*Answer, error) {
	var got *Answer
	first := true
	err := failsafe.With[any](c.maker.retries).WithContext(ctx).Run(func() error {
		if first {
			first = false
			return failure
		}
		if purpose != ForScore && c.Left() <= later {
			return ErrNoneLeft // not retried, failure stays what it was
		}
		got, failure = c.askOnce(ctx, m, spare, purpose, later == 0)
		return failure
	})
	if err == nil {
		return got, nil
	}
	return nil, failure
}

// askOnce makes one attempt, or two when the rules want a hedge.
func (c *Call) askOnce(ctx context.Context, m, spare *Model, purpose Purpose, last bool) (*Answer, error) {
	if c.rules.HedgeAfter <= 0 || purpose == ForScore {
		return c.Once(ctx, m, purpose, last)
	}
	if spare == nil {
		spare = m
	}
	return c.hedge(ctx, m, spare, purpose, last)
}

// Once makes a single attempt. patient says that waiting for a place is better
// than failing.
func (c *Call) Once(ctx context.Context, m *Model, purpose Purpose, patient bool) (*Answer, error) {
	return c.attempt(ctx, m, purpose, &race{}, patient)
}
