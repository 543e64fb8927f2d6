package server

import (
	"errors"

	"buf.build/go/protovalidate"
	"github.com/semroute/semroute/ingress"
	"github.com/semroute/semroute/store"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// codeOf is the code of each kind of failure.
var codeOf = map[ingress.Kind]codes.Code{
	ingress.Cancelled: codes.Canceled, ingress.Expired: codes.DeadlineExceeded, ingress.Invalid: codes.InvalidArgument,
	ingress.Exhausted: codes.ResourceExhausted, ingress.Unavailable: codes.Unavailable, ingress.Aborted: codes.Aborted,
	ingress.Unsuitable: codes.FailedPrecondition, ingress.NotFound: codes.NotFound, ingress.Unsupported: codes.Unimplemented,
	ingress.Unauthenticated: codes.Unauthenticated, ingress.Denied: codes.PermissionDenied,
	ingress.Exists: codes.AlreadyExists,
}

// unknownError is told of an error that nobody has thought of.
const unknownError = "internal error; the server's log says more"

// StoreFailed says how the failure of a store is told: it may come back, and so may the
// caller. Other errors, and those that somebody has said more of, stay what they are.
func StoreFailed(err error) error {
	if _, known := ingress.FailureOf(err); known || !errors.Is(err, store.ErrUnusable) {
		return err
	}
	return &ingress.FailedError{Err: err, Failure: ingress.Failure{
		Kind: ingress.Unavailable, Reason: "STORE_UNAVAILABLE", Message: "the store does not answer; the server's log says why",
	}}
}

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
	call := append(callDetails(err), retryDetails(err)...)
	if errors.Is(err, errUnreadable) {
		return withDetails(codes.InvalidArgument, err.Error(), "INVALID_REQUEST")
	}
	if failure, known := ingress.FailureOf(StoreFailed(err)); known {
		return withDetails(codeOf[failure.Kind], failure.Message, failure.Reason, call...)
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
