package forward

import (
	"context"
	"errors"
	"fmt"
)

// final says whether asking another model after this failure would be wrong or
// of no use: the caller has gone or has part of the answer, a budget refuses
// the call, or the upstream says that the request itself is wrong. Every other
// failure is one model's own.
func (r *run) final(ctx context.Context, err error) bool {
	var rejected *rejectedError
	switch {
	case over(ctx), r.begun(), errors.Is(err, errSink):
		return true
	case errors.As(err, &rejected):
		return false // whatever the check met, the answer was this model's
	}
	return errors.Is(err, ErrBudget) || errors.Is(err, ErrRefused)
}

// allFailed is the error of a call that no model answered; it is never nil.
// Where every model says that it cannot serve the request, asking again is of
// no use, so the error keeps those kinds; otherwise it is an ErrUnavailable.
func allFailed(failures []error) error {
	if len(failures) == 0 {
		return fmt.Errorf("%w: %w", ErrUnavailable, errAttempts)
	}
	all := errors.Join(failures...)
	if len(failures) == 1 {
		all = failures[0]
	}
	for _, f := range failures {
		if !lasting(f) {
			return fmt.Errorf("%w: %w", ErrUnavailable, all)
		}
	}
	return all
}

// lasting says whether the model would fail with the same request again.
func lasting(err error) bool {
	for _, kind := range []error{ErrUnsupported, ErrUnpriced, ErrTooLong, ErrFiltered} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}
