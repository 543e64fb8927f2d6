package forward

import (
	"fmt"
	"strings"
	"time"
)

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
