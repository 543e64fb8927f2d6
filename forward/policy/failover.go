package policy

import (
	"context"
	"errors"
	"fmt"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/attempt"
)

// queue are the models of a call that may still be asked, in order, and why the
// ones before failed.
type queue struct {
	run      *run
	models   []*attempt.Model
	failures []error
}

// failed takes the first model out after its failure, and those with it that
// would fail in the same way; true says that no other may be asked.
func (q *queue) failed(ctx context.Context, err error) bool {
	if errors.Is(err, attempt.ErrNoneLeft) {
		q.models = nil
		return false
	}
	if cheaper := q.run.downgrade(err, q.models); len(cheaper) > 0 {
		q.models = cheaper
		return false
	}
	q.failures = append(q.failures, err)
	if q.run.final(ctx, err) {
		return true
	}
	q.models = q.run.roomier(err, q.models[1:])
	return false
}

// final says whether asking another model after this failure would be wrong or
// of no use: the caller has gone or has part of the answer, a budget refuses
// the call, or the upstream says that the request itself is wrong. Every other
// failure is one model's own.
func (r *run) final(ctx context.Context, err error) bool {
	var rejected *rejectedError
	switch {
	case ctx.Err() != nil, r.attempts.Begun(), errors.Is(err, attempt.ErrSink):
		return true
	case errors.As(err, &rejected):
		return false // whatever the check met, the answer was this model's
	}
	return errors.Is(err, forward.ErrBudget) || errors.Is(err, forward.ErrBudgetUnknown) || errors.Is(err, forward.ErrRefused)
}

// roomier leaves out of the rest the models whose windows are known to be no
// larger than that of the model for which the prompt was too long.
func (r *run) roomier(err error, rest []*attempt.Model) []*attempt.Model {
	var upstream *forward.UpstreamError
	if !errors.As(err, &upstream) || upstream.Class != forward.ContextLength {
		return rest
	}
	window := upstream.ContextLimit
	if failed := r.forwarder.order.models[upstream.Model]; window <= 0 && failed != nil {
		window = int64(failed.ContextTokens)
	}
	var larger []*attempt.Model
	for _, m := range rest {
		if own := int64(m.ContextTokens); own > 0 && own <= window {
			r.attempts.Skip(m, fmt.Errorf("%w: its window is no larger than that of %q", forward.ErrTooLong, upstream.Model))
			continue
		}
		larger = append(larger, m)
	}
	return larger
}

// downgrade gives the models behind the first in order of price when a budget
// that does not cover the first asks for a cheaper one. Everything that costs
// as much is left out.
func (r *run) downgrade(err error, models []*attempt.Model) []*attempt.Model {
	var budget *forward.BudgetError
	if !errors.As(err, &budget) || !budget.Downgrade {
		return nil
	}
	var cheap []*attempt.Model
	for _, m := range r.choice.byPrice(models[1:]) {
		if cheaper(r.choice.rates(m), r.choice.rates(models[0])) < 0 {
			cheap = append(cheap, m)
		}
	}
	r.downgraded = r.downgraded || len(cheap) > 0
	return cheap
}

// allFailed is the error of a call that no model answered; it is never nil.
// Where every model says that it cannot serve the request, asking again is of
// no use, so the error keeps those kinds; otherwise it is an ErrUnavailable.
func allFailed(failures []error) error {
	if len(failures) == 0 {
		return fmt.Errorf("%w: %w", forward.ErrUnavailable, attempt.ErrNoneLeft)
	}
	all := errors.Join(failures...)
	if len(failures) == 1 {
		all = failures[0]
	}
	for _, f := range failures {
		if !lasting(f) {
			return fmt.Errorf("%w: %w", forward.ErrUnavailable, all)
		}
	}
	return all
}

// lasting says whether the model would fail with the same request again.
func lasting(err error) bool {
	for _, kind := range []error{forward.ErrUnsupported, forward.ErrUnpriced, forward.ErrTooLong, forward.ErrFiltered} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}
