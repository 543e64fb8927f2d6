package forward

import (
	"context"
	"errors"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
)

// jitter is the share of a backoff that is random.
const jitter = 0.25

// retryPolicy retries at one model what is safe to retry, as soon as the
// upstream wants it or after a growing pause.
func (f *Forwarder) retryPolicy() retrypolicy.RetryPolicy[any] {
	return retrypolicy.NewBuilder[any]().
		HandleIf(func(_ any, err error) bool { return f.retryable(err) }).
		WithMaxAttempts(f.config.AttemptsPerModel).
		WithBackoff(f.config.Backoff, f.config.MaxBackoff).
		WithJitterFactor(jitter).
		WithDelayFunc(func(exec failsafe.ExecutionAttempt[any]) time.Duration {
			var upstream *UpstreamError
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
func (f *Forwarder) retryable(err error) bool {
	var upstream *UpstreamError
	return err != nil && !errors.Is(err, ErrInterrupted) && errors.As(err, &upstream) &&
		upstream.Retryable() && upstream.RetryAfter <= f.config.MaxRetryAfter
}

// ask gets an answer from one model, with retries and, where the route wants
// it, a hedge at the spare model (or the same one when there is no spare).
// Retries leave one attempt for each of the later models.
func (r *run) ask(ctx context.Context, m, spare *model, to target, later int) (*shot, error) {
	if over(ctx) {
		return nil, context.Cause(ctx) // within makes it one of the package's errors
	}
	got, err := r.shoot(ctx, m, spare, to, later == 0)
	if err == nil || r.begun() || !r.retryable(err) {
		return got, err
	}
	return r.askAgain(ctx, m, spare, to, later, err)
}

// askAgain retries after the first failure. It is apart because nearly every
// call does without, and the policy's frames would stay on an open stream's
// stack.
//
//go:noinline
func (r *run) askAgain(ctx context.Context, m, spare *model, to target, later int, failure error) (*shot, error) {
	var got *shot
	first := true
	err := failsafe.With[any](r.retry).WithContext(ctx).Run(func() error {
		if first {
			first = false
			return failure
		}
		if !to.judge && r.remaining() <= later {
			return errAttempts // not retried, failure stays what it was
		}
		got, failure = r.shoot(ctx, m, spare, to, later == 0)
		return failure
	})
	if err == nil {
		return got, nil
	}
	return nil, failure
}

// shoot makes one attempt, or two when the route hedges.
func (r *run) shoot(ctx context.Context, m, spare *model, to target, last bool) (*shot, error) {
	g := &gate{}
	if r.policy.HedgeAfter <= 0 || to.judge {
		return r.once(ctx, m, to, g, last)
	}
	if spare == nil {
		spare = m
	}
	return r.hedge(ctx, m, spare, to, g, last)
}
