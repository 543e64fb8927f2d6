package server

import (
	"cmp"
	"context"
	"errors"

	"buf.build/go/protovalidate"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/ingress"
	"github.com/semroute/semroute/router"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// statusRule says how a domain error is told to callers: internals are
// logged, the caller is told what to do. An empty message tells the error's own
// words, which then hold nothing but what the caller sent or may know.
type statusRule struct {
	is      error
	code    codes.Code
	reason  string
	message string
}

// statusRules are looked at in order.
var statusRules = []statusRule{
	{context.Canceled, codes.Canceled, "CANCELLED", "the call was cancelled"},
	{context.DeadlineExceeded, codes.DeadlineExceeded, "DEADLINE_EXCEEDED", "the deadline passed before there was an answer"},
	{errUnreadable, codes.InvalidArgument, "INVALID_REQUEST", ""},
	{router.ErrNotReady, codes.Unavailable, "NOT_READY", "the catalog is still being embedded; try again shortly"},
	{router.ErrEmbedder, codes.Unavailable, "EMBEDDER_UNAVAILABLE", "the embedder is not available; the server's log says why"},
	{router.ErrIndex, codes.Unavailable, "INDEX_UNAVAILABLE", "the index is not available; the server's log says why"},
	{ingress.ErrDecidesOnly, codes.Unimplemented, "NOT_SUPPORTED",
		"this server decides only: its catalog names no models; send the request without `forward` and make the call yourself"},
	{forward.ErrInvalid, codes.InvalidArgument, "INVALID_REQUEST", ""},
	{forward.ErrBudget, codes.ResourceExhausted, "BUDGET_SPENT", ""},
	{forward.ErrSlowCaller, codes.DeadlineExceeded, "CALLER_TOO_SLOW", ""},
	{forward.ErrInterrupted, codes.Aborted, "ANSWER_INTERRUPTED", "the answer broke off after its first piece; the record says what arrived"},
	{forward.ErrUnavailable, codes.Unavailable, "MODELS_UNAVAILABLE", "no model of the route could answer; the record says what was tried"},
	{forward.ErrUnpriced, codes.FailedPrecondition, "UNPRICED_MODEL", ""},
	{forward.ErrNoModel, codes.FailedPrecondition, "NO_MODEL", ""},
	{forward.ErrUnsupported, codes.FailedPrecondition, "NOT_SUPPORTED_BY_PROVIDER", ""},
	{forward.ErrUnknownModel, codes.FailedPrecondition, "UNKNOWN_MODEL", ""},
	{forward.ErrTooLong, codes.FailedPrecondition, "PROMPT_TOO_LONG", "the prompt does not fit into the context window of the route's models; the record says what they answered"},
	{forward.ErrFiltered, codes.FailedPrecondition, "PROMPT_FILTERED", "the filter of the model's provider refuses the prompt; the record says how"},
	{forward.ErrRefused, codes.InvalidArgument, "REFUSED_BY_MODEL", "the model's server says that the request is wrong; the record says why"},
	{forward.ErrUpstream, codes.Unavailable, "UPSTREAM_FAILED", "the model's server failed; the record says how"},
}

// unknownError is told of an error that nobody has thought of.
const unknownError = "internal error; the server's log says more"

// toStatus is the one place where errors become gRPC statuses. An error that
// already is a status stays what it is; an unknown one is internal.
func toStatus(err error) error {
	if err == nil {
		return nil
	}
	var invalid *protovalidate.ValidationError
	if errors.As(err, &invalid) {
		return invalidArgument(invalid)
	}
	call := callDetails(err)
	for _, rule := range statusRules {
		if errors.Is(err, rule.is) {
			return withDetails(rule.code, cmp.Or(rule.message, err.Error()), rule.reason, call...)
		}
	}
	if s, ok := status.FromError(err); ok {
		if len(s.Details()) == 0 {
			return withDetails(s.Code(), s.Message(), reasonOf(s.Code()), call...)
		}
		return err
	}
	return withDetails(codes.Internal, unknownError, "INTERNAL", call...)
}

func reasonOf(code codes.Code) string {
	switch code {
	case codes.Unimplemented:
		return "NOT_SUPPORTED"
	case codes.InvalidArgument:
		return "INVALID_REQUEST"
	case codes.Internal:
		return "INTERNAL"
	}
	return "FAILED"
}
