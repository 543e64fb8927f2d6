// Package openaierr tells errors in OpenAI's shape, for all of its protocols.
package openaierr

import (
	"errors"
	"net/http"
	"time"

	"github.com/rs/zerolog"

	"github.com/semroute/semroute/ingress"
	"github.com/semroute/semroute/ingress/internal/web"
)

// failure is an error in OpenAI's shape.
type failure struct {
	Error Body `json:"error"`
}

// Body is what an error says.
type Body struct {
	Message string  `json:"message"`
	Type    string  `json:"type"`
	Param   *string `json:"param"`
	Code    *string `json:"code"`
}

const invalidRequest = "invalid_request_error"

// NoModel is an error: the name of a model that nobody knows.
type NoModel string

// Error implements error.
func (e NoModel) Error() string {
	return "the model '" + string(e) + "' does not exist: use auto, route:NAME, model:NAME or an alias of the catalog"
}

// Of is the status, the kind and the body that tell an error.
func Of(err error) (int, ingress.Kind, Body) {
	var field *web.FieldError
	var unknown NoModel
	switch {
	case errors.As(err, &field) && field.Missing:
		return http.StatusNotFound, ingress.NotFound, Body{Message: field.Error(), Type: invalidRequest, Param: &field.Field}
	case errors.As(err, &field):
		return http.StatusBadRequest, ingress.Invalid, Body{Message: field.Error(), Type: invalidRequest, Param: &field.Field}
	case errors.As(err, &unknown):
		return http.StatusNotFound, ingress.NotFound, Body{Message: unknown.Error(), Type: invalidRequest, Param: new("model"), Code: new("model_not_found")}
	case errors.Is(err, web.ErrTooLarge):
		return http.StatusRequestEntityTooLarge, ingress.Invalid, Body{Message: err.Error(), Type: invalidRequest}
	case errors.Is(err, web.ErrRequest):
		return http.StatusBadRequest, ingress.Invalid, Body{Message: err.Error(), Type: invalidRequest}
	}
	told, _ := ingress.FailureOf(err)
	status := web.Status(told.Kind)
	if told.Kind == ingress.Unsuitable {
		status = http.StatusBadRequest // OpenAI has no status between wrong and impossible
	}
	return status, told.Kind, Body{Message: told.Message, Type: typeOf(told.Kind), Code: codeOf(told.Reason)}
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

// Teller tells errors.
type Teller struct {
	Log zerolog.Logger
	Now func() time.Time
}

// Fail answers with an error as a status, with what is known of the decision and
// the call.
func (t Teller) Fail(w http.ResponseWriter, err error) {
	status, kind, body := t.of(err)
	var call *ingress.CallError
	if errors.As(err, &call) {
		web.TellDecision(w.Header(), call.Decision)
		web.TellRecord(w.Header(), &call.Record)
	}
	web.TellRetry(w.Header(), kind, err, t.Now())
	web.Write(w, status, failure{body})
}

// FailStream tells an error within a stream of chat completions where that has
// begun, as Fail otherwise.
func (t Teller) FailStream(w http.ResponseWriter, events *web.Events, err error) {
	if !events.Begun() {
		t.Fail(w, err)
		return
	}
	_, _, body := t.of(err)
	_ = events.SendJSON("", failure{body}) // nothing can be told any more to who does not take it
}

// of is Of, with a line in the log for what nobody has thought of.
func (t Teller) of(err error) (int, ingress.Kind, Body) {
	status, kind, body := Of(err)
	if kind == ingress.Internal {
		t.Log.Error().Err(err).Msg("a request failed")
	}
	return status, kind, body
}
