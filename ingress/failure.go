package ingress

import (
	"cmp"
	"context"
	"errors"
	"syscall"
	"time"

	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/auth/limits"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/ingress/admission"
	"github.com/semroute/semroute/router"
)

// Kind is a kind of failure as a caller sees it; every protocol has a status
// for each.
type Kind uint8

// The kinds of failure.
const (
	Internal        Kind = iota // nobody has thought of it
	Cancelled                   // the caller went away
	Expired                     // the caller's time was up
	Invalid                     // the request is wrong
	NotFound                    // it names what is not there
	Exhausted                   // a limit is reached; later it may pass
	Unavailable                 // something is missing that may come back
	Aborted                     // it broke off on the way
	Unsuitable                  // right as such, but nothing here can serve it
	Unsupported                 // this server does not do that
	Unauthenticated             // nobody knows who calls
	Denied                      // the caller is known and may not
	Exists                      // it names something new by what is there already
)

// Failure is how an error is told to callers, whatever their protocol.
type Failure struct {
	Kind Kind
	// Reason is one word for programs, Message a sentence for people.
	Reason, Message string
}

// failureRule says how a kind of error is told: internals are logged, the caller
// is told what to do. An empty message tells the error's own words, which then
// hold nothing but what the caller sent or may know.
type failureRule struct {
	is      error
	kind    Kind
	reason  string
	message string
}

// failureRules are looked at in order.
var failureRules = []failureRule{
	{context.Canceled, Cancelled, "CANCELLED", "the call was cancelled"},
	{context.DeadlineExceeded, Expired, "DEADLINE_EXCEEDED", "the deadline passed before there was an answer"},
	{auth.ErrUnauthenticated, Unauthenticated, "UNAUTHENTICATED", "the caller is not known here: send a valid API key or token as `authorization: Bearer KEY`"},
	{auth.ErrDenied, Denied, "PERMISSION_DENIED", ""},
	{auth.ErrUnavailable, Unavailable, "CREDENTIALS_UNCHECKED", "whether the key or token is good cannot be found out now; try again shortly"},
	{limits.ErrExceeded, Exhausted, "CALLER_LIMIT", ""},
	{admission.ErrOverloaded, Exhausted, "OVERLOADED", ""},
	{syscall.EMFILE, Unavailable, "NO_DESCRIPTORS", "the server has no file descriptors left; try again shortly"},
	{syscall.ENFILE, Unavailable, "NO_DESCRIPTORS", "the server's machine has no file descriptors left; try again shortly"},
	{router.ErrNotReady, Unavailable, "NOT_READY", "the catalog is still being embedded; try again shortly"},
	{router.ErrEmbedder, Unavailable, "EMBEDDER_UNAVAILABLE", "the embedder is not available; the server's log says why"},
	{router.ErrIndex, Unavailable, "INDEX_UNAVAILABLE", "the index is not available; the server's log says why"},
	{ErrDecidesOnly, Unsupported, "NOT_SUPPORTED",
		"this server decides only: its catalog names no models; send the request without `forward` and make the call yourself"},
	{forward.ErrInvalid, Invalid, "INVALID_REQUEST", ""},
	{forward.ErrBudget, Exhausted, "BUDGET_SPENT", ""},
	{forward.ErrBudgetUnknown, Unavailable, "BUDGET_UNKNOWN", "the store that keeps the budgets does not answer; the server's log says why"},
	{forward.ErrSlowCaller, Expired, "CALLER_TOO_SLOW", ""},
	{forward.ErrInterrupted, Aborted, "ANSWER_INTERRUPTED", "the answer broke off after its first piece; the record says what arrived"},
	{forward.ErrUnavailable, Unavailable, "MODELS_UNAVAILABLE", "no model of the route could answer; the record says what was tried"},
	{forward.ErrUnpriced, Unsuitable, "UNPRICED_MODEL", ""},
	{forward.ErrNoModel, Unsuitable, "NO_MODEL", ""},
	{forward.ErrUnsupported, Unsuitable, "NOT_SUPPORTED_BY_PROVIDER", ""},
	{forward.ErrUnknownModel, Unsuitable, "UNKNOWN_MODEL", ""},
	{forward.ErrTooLong, Unsuitable, "PROMPT_TOO_LONG", "the prompt does not fit into the context window of the route's models; the record says what they answered"},
	{forward.ErrFiltered, Unsuitable, "PROMPT_FILTERED", "the filter of the model's provider refuses the prompt; the record says how"},
	{forward.ErrRefused, Invalid, "REFUSED_BY_MODEL", "the model's server says that the request is wrong; the record says why"},
	{forward.ErrUpstream, Unavailable, "UPSTREAM_FAILED", "the model's server failed; the record says how"},
}

// FailedError is an error of a room that this one does not know, with how it is
// told: whoever brings such a room behind a protocol says so beside it.
type FailedError struct {
	Err     error
	Failure Failure
}

func (e *FailedError) Error() string { return e.Err.Error() }

// Unwrap implements errors.Is and errors.As.
func (e *FailedError) Unwrap() error { return e.Err }

// RetryAfter is when a caller that was refused may ask again; false where nobody
// knows.
func RetryAfter(err error) (time.Duration, bool) {
	var limit *limits.ExceededError
	var load *admission.OverloadedError
	switch {
	case errors.As(err, &limit):
		return limit.RetryAfter, true
	case errors.As(err, &load):
		return load.RetryAfter, true
	}
	return 0, false
}

// FailureOf says how an error is told; false for one that nobody has thought of,
// whose text is for the log alone.
func FailureOf(err error) (Failure, bool) {
	if failed, ok := errors.AsType[*FailedError](err); ok {
		return failed.Failure, true
	}
	for _, rule := range failureRules {
		if errors.Is(err, rule.is) {
			return Failure{rule.kind, rule.reason, cmp.Or(rule.message, err.Error())}, true
		}
	}
	return Failure{Internal, "INTERNAL", "internal error; the server's log says more"}, false
}
