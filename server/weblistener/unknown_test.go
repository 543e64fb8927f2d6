package weblistener_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"github.com/tidwall/gjson"

	"github.com/semroute/semroute/server/weblistener"
)

// TestWhatNobodyAnswersIsToldAsJSON: clients read errors as JSON, also where they ask
// for what is not there.
func TestWhatNobodyAnswersIsToldAsJSON(t *testing.T) {
	l := weblistener.New(map[string]http.HandlerFunc{
		"POST /v1/known": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "yes") },
		"/open/":         func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "text", http.StatusNotFound) },
	}, weblistener.Config{Log: zerolog.Nop()})
	type answer struct {
		Status               int
		Kind, Allow, Message string
	}
	for name, c := range map[string]struct {
		method, path string
		want         answer
	}{
		"a path":           {"GET", "/v1/nothing", answer{404, "application/json", "", "nothing is at /v1/nothing"}},
		"a method":         {"GET", "/v1/known", answer{405, "application/json", "POST", "/v1/known does not take GET, only POST"}},
		"what is answered": {"POST", "/v1/known", answer{200, "text/plain; charset=utf-8", "", ""}},
		"a handler's own":  {"GET", "/open/x", answer{404, "text/plain; charset=utf-8", "", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			l.Handler().ServeHTTP(w, httptest.NewRequest(c.method, c.path, nil))
			got := answer{w.Code, w.Header().Get("Content-Type"), w.Header().Get("Allow"), gjson.Get(w.Body.String(), "error.message").Str}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", w.Body, diff)
			}
		})
	}
}
