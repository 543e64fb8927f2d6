package weblistener_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/semroute/semroute/server/weblistener"
)

// TestEveryRequestHasAName: its caller's, where that is one, also where nothing is at
// the path; the log has the same.
func TestEveryRequestHasAName(t *testing.T) {
	for _, c := range []struct {
		name, given, path string
		kept              bool
	}{
		{"none", "", "/hello", false},
		{"a UUID", "018f7a5e-2c3d-7000-8000-000000000000", "/hello", true},
		{"where nothing is", "trace/1:2", "/nowhere", true},
		{"long", strings.Repeat("x", 129), "/hello", false},
		{"not a name", "a b", "/hello", false},
		{"of another alphabet", "ключ", "/hello", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			log := &bytes.Buffer{}
			hello := map[string]http.HandlerFunc{"GET /hello": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }}
			request, answer := httptest.NewRequestWithContext(t.Context(), http.MethodGet, c.path, nil), httptest.NewRecorder()
			request.Header.Set("X-Request-Id", c.given)
			weblistener.New(hello, weblistener.Config{Log: zerolog.New(log)}).Handler().ServeHTTP(answer, request)
			id := answer.Header().Get("X-Request-Id")
			if id == "" || (id == c.given) != c.kept || answer.Header().Get("Request-Id") != id {
				t.Errorf("named %q and %q", id, answer.Header().Get("Request-Id"))
			}
			if !strings.Contains(log.String(), `"request_id":"`+id+`"`) {
				t.Errorf("the log says %s", log)
			}
		})
	}
}
