package openai_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/semroute/semroute/ingress/ingresstest"
	"github.com/semroute/semroute/ingress/openai"
)

const weather = `{"type":"function","function":{"name":"weather","description":"d","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}`

func serve(t *testing.T) (calls *ingresstest.Calls, url string) {
	t.Helper()
	calls = ingresstest.New(t)
	h := openai.New(openai.Config{Calls: calls.Service, Embedder: calls, Tokens: calls})
	return calls, ingresstest.Serve(t, h.Routes())
}

// TestChatCompletionsAreRouted: what is answered, by which path into the answer.
func TestChatCompletionsAreRouted(t *testing.T) {
	_, url := serve(t)
	for name, c := range map[string]struct {
		request string
		want    map[string]string // by path
		headers map[string]string
	}{
		"routed": {
			`{"model":"auto","messages":[{"role":"user","content":"my refund"}]}`,
			map[string]string{
				"object": "chat.completion", "model": "gpt", "choices.0.message.content": "You said: my refund", "choices.0.message.role": "assistant",
				"choices.0.finish_reason": "stop", "usage.prompt_tokens": "9", "usage.total_tokens": "13", "choices.0.logprobs": "",
			},
			map[string]string{"Route": "refunds", "Model": "gpt", "Stage": "SEMANTIC", "Confidence": "0.7000", "Margin": "0.6000", "Attempts": "1", "Cost-Nanousd": "17000", "Decision-Id": "d1"},
		},
		"reasoning": {
			`{"model":"auto","reasoning_effort":"low","messages":[{"role":"user","content":"my refund"}]}`,
			map[string]string{"usage.completion_tokens": "4", "usage.completion_tokens_details.reasoning_tokens": "2"},
			nil,
		},
		"another protocol upstream": {
			`{"model":"gpt-4o","messages":[{"role":"system","content":"be brief"},{"role":"user","content":[{"type":"text","text":"my parcel"}]}],"max_completion_tokens":20}`,
			map[string]string{"model": "claude", "choices.0.message.content": "You said: my parcel"},
			map[string]string{"Route": "shipping"},
		},
		"abstained": {
			`{"model":"auto","messages":[{"role":"user","content":"hm"}]}`,
			map[string]string{"model": "gpt"},
			map[string]string{"Route": "", "Stage": "FALLBACK", "Reason": "below confidence"},
		},
		"a model": {
			`{"model":"model:claude","messages":[{"role":"user","content":"my refund"}]}`,
			map[string]string{"model": "claude"},
			map[string]string{"Route": "", "Stage": "NAMED", "Confidence": ""},
		},
		"a route": {
			`{"model":"route:shipping","messages":[{"role":"user","content":"my refund"}]}`,
			map[string]string{"model": "claude"},
			map[string]string{"Route": "shipping", "Stage": "NAMED"},
		},
		"tools": {
			`{"model":"auto","messages":[{"role":"user","content":"refund"}],"tools":[` + weather + `,` + strings.ReplaceAll(weather, `"name":"weather"`, `"name":"tides"`) + `]}`,
			map[string]string{
				"choices.0.finish_reason": "tool_calls", "choices.0.message.content": "", "choices.0.message.tool_calls.#": "2",
				"choices.0.message.tool_calls.0.function.arguments": `{"city":"Oslo"}`, "choices.0.message.tool_calls.1.function.name": "tides", "choices.0.message.tool_calls.1.id": "call_1",
			}, nil,
		},
		"tool results": {
			`{"model":"auto","tools":[` + weather + `],"messages":[{"role":"user","content":"parcel"},{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}]},{"role":"tool","tool_call_id":"c1","content":"rain"}]}`,
			map[string]string{"choices.0.message.content": "The tool said: rain"}, nil,
		},
		"json schema": {
			`{"model":"auto","messages":[{"role":"user","content":"refund"}],"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object"}}}}`,
			map[string]string{"choices.0.message.content": `{"answer":"yes"}`}, nil,
		},
		"logprobs": {
			`{"model":"auto","logprobs":true,"messages":[{"role":"user","content":"refund"}]}`,
			map[string]string{"choices.0.logprobs.content.#": "3", "choices.0.logprobs.content.0.token": "You ", "choices.0.logprobs.content.0.logprob": "-0.25"}, nil,
		},
		"a picture": {
			`{"model":"auto","messages":[{"role":"user","content":[{"type":"text","text":"refund for this"},{"type":"image_url","image_url":{"url":"data:image/png;base64,aGk="}}]}]}`,
			map[string]string{"choices.0.message.content": "You said: refund for this"}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			status, header, answer := ingresstest.Post(t, url+"/v1/chat/completions", c.request)
			if status != http.StatusOK {
				t.Fatalf("status %d: %s", status, answer)
			}
			for path, want := range c.want {
				if got := gjson.Get(answer, path).String(); got != want {
					t.Errorf("%s is %q, want %q in %s", path, got, want, answer)
				}
			}
			for name, want := range c.headers {
				if got := header.Get("X-Semroute-" + name); got != want {
					t.Errorf("header %s is %q, want %q", name, got, want)
				}
			}
		})
	}
}

func TestStreamsHaveTheWholeAnswerInOrder(t *testing.T) {
	_, url := serve(t)
	status, header, answer := ingresstest.Post(t, url+"/v1/chat/completions",
		`{"model":"auto","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"where is my refund"}]}`)
	if status != http.StatusOK || !strings.HasPrefix(header.Get("Content-Type"), "text/event-stream") {
		t.Fatalf("status %d, %s", status, header.Get("Content-Type"))
	}
	events := strings.Split(strings.TrimSpace(answer), "\n\n")
	text, finish := "", ""
	for i, event := range events[:len(events)-1] {
		data := strings.TrimPrefix(event, "data: ")
		if !gjson.Valid(data) || gjson.Get(data, "object").Str != "chat.completion.chunk" {
			t.Fatalf("event %d: %s", i, event)
		}
		text += gjson.Get(data, "choices.0.delta.content").Str
		finish += gjson.Get(data, "choices.0.finish_reason").Str
	}
	if text != "You said: where is my refund" || finish != "stop" {
		t.Errorf("text %q, finish %q", text, finish)
	}
	if role := gjson.Get(strings.TrimPrefix(events[0], "data: "), "choices.0.delta.role").Str; role != "assistant" {
		t.Errorf("the first chunk's role is %q", role)
	}
	usage := gjson.Parse(strings.TrimPrefix(events[len(events)-2], "data: "))
	if usage.Get("usage.total_tokens").Int() != 15 || usage.Get("choices.#").Int() != 0 {
		t.Errorf("usage chunk is %s", usage)
	}
	if last := events[len(events)-1]; last != "data: [DONE]" {
		t.Errorf("the last event is %q", last)
	}
	got := []string{header.Get("X-Semroute-Model"), header.Get("X-Semroute-Attempts"), header.Get("X-Semroute-Cost-Nanousd")}
	if diff := cmp.Diff([]string{"gpt", "1", "21000"}, got); diff != "" {
		t.Errorf("headers and trailers (-want +got):\n%s", diff)
	}
}

// TestWrongRequestsAreToldInOpenAIsShape: status, code and the field that is wrong.
func TestWrongRequestsAreToldInOpenAIsShape(t *testing.T) {
	_, url := serve(t)
	const said = `"messages":[{"role":"user","content":"my refund"}]`
	for name, c := range map[string]struct {
		request     string
		status      int
		kind, param string
		message     string
	}{
		"no JSON":              {`{"model":`, 400, "invalid_request_error", "", "no JSON object"},
		"a list":               {`[]`, 400, "invalid_request_error", "", "no JSON object"},
		"no model":             {`{` + said + `}`, 400, "invalid_request_error", "model", "missing"},
		"an unknown model":     {`{"model":"gpt-9",` + said + `}`, 404, "invalid_request_error", "model", "does not exist"},
		"a number for a text":  {`{"model":7,` + said + `}`, 400, "invalid_request_error", "model", "number"},
		"no messages":          {`{"model":"auto"}`, 400, "invalid_request_error", "messages", "at least one"},
		"an unknown role":      {`{"model":"auto","messages":[{"role":"robot","content":"x"}]}`, 400, "invalid_request_error", "messages[0].role", "robot"},
		"two answers":          {`{"model":"auto","n":2,` + said + `}`, 400, "invalid_request_error", "n", "one answer"},
		"too hot":              {`{"model":"auto","temperature":9,` + said + `}`, 400, "invalid_request_error", "", "temperature"},
		"no base64":            {`{"model":"auto","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,%"}}]}]}`, 400, "invalid_request_error", "messages[0].content[0].image_url.url", "base64"},
		"only OpenAI has it":   {`{"model":"model:claude","logit_bias":{"5":1},` + said + `}`, 400, "invalid_request_error", "", "logit_bias"},
		"audio for Anthropic":  {`{"model":"model:claude","messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{}}]}]}`, 400, "invalid_request_error", "", "input_audio"},
		"a route only decided": {`{"model":"route:talk",` + said + `}`, 400, "invalid_request_error", "", "no models"},
		"all models dead":      {`{"model":"auto","messages":[{"role":"user","content":"broken"}]}`, 503, "server_error", "", "no model"},
	} {
		t.Run(name, func(t *testing.T) {
			status, header, answer := ingresstest.Post(t, url+"/v1/chat/completions", c.request)
			failure := gjson.Get(answer, "error")
			if status != c.status || failure.Get("type").Str != c.kind || failure.Get("param").String() != c.param || !strings.Contains(failure.Get("message").Str, c.message) {
				t.Errorf("%d %s", status, answer)
			}
			if retry := header.Get("Retry-After"); (status == 503) != (retry != "") {
				t.Errorf("Retry-After is %q", retry)
			}
		})
	}
}

// TestWhatNobodyKnowsReachesAnUpstreamOfTheSameProtocol, and never another.
func TestWhatNobodyKnowsReachesAnUpstreamOfTheSameProtocol(t *testing.T) {
	calls, url := serve(t)
	request := `{"model":"auto","stream":false,"max_tokens":5,"top_k":3,"web_search_options":{"a":1},"messages":[{"role":"user","name":"ann","content":[{"type":"text","text":"refund"},{"type":"file","file":{"file_id":"f"}}]}]}`
	if status, _, answer := ingresstest.Post(t, url+"/v1/chat/completions", request); status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
	sent := calls.Upstream()[0]
	for path, want := range map[string]string{
		"model": "m", "stream": "true", "top_k": "3", "web_search_options.a": "1", "messages.0.name": "ann", "messages.0.content.1.file.file_id": "f", "max_tokens": "5",
	} {
		if got := gjson.Get(sent, path).String(); got != want {
			t.Errorf("%s is %q, want %q in %s", path, got, want, sent)
		}
	}
	status, _, answer := ingresstest.Post(t, url+"/v1/chat/completions", strings.Replace(request, `"auto"`, `"model:claude"`, 1))
	if status != http.StatusBadRequest || len(calls.Upstream()) != 1 {
		t.Errorf("another protocol's upstream: %d %s", status, answer)
	}
}
