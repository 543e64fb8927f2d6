package forward

import (
	"errors"
	"fmt"
	"strings"
	"time"
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

// Class is a kind of upstream failure.
type Class string

// The classes of upstream failure.
const (
	RateLimited Class = "rate_limited" // 429, or the provider's own word for it
	ServerError Class = "server_error" // 5xx
	Timeout     Class = "timeout"      // no connection, no first piece or no next piece in time
	BadRequest  Class = "bad_request"  // the upstream refuses this request
	Auth        Class = "auth"         // the key is missing, wrong or not allowed
	NotFound    Class = "not_found"    // the upstream does not have the model
	Garbage     Class = "garbage"      // an answer that is not of the protocol
	Reset       Class = "reset"        // the connection or the answer broke off
	TooLarge    Class = "too_large"    // the answer is larger than allowed
	Unreachable Class = "unreachable"  // no connection could be made
	// OutOfCredit: the account at the upstream has no credit or quota left (402,
	// or the provider's own word for it). Like Auth it will not pass by itself.
	OutOfCredit Class = "out_of_credit"
	// ContextLength: the prompt, or the prompt with the answer that is asked for,
	// does not fit into this model's context window.
	ContextLength Class = "context_length"
	// ContentFilter: the provider's own filter refuses this prompt.
	ContentFilter Class = "content_filter"
	// UnsupportedInput: this model does not take a parameter or a kind of input
	// that the request has; another model may.
	UnsupportedInput Class = "unsupported_input"
	// Crashed: the code that makes the call panicked.
	Crashed Class = "crashed"
)

// UpstreamError is a failure of a model's server.
type UpstreamError struct {
	Model  string
	Class  Class
	Status int // HTTP status, 0 when there was none
	// RetryAfter is how long the upstream asks to be left alone, 0 when it
	// does not say.
	RetryAfter time.Duration
	// ContextLimit is the context window in tokens that a ContextLength names, 0
	// when it names none.
	ContextLimit int64
	// Field is the field that an UnsupportedInput names, in the upstream's words
	// ("max_tokens"), "" when it names none.
	Field string
	// Message is one bounded line, without secrets.
	Message string
	Err     error
}

func (e *UpstreamError) Error() string {
	var b strings.Builder
	if e.Model != "" {
		fmt.Fprintf(&b, "model %q: ", e.Model)
	}
	b.WriteString(strings.ReplaceAll(string(e.Class), "_", " "))
	if e.Status != 0 {
		fmt.Fprintf(&b, " (HTTP %d)", e.Status)
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	return b.String()
}

// Is makes it an ErrUpstream, and what its class says besides.
func (e *UpstreamError) Is(target error) bool {
	switch target {
	case ErrUpstream:
		return true
	case ErrRefused:
		return e.Class == BadRequest
	case ErrTooLong:
		return e.Class == ContextLength
	case ErrFiltered:
		return e.Class == ContentFilter
	case ErrUnsupported:
		return e.Class == UnsupportedInput
	}
	return false
}

// Unwrap is what happened below, nil when the upstream answered.
func (e *UpstreamError) Unwrap() error { return e.Err }

// Retryable says whether the same call to the same model may go better next
// time.
func (e *UpstreamError) Retryable() bool {
	switch e.Class {
	case RateLimited, ServerError, Timeout, Garbage, Reset, Unreachable:
		return true
	}
	return false
}

// pauses says whether the pause that the upstream asks for is meant for every
// call to the model. A refusal of one request is not, whatever its headers say.
func (e *UpstreamError) pauses() bool {
	switch e.Class {
	case RateLimited, ServerError, Timeout, OutOfCredit:
		return true
	}
	return false
}

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

// BudgetError says which budget does not cover a call.
type BudgetError struct {
	// Name is the budget's.
	Name string
	// Scope is "user", "team" or "route", Key whose budget it is.
	Scope, Key string
	// Window is "minute", "day" or "month".
	Window string
	// Limit, Spent and Asked are nano-dollars, or tokens for a minute's window.
	Limit, Spent, Asked int64
	// Resets is when the window ends.
	Resets time.Time
	// Downgrade: a cheaper model may be tried.
	Downgrade bool
}

func (e *BudgetError) Error() string {
	amount := FormatUSD
	if e.Window == "minute" {
		amount = func(n int64) string { return fmt.Sprintf("%d tokens", n) }
	}
	return fmt.Sprintf("%v: %s %q has used or reserved %s of %s this %s, the call may need %s; it resets at %s",
		ErrBudget, e.Scope, e.Key, amount(e.Spent), amount(e.Limit), e.Window, amount(e.Asked),
		e.Resets.UTC().Format(time.RFC3339))
}

// Unwrap makes it an ErrBudget.
func (e *BudgetError) Unwrap() error { return ErrBudget }
