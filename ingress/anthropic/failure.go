package anthropic

import (
	"errors"
	"net/http"

	"github.com/semroute/semroute/ingress"
	"github.com/semroute/semroute/ingress/internal/web"
)

// failure is an error in the protocol's shape.
type failure struct {
	Type  string      `json:"type"`
	Error failureBody `json:"error"`
	// RequestID is the name of the request, as in the head.
	RequestID string `json:"request_id,omitempty"`
}

// failureFor is the error that answers a request: the listener has named it in the head.
func failureFor(w http.ResponseWriter, body failureBody) failure {
	return failure{"error", body, w.Header().Get("Request-Id")}
}

type failureBody struct {
	Type    string `json:"type"`
	Message string `json:"message"`
	// Details are what clients act upon, where the protocol has some.
	Details *failureDetails `json:"details,omitempty"`
}

type failureDetails struct {
	ErrorCode   string   `json:"error_code"`
	Unsupported []string `json:"unsupported"`
}

// errThread: the turns of the conversation are left to Anthropic's servers. Clients
// that read what is wrong go on without.
var errThread = errors.New("thread: conversations are not kept here, and a turn cannot be routed without what was said before; send all messages")

const (
	invalidRequest = "invalid_request_error"
	// statusOverloaded is the protocol's own status for a server that has too much
	// to do.
	statusOverloaded = 529
)

// errNoModel is a model that nobody knows.
type errNoModel string

func (e errNoModel) Error() string {
	return "model: " + string(e) + " is not known here: use auto, route:NAME, model:NAME or an alias of the catalog"
}

// failureOf is the status and the body that tell an error.
func failureOf(err error) (int, ingress.Kind, failureBody) {
	var unknown errNoModel
	switch {
	case errors.Is(err, errThread):
		details := &failureDetails{"thread_unsupported_request", []string{"thread"}}
		return http.StatusBadRequest, ingress.Invalid, failureBody{invalidRequest, errThread.Error(), details}
	case errors.As(err, &unknown):
		return http.StatusNotFound, ingress.NotFound, failureBody{Type: "not_found_error", Message: unknown.Error()}
	case errors.Is(err, web.ErrTooLarge):
		return http.StatusRequestEntityTooLarge, ingress.Invalid, failureBody{Type: "request_too_large", Message: err.Error()}
	case errors.Is(err, web.ErrRequest):
		return http.StatusBadRequest, ingress.Invalid, failureBody{Type: invalidRequest, Message: err.Error()}
	}
	told, _ := ingress.FailureOf(err)
	body := failureBody{Message: told.Message}
	status := web.Status(told.Kind)
	switch told.Kind {
	case ingress.Invalid, ingress.Unsuitable:
		status, body.Type = http.StatusBadRequest, invalidRequest
	case ingress.NotFound:
		body.Type = "not_found_error"
	case ingress.Unsupported:
		body.Type = invalidRequest
	case ingress.Unauthenticated:
		body.Type = "authentication_error"
	case ingress.Denied:
		body.Type = "permission_error"
	case ingress.Exhausted:
		body.Type = "rate_limit_error"
	case ingress.Unavailable:
		status, body.Type = statusOverloaded, "overloaded_error"
	case ingress.Expired:
		body.Type = "timeout_error"
	default:
		body.Type = "api_error"
	}
	return status, told.Kind, body
}

// fail answers with an error, as a status, or in the stream where that has begun.
func (h *Handler) fail(w http.ResponseWriter, events *web.Events, err error) {
	status, kind, body := failureOf(err)
	if kind == ingress.Internal {
		h.Log.Error().Err(err).Msg("a request failed")
	}
	if events != nil && events.Begun() {
		_ = events.SendJSON("error", failureFor(w, body)) // nothing can be told any more to who does not take it
		return
	}
	var call *ingress.CallError
	if errors.As(err, &call) {
		web.TellDecision(w.Header(), call.Decision)
		web.TellRecord(w.Header(), &call.Record)
	}
	web.TellRetry(w.Header(), kind, err, h.Now())
	web.Write(w, status, failureFor(w, body))
}
