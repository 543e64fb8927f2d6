package anthropic_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/semroute/semroute/ingress/anthropic"
	"github.com/semroute/semroute/ingress/ingresstest"
)

func serve(t *testing.T) (calls *ingresstest.Calls, url string) {
	t.Helper()
	calls = ingresstest.New(t)
	return calls, ingresstest.Serve(t, anthropic.New(anthropic.Config{Calls: calls.Service, Tokens: calls}).Routes()) + "/v1/messages"
}

const (
	weather = `{"name":"weather","input_schema":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}`
	asked   = `"max_tokens":50,"messages":[{"role":"user","content":"my parcel"}]`
)

// TestMessagesAreRouted: what is answered, by which path into the answer.
func TestMessagesAreRouted(t *testing.T) {
	_, url := serve(t)
	for name, c := range map[string]struct {
		request string
		want    map[string]string
	}{
		"the same protocol upstream": {
			`{"model":"auto","system":[{"type":"text","text":"be brief"}],` + asked + `}`,
			map[string]string{
				"type": "message", "role": "assistant", "model": "claude", "content.0.type": "text", "content.0.text": "You said: my parcel", "content.0.citations": "[]",
				"stop_reason": "end_turn", "usage.input_tokens": "9", "usage.output_tokens": "4",
			},
		},
		"a stop text": {
			`{"model":"auto","stop_sequences":["nowhere","said"],` + asked + `}`,
			map[string]string{"content.0.text": "You ", "stop_reason": "stop_sequence", "stop_sequence": "said"},
		},
		"another protocol upstream": {
			`{"model":"model:gpt","stop_sequences":["x"],` + asked + `}`,
			map[string]string{"model": "gpt", "content.0.text": "You said: my parcel"},
		},
		"thoughts": {
			`{"model":"auto","thinking":{"type":"enabled","budget_tokens":1024},` + asked + `}`,
			map[string]string{"content.0.type": "thinking", "content.0.thinking": "Let me see.", "content.0.signature": "c2lnbmVk", "content.1.text": "You said: my parcel"},
		},
		"tools": {
			`{"model":"auto","tools":[` + weather + `],` + asked + `}`,
			map[string]string{"stop_reason": "tool_use", "content.0.type": "tool_use", "content.0.name": "weather", "content.0.input.city": "Oslo"},
		},
		"tools of another protocol": {
			`{"model":"model:gpt","tool_choice":{"type":"any"},"tools":[` + weather + `],` + asked + `}`,
			map[string]string{"stop_reason": "tool_use", "content.0.id": "call_0", "content.0.input.city": "Oslo"},
		},
		"a tool's result": {
			`{"model":"model:gpt","max_tokens":9,"tools":[` + weather + `],"messages":[{"role":"user","content":"parcel"},{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"},{"type":"tool_use","id":"a","name":"weather","input":{"city":"Oslo"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"text","text":"rain"}]}]}]}`,
			map[string]string{"content.0.text": "The tool said: rain"},
		},
		"a picture": {
			`{"model":"auto","max_tokens":9,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"aGk="}},{"type":"text","text":"my parcel"}]}]}`,
			map[string]string{"content.0.text": "You said: my parcel"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			status, _, answer := ingresstest.Post(t, url, c.request)
			if status != http.StatusOK {
				t.Fatalf("status %d: %s", status, answer)
			}
			for path, want := range c.want {
				if got := gjson.Get(answer, path).String(); got != want {
					t.Errorf("%s is %q, want %q in %s", path, got, want, answer)
				}
			}
		})
	}
}

// TestStreamsGoThroughTheProtocolsEvents, in their order, whoever answers.
func TestStreamsGoThroughTheProtocolsEvents(t *testing.T) {
	_, url := serve(t)
	for name, c := range map[string]struct {
		request string
		kinds   []string
		text    string // all that blocks gained
	}{
		"text": {
			`{"model":"auto","stream":true,` + asked + `}`,
			[]string{"message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop"}, "You said: my parcel",
		},
		"thoughts before text": {
			`{"model":"auto","stream":true,"thinking":{"type":"enabled","budget_tokens":1024},` + asked + `}`,
			[]string{
				"message_start", "content_block_start", "content_block_delta", "content_block_stop",
				"content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop",
			}, "Let me see.c2lnbmVkYou said: my parcel",
		},
		"tools of another protocol": {
			`{"model":"model:gpt","stream":true,"tools":[` + weather + `,` + strings.Replace(weather, "weather", "tides", 1) + `],` + asked + `}`,
			[]string{
				"message_start", "content_block_start", "content_block_delta", "content_block_stop",
				"content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop",
			}, `{"city":"Oslo"}{"city":"Oslo"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			status, _, answer := ingresstest.Post(t, url, c.request)
			if status != http.StatusOK {
				t.Fatalf("status %d: %s", status, answer)
			}
			var kinds []string
			text := ""
			for _, event := range strings.Split(strings.TrimSpace(answer), "\n\n") {
				head, data, _ := strings.Cut(event, "\n")
				e := gjson.Parse(strings.TrimPrefix(data, "data: "))
				kind := e.Get("type").Str
				if head != "event: "+kind {
					t.Errorf("%s has the data %s", head, data)
				}
				if len(kinds) == 0 || kinds[len(kinds)-1] != kind {
					kinds = append(kinds, kind)
				}
				for _, part := range []string{"text", "thinking", "signature", "partial_json"} {
					text += e.Get("delta." + part).Str
				}
			}
			if diff := cmp.Diff(c.kinds, kinds); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
			if text != c.text {
				t.Errorf("text is %q, want %q", text, c.text)
			}
		})
	}
}

func TestWrongRequestsAreToldInAnthropicsShape(t *testing.T) {
	_, url := serve(t)
	for name, c := range map[string]struct {
		request string
		status  int
		kind    string
		message string
	}{
		"no JSON":               {`{`, 400, "invalid_request_error", "JSON"},
		"no max_tokens":         {`{"model":"auto","messages":[{"role":"user","content":"x"}]}`, 400, "invalid_request_error", "max_tokens"},
		"no model":              {`{` + asked + `}`, 400, "invalid_request_error", "model"},
		"an unknown model":      {`{"model":"claude-9",` + asked + `}`, 404, "not_found_error", "claude-9"},
		"an unknown role":       {`{"model":"auto","max_tokens":9,"messages":[{"role":"system","content":"x"}]}`, 400, "invalid_request_error", "messages[0].role"},
		"no such source":        {`{"model":"auto","max_tokens":9,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"file"}}]}]}`, 400, "invalid_request_error", "messages[0].content[0].source.type"},
		"a thread":              {`{"model":"auto","thread":{"type":"create"},` + asked + `}`, 400, "invalid_request_error", "send all messages"},
		"only Anthropic has it": {`{"model":"model:gpt","top_k":5,` + asked + `}`, 400, "invalid_request_error", "top_k"},
		"a document for OpenAI": {`{"model":"model:gpt","max_tokens":9,"messages":[{"role":"user","content":[{"type":"document","source":{}}]}]}`, 400, "invalid_request_error", "document"},
		"all models dead":       {`{"model":"auto","max_tokens":9,"messages":[{"role":"user","content":"broken"}]}`, 529, "overloaded_error", "no model"},
	} {
		t.Run(name, func(t *testing.T) {
			status, _, answer := ingresstest.Post(t, url, c.request)
			failure := gjson.Get(answer, "error")
			if status != c.status || gjson.Get(answer, "type").Str != "error" || failure.Get("type").Str != c.kind || !strings.Contains(failure.Get("message").Str, c.message) {
				t.Errorf("%d %s", status, answer)
			}
		})
	}
}

// TestWhatNobodyKnowsReachesAnUpstreamOfTheSameProtocol as it was written.
func TestWhatNobodyKnowsReachesAnUpstreamOfTheSameProtocol(t *testing.T) {
	calls, url := serve(t)
	status, _, answer := ingresstest.Post(t, url, `{"model":"auto","top_k":5,"max_tokens":7,"new_field":{"a":1},"messages":[{"role":"user","content":[{"type":"text","text":"my parcel","cache_control":{"type":"ephemeral"}},{"type":"document","source":{"x":1}}]}]}`)
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
	sent := calls.Upstream()[0]
	for path, want := range map[string]string{
		"model": "m", "stream": "true", "top_k": "5", "max_tokens": "7", "new_field.a": "1",
		"messages.0.content.0.cache_control.type": "ephemeral", "messages.0.content.1.source.x": "1",
	} {
		if got := gjson.Get(sent, path).String(); got != want {
			t.Errorf("%s is %q, want %q in %s", path, got, want, sent)
		}
	}
}

// TestTheProtocolsHeadersGoOn to upstreams of the same protocol, and nothing else does;
// for others they are harmless.
func TestTheProtocolsHeadersGoOn(t *testing.T) {
	head := http.Header{
		"Anthropic-Version": {"2024-10-01"}, "Anthropic-Beta": {"one-2025,two-2025", "three"}, "X-Api-Key": {"sk-mine"}, "Cookie": {"a=b"},
	}
	for name, c := range map[string]struct {
		request string
		given   http.Header
		want    http.Header
	}{
		"whole":            {`{"model":"auto",` + asked + `}`, head, http.Header{"Anthropic-Version": {"2024-10-01"}, "Anthropic-Beta": {"one-2025,two-2025", "three"}}},
		"streamed":         {`{"model":"auto","stream":true,` + asked + `}`, head, http.Header{"Anthropic-Version": {"2024-10-01"}, "Anthropic-Beta": {"one-2025,two-2025", "three"}}},
		"none given":       {`{"model":"auto",` + asked + `}`, nil, http.Header{"Anthropic-Version": {"2023-06-01"}}},
		"another protocol": {`{"model":"model:gpt",` + asked + `}`, head, http.Header{}},
	} {
		t.Run(name, func(t *testing.T) {
			calls, url := serve(t)
			status, _, answer := ingresstest.PostWith(t, url, c.request, c.given)
			if status != http.StatusOK {
				t.Fatalf("%d %s", status, answer)
			}
			got := http.Header{}
			for _, name := range []string{"Anthropic-Version", "Anthropic-Beta", "X-Api-Key", "Cookie"} {
				if values := calls.Heads()[0].Values(name); len(values) > 0 {
					got[name] = values
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("headers upstream (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTokensAreCounted(t *testing.T) {
	_, url := serve(t)
	status, _, answer := ingresstest.Post(t, url+"/count_tokens", `{"model":"auto","messages":[{"role":"user","content":"one two three"}]}`)
	if status != http.StatusOK || gjson.Get(answer, "input_tokens").Int() < 3 {
		t.Errorf("%d %s", status, answer)
	}
}
