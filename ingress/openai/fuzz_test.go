package openai_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/semroute/semroute/ingress"
	"github.com/semroute/semroute/ingress/openai"
)

// FuzzChatRequests: whatever is sent, the answer is JSON and a status of the
// caller's fault or none. Nothing is called: the server only decides.
func FuzzChatRequests(f *testing.F) {
	for _, seed := range []string{
		`{"model":"auto","messages":[{"role":"user","content":"x"}]}`, `{"model":"auto","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:a/b;base64,eA=="}}]}]}`,
		`{"model":"auto","n":2,"stop":["a"],"tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":{"type":"function","function":{"name":"f"}},"messages":[]}`, `{"messages":null}`, `[`, `{"model":"auto","response_format":{"type":"json_schema"}}`,
	} {
		f.Add(seed)
	}
	h := openai.New(openai.Config{Calls: ingress.New(ingress.Config{})})
	handle := h.Routes()["POST /v1/chat/completions"].Handle
	f.Fuzz(func(t *testing.T, body string) {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/chat/completions", strings.NewReader(body))
		request.Header.Set("Content-Type", "application/json")
		answer := httptest.NewRecorder()
		handle(answer, request)
		if code := answer.Code; code < 400 || code == 500 || !gjson.Valid(answer.Body.String()) || !gjson.Get(answer.Body.String(), "error.message").Exists() {
			t.Errorf("%d %s for %q", code, answer.Body, body)
		}
	})
}
