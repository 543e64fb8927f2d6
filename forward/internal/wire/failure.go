package wire

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/semroute/semroute/forward"
)

// Failure is what a refusal, or an error in mid-answer, says. Status is the
// answer's, 0 in mid-answer; there a code in the body stands for it.
func Failure(status int, header http.Header, raw []byte) error {
	f := readFailure(raw)
	if status < 400 {
		if status == 0 || f.status != 0 {
			status = f.status
		}
	}
	e := &forward.UpstreamError{Status: status, Message: f.message}
	e.Class = f.class(status)
	switch e.Class {
	case forward.ContextLength:
		e.ContextLimit = f.contextLimit()
	case forward.UnsupportedInput:
		if unsupportedWords.MatchString(f.words()) { // and not only too much of it
			e.Field = f.field()
		}
	case forward.RateLimited, forward.ServerError, forward.Timeout:
		if status != http.StatusBadRequest && status != http.StatusUnprocessableEntity { // what is wrong with the request pauses nobody
			e.RetryAfter = RetryAfter(header, time.Now())
		}
	}
	return e
}

// failure is what was read of an error.
type failure struct {
	message string
	code    string // and type, and whatever else sorts it, in lower case
	param   string
	status  int
	limit   gjson.Result // a context window that stands in a field of its own
}

// readFailure finds an error's words: {"error":{"message":…}}, {"error":"…"},
// {"message":…}, {"detail":…} and their like, else the body itself.
func readFailure(raw []byte) failure {
	if !json.Valid(raw) {
		return failure{message: string(raw)}
	}
	v := gjson.ParseBytes(raw)
	if v.IsArray() {
		v = v.Get("0")
	}
	var f failure
	inner := v
	for range 4 { // errors are wrapped in errors
		f.add(inner)
		next := first(inner, "error", "errors.0", "response", "base_resp", "Error")
		if !next.Exists() || next.Type != gjson.JSON {
			break
		}
		inner = next
		if inner.IsArray() {
			inner = inner.Get("0")
		}
	}
	if f.message == "" {
		f.message = v.String()
	}
	return f
}

// add takes over what a layer of an error says; the innermost message wins.
func (f *failure) add(v gjson.Result) {
	if v.Type == gjson.String {
		f.message = v.Str
		return
	}
	for _, key := range messageKeys {
		if text := said(v.Get(key)); text != "" {
			f.message = text
			break
		}
	}
	for _, key := range []string{"code", "type", "status", "innererror.code", "reason", "error_code", "error_type", "__type", "Code", "detail.0.type", "message.detail.0.type"} {
		if c := v.Get(key); c.Type == gjson.String {
			f.code += " " + strings.ToLower(c.Str)
		}
	}
	if raw := v.Get("metadata.raw"); raw.Type == gjson.String { // what the server behind a gateway said
		f.code += " " + strings.ToLower(raw.Str)
	}
	if p := first(v, "param", "parameter", "field"); p.Type == gjson.String && p.Str != "None" && p.Str != "null" {
		f.param = p.Str
	}
	if loc := first(v, "detail.0.loc", "message.detail.0.loc"); loc.IsArray() && len(loc.Array()) > 0 {
		parts := loc.Array()
		f.param = parts[len(parts)-1].String()
	}
	if n, ok := statusOf(v); ok {
		f.status = n
	}
	if n := first(v, "n_ctx", "max_context_length", "context_length", "max_tokens_allowed"); n.Type == gjson.Number {
		f.limit = n
	}
}

// unreachable is a call that got no answer at all.
func unreachable(err error) error {
	class := forward.Reset
	var op *net.OpError
	var timeout net.Error
	switch {
	case errors.As(err, &timeout) && timeout.Timeout():
		class = forward.Timeout
	case errors.As(err, &op) && op.Op == "dial":
		class = forward.Unreachable
	}
	return &forward.UpstreamError{Class: class, Message: err.Error()}
}

// garbled is Garbled with the beginning of a sample.
func garbled(what string, sample []byte) error {
	return Garbled(what, string(sample[:min(len(sample), maxSample)]))
}

// maxSample is more than is shown of a sample, so that no half of a secret is.
const maxSample = 4 << 10

// Garbled is an answer that is not of the protocol, with a sample of it. It
// is cut where it is cleaned.
func Garbled(what, sample string) error {
	return &forward.UpstreamError{Class: forward.Garbage, Message: what + ": " + strings.ToValidUTF8(sample, "?")}
}

// Broken is an answer that ended before it was complete.
func Broken() error {
	return &forward.UpstreamError{Class: forward.Reset, Message: "the answer ended before it was complete"}
}
