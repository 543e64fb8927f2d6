package openai

import (
	"errors"
	"net/http"

	"github.com/semroute/semroute/ingress"
	"github.com/semroute/semroute/ingress/internal/web"
)

// failure is an error in OpenAI's shape.
type failure struct {
	Error failureBody `json:"error"`
}

type failureBody struct {
	Message string  `json:"message"`
	Type    string  `json:"type"`
	Param   *string `json:"param"`
	Code    *string `json:"code"`
}

const invalidRequest = "invalid_request_error"

// errNoModel is a model that nobody knows.
type errNoModel string

func (e errNoModel) Error() string {
	return "the model '" + string(e) + "' does not exist: use auto, route:NAME, model:NAME or an alias of the catalog"
}

// failureOf is the status and the body that tell an error.
func failureOf(err error) (int, ingress.Kind, failureBody) {
	var field *web.FieldError
	var unknown errNoModel
	switch {
	case errors.As(err, &field):
		return http.StatusBadRequest, ingress.Invalid, failureBody{Message: field.Error(), Type: invalidRequest, Param: &field.Field}
	case errors.As(err, &unknown):
		return http.StatusNotFound, ingress.NotFound, failureBody{Message: unknown.Error(), Type: invalidRequest, Param: new("model"), Code: new("model_not_found")}
	case errors.Is(err, web.ErrTooLarge):
		return http.StatusRequestEntityTooLarge, ingress.Invalid, failureBody{Message: err.Error(), Type: invalidRequest}
	case errors.Is(err, web.ErrRequest):
		return http.StatusBadRequest, ingress.Invalid, failureBody{Message: err.Error(), Type: invalidRequest}
	}
	told, _ := ingress.FailureOf(err)
	status := web.Status(told.Kind)
	if told.Kind == ingress.Unsuitable {
		status = http.StatusBadRequest // OpenAI has no status between wrong and impossible
	}
	return status, told.Kind, failureBody{Message: told.Message, Type: typeOf(told.Kind), Code: codeOf(told.Reason)}
}

// typeOf is OpenAI's word for a kind of failure.
func typeOf(k ingress.Kind) string {
	switch k {
	case ingress.Invalid, ingress.NotFound, ingress.Unsuitable, ingress.Unsupported:
		return invalidRequest
	case ingress.Exhausted:
		return "insufficient_quota"
	case ingress.Unauthenticated:
		return "authentication_error"
	case ingress.Denied:
		return "permission_error"
	}
	return "server_error"
}

// codeOf is OpenAI's code where it has one, else our reason.
func codeOf(reason string) *string {
	switch reason {
	case "PROMPT_TOO_LONG":
		return new("context_length_exceeded")
	case "PROMPT_FILTERED":
		return new("content_filter")
	case "BUDGET_SPENT":
		return new("insufficient_quota")
	case "UNAUTHENTICATED":
		return new("invalid_api_key")
	case "CALLER_LIMIT":
		return new("rate_limit_exceeded")
	case "UNKNOWN_MODEL":
		return new("model_not_found")
	}
	return &reason
}

// fail answers with an error, as a status, or in the stream where that has begun.
func (h *Handler) fail(w http.ResponseWriter, events *web.Events, err error) {
	status, kind, body := failureOf(err)
	if kind == ingress.Internal {
		h.Log.Error().Err(err).Msg("a request failed")
	}
	if events != nil && events.Begun() {
		_ = events.SendJSON("", failure{body}) // nothing can be told any more to who does not take it
		return
	}
	var call *ingress.CallError
	if errors.As(err, &call) {
		web.TellDecision(w.Header(), call.Decision)
		web.TellRecord(w.Header(), &call.Record)
	}
	web.TellRetry(w.Header(), kind, err, h.Now())
	web.Write(w, status, failure{body})
}
