package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/semroute/semroute/ingress/admission"
)

// MaxRequestBytes bounds the body of a request; pictures stand in it.
const MaxRequestBytes = 32 << 20

// ErrRequest: a request cannot be read. Its text may be shown to the caller.
var ErrRequest = errors.New("invalid request")

// ErrTooLarge is an ErrRequest whose body is larger than is read.
var ErrTooLarge = fmt.Errorf("%w: the body is larger than %d MiB", ErrRequest, MaxRequestBytes>>20)

// Bad is an ErrRequest for one field.
func Bad(field, format string, args ...any) error {
	return &FieldError{Field: field, Problem: fmt.Sprintf(format, args...)}
}

// Missing is a Bad for a field that names what is not there.
func Missing(field, format string, args ...any) error {
	return &FieldError{Field: field, Problem: fmt.Sprintf(format, args...), Missing: true}
}

// FieldError is an ErrRequest that names the field that is wrong.
type FieldError struct {
	Field, Problem string
	// Missing: what the field names is not there.
	Missing bool
}

// Error implements error.
func (e *FieldError) Error() string { return e.Field + ": " + e.Problem }

// Unwrap makes it an ErrRequest.
func (e *FieldError) Unwrap() error { return ErrRequest }

// Fields reads the JSON object of a request as its fields.
func Fields(w http.ResponseWriter, r *http.Request) (map[string]json.RawMessage, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, fmt.Errorf("%w: send JSON, with the header Content-Type: application/json", ErrRequest)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxRequestBytes))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, ErrTooLarge
	case errors.Is(err, admission.ErrOverloaded):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w: the body broke off", ErrRequest)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil || fields == nil {
		return nil, fmt.Errorf("%w: the body is no JSON object%s", ErrRequest, place(err))
	}
	return fields, nil
}

func place(err error) string {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Sprintf(": %s at byte %d", syntax.Error(), syntax.Offset)
	}
	return ""
}

// Read reads a field into target; one that is absent or null leaves it as it is.
func Read(fields map[string]json.RawMessage, name string, target any) error {
	raw, ok := fields[name]
	if !ok || string(raw) == "null" {
		return nil
	}
	if err := json.Unmarshal(raw, target); err != nil {
		return Bad(name, "%s", problem(err))
	}
	return nil
}

// problem is what encoding/json says, without the names of our types.
func problem(err error) string {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		where := ""
		if kind.Field != "" {
			where = " at " + kind.Field
		}
		return fmt.Sprintf("a %s is not what is expected%s", kind.Value, where)
	}
	return "is not readable"
}
