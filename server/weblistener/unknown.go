package weblistener

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// told answers what no pattern is for, a path or a method, as JSON in which clients of
// OpenAI's protocol and of Anthropic's both find their error; the standard library
// answers such requests as text.
func told(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern == "" {
			w = &unknown{ResponseWriter: w, asked: r}
		}
		mux.ServeHTTP(w, r)
	})
}

// unknown is the answer to a request that no pattern is for.
type unknown struct {
	http.ResponseWriter
	asked *http.Request
}

// unknownBody has the members of both protocols' errors.
type unknownBody struct {
	Type  string `json:"type"`
	Error struct {
		Type    string  `json:"type"`
		Message string  `json:"message"`
		Param   *string `json:"param"`
		Code    *string `json:"code"`
	} `json:"error"`
}

// WriteHeader implements http.ResponseWriter.
func (u *unknown) WriteHeader(status int) {
	body := unknownBody{Type: "error"}
	body.Error.Type, body.Error.Message = "not_found_error", fmt.Sprintf("nothing is at %s", u.asked.URL.Path)
	if status == http.StatusMethodNotAllowed {
		body.Error.Type, body.Error.Message = "invalid_request_error", fmt.Sprintf("%s does not take %s, only %s", u.asked.URL.Path, u.asked.Method, u.Header().Get("Allow"))
	}
	u.Header().Set("Content-Type", "application/json")
	u.Header().Del("Content-Length")
	u.ResponseWriter.WriteHeader(status)
	_ = json.NewEncoder(u.ResponseWriter).Encode(body) // a caller who has gone is no failure of ours
}

// Write implements http.ResponseWriter; the text that was to be written is replaced.
func (u *unknown) Write(p []byte) (int, error) { return len(p), nil }
