package weblistener

import (
	"crypto/rand"
	"net/http"
	"strings"
)

// Where clients look for the name of a request: OpenAI's in the first, Anthropic's in
// the second.
const (
	requestIDHeader   = "X-Request-Id"
	anthropicIDHeader = "Request-Id"
)

// maxRequestID bounds a name that a caller gives.
const maxRequestID = 128

// nameRequest gives a request the name that its caller has given it, where that is
// one, or a new one; it is in the head of the answer and in the log.
func nameRequest(head http.Header, r *http.Request) string {
	id := r.Header.Get(requestIDHeader)
	if !isRequestID(id) {
		id = "req_" + rand.Text()
	}
	head.Set(requestIDHeader, id)
	head.Set(anthropicIDHeader, id)
	return id
}

// isRequestID: letters, digits and what else names are made of, so that one can stand in
// any log.
func isRequestID(id string) bool {
	return id != "" && len(id) <= maxRequestID && strings.IndexFunc(id, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("-_.:/+=", c)
	}) < 0
}
