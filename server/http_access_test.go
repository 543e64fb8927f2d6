package server_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/ingress"
	"github.com/semroute/semroute/server"
)

// TestHTTPAsksForTheSameKeysAsGRPC: by the same table and within the same limits.
func TestHTTPAsksForTheSameKeysAsGRPC(t *testing.T) {
	r := start(t, &fakeDecider{}, server.Config{Authenticator: people{
		"decider": {Roles: []auth.Role{auth.Decide}}, "caller": {Roles: []auth.Role{auth.Decide, auth.Forward}},
		"rare": {Roles: auth.Roles(), Limits: auth.Limits{PerSecond: 0.001, Burst: 1}},
	}})
	handlers := r.server.Guarded(map[string]ingress.Route{"POST /v1/chat/completions": {
		Handle: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Who", auth.FromContext(r.Context()).Name)
		},
		Fail: func(w http.ResponseWriter, err error) {
			failure, _ := ingress.FailureOf(err)
			http.Error(w, failure.Reason, http.StatusTeapot)
		},
	}})
	for _, c := range []struct{ header, value, want string }{
		{"Authorization", "Bearer caller", "caller"},
		{"X-Api-Key", "caller", "caller"},
		{"Authorization", "Bearer decider", "PERMISSION_DENIED\n"},
		{"Authorization", "Bearer nobody", "UNAUTHENTICATED\n"},
		{"Accept", "*/*", "UNAUTHENTICATED\n"},
		{"Authorization", "Bearer rare", "rare"},
		{"Authorization", "Bearer rare", "CALLER_LIMIT\n"},
	} {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/chat/completions", http.NoBody)
		request.Header.Set(c.header, c.value)
		answer := httptest.NewRecorder()
		handlers["POST /v1/chat/completions"](answer, request)
		if got := answer.Header().Get("Who") + answer.Body.String(); got != c.want {
			t.Errorf("%s: %s gave %q, want %q", c.header, c.value, got, c.want)
		}
	}
}
