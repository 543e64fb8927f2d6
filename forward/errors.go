package forward

import (
	"errors"
	"fmt"
	"strings"
)

// The kinds of failure. Every error of this package wraps one of them.
var (
	// ErrInvalid: the request itself is wrong; the text names the field.
	ErrInvalid = errors.New("invalid request")
	// ErrConfig: the forwarder cannot be built like this.
	ErrConfig = errors.New("invalid forwarding configuration")
	// ErrSecret: a secret that the catalog points to cannot be read.
	ErrSecret = errors.New("secret is missing")
	// ErrUnknownModel: a call names a model that the catalog does not have.
	ErrUnknownModel = errors.New("unknown model")
	// ErrNoModel: no model of the call can serve the request; see *NoModelError.
	ErrNoModel = errors.New("no model can serve the request")
	// ErrUnsupported: the provider cannot express a field of the request.
	ErrUnsupported = errors.New("not supported by the provider")
	// ErrCapability: the model lacks a capability that the request needs.
	ErrCapability = errors.New("capability is missing")
	// ErrTooLong: the prompt does not fit into the model's context window.
	ErrTooLong = errors.New("prompt is too long")
	// ErrTier: the user's tier does not allow the model.
	ErrTier = errors.New("model is not in the user's tier")
	// ErrBudget: a budget is spent; see *BudgetError.
	ErrBudget = errors.New("budget is spent")
	// ErrBudgetUnknown: nobody can say what is left of a budget, so that no call is
	// made; later it may pass.
	ErrBudgetUnknown = errors.New("what is left of the budget cannot be asked")
	// ErrUnpriced: a budget in USD applies, but the model has no price.
	ErrUnpriced = errors.New("model has no price")
	// ErrUpstream: the model's server failed; see *UpstreamError.
	ErrUpstream = errors.New("upstream failed")
	// ErrUnavailable: every model that could serve the call failed or is being
	// left alone; nothing has reached the caller.
	ErrUnavailable = errors.New("no model is available")
	// ErrInterrupted: the answer broke off after its first piece had reached the
	// caller, so nothing could be retried.
	ErrInterrupted = errors.New("answer was interrupted")
	// ErrSlowCaller: the caller did not take the answer's pieces in time.
	ErrSlowCaller = errors.New("the caller takes the answer too slowly")
	// ErrRefused: a model's server says that the request itself is wrong, so no
	// other model was asked; see *UpstreamError.
	ErrRefused = errors.New("upstream refused the request")
	// ErrFiltered: the providers' own filters refuse the prompt.
	ErrFiltered = errors.New("prompt is refused by the provider's filter")
	// ErrInternal: the forwarder itself failed; its log says how.
	ErrInternal = errors.New("forwarding failed")
	// ErrSkipped: the model was not asked, because its circuit is open, it asked
	// for a pause, or it has too many calls in flight.
	ErrSkipped = errors.New("model is skipped")
)

func invalid(field, problem string) error {
	return fmt.Errorf("%w: %s: %s", ErrInvalid, field, problem)
}

// UnsupportedError says which field of a request a provider cannot express.
type UnsupportedError struct {
	Provider string
	Field    string
	Why      string
}

func (e *UnsupportedError) Error() string {
	text := fmt.Sprintf("provider %s cannot express %s", e.Provider, e.Field)
	if e.Why != "" {
		text += ": " + e.Why
	}
	return text
}

// Unwrap makes it an ErrUnsupported.
func (e *UnsupportedError) Unwrap() error { return ErrUnsupported }

// NoModelError says, model by model, why none can serve a request.
type NoModelError struct {
	Reasons []Reason
}

// Reason is why one model was left out. Err wraps one of this package's kinds.
type Reason struct {
	Model string
	Err   error
}

func (e *NoModelError) Error() string {
	parts := make([]string, len(e.Reasons))
	for i, r := range e.Reasons {
		parts[i] = fmt.Sprintf("%s: %v", r.Model, r.Err)
	}
	if len(parts) == 0 {
		parts = []string{"the call names none"}
	}
	return ErrNoModel.Error() + ": " + strings.Join(parts, "; ")
}

// Unwrap gives ErrNoModel and the reasons.
func (e *NoModelError) Unwrap() []error {
	errs := []error{ErrNoModel}
	for _, r := range e.Reasons {
		errs = append(errs, r.Err)
	}
	return errs
}
