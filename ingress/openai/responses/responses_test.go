package responses_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/semroute/semroute/ingress/ingresstest"
	"github.com/semroute/semroute/ingress/openai/responses"
)

// inMemory keeps responses.
type inMemory struct {
	mu   sync.Mutex
	kept map[string][]byte
}

func (m *inMemory) Put(_ context.Context, key string, data []byte, _ time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kept[key] = data
	return nil
}

func (m *inMemory) Get(_ context.Context, key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if data, ok := m.kept[key]; ok {
		return data, nil
	}
	return nil, responses.ErrNotKept
}

func (m *inMemory) Delete(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.kept, key)
	return nil
}

func serve(t *testing.T, kept responses.Kept) (calls *ingresstest.Calls, url string) {
	t.Helper()
	calls = ingresstest.New(t)
	return calls, ingresstest.Serve(t, responses.New(responses.Config{Calls: calls.Service, Kept: kept}).Routes()) + "/v1/responses"
}

const weather = `{"type":"function","name":"weather","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}`

func TestResponsesAreRouted(t *testing.T) {
	_, url := serve(t, nil)
	for name, c := range map[string]struct {
		request string
		want    map[string]string // by path
	}{
		"a text": {
			`{"model":"auto","input":"my refund","instructions":"be brief"}`,
			map[string]string{
				"object": "response", "status": "completed", "model": "gpt", "output.0.type": "message", "output.0.content.0.type": "output_text",
				"output.0.content.0.text": "You said: my refund", "usage.total_tokens": "13", "instructions": "be brief", "store": "false", "text.format.type": "text",
			},
		},
		"another protocol upstream": {
			`{"model":"auto","input":[{"role":"user","content":[{"type":"input_text","text":"my parcel"}]}]}`,
			map[string]string{"model": "claude", "output.0.content.0.text": "You said: my parcel"},
		},
		"tools": {
			`{"model":"auto","input":"refund","tools":[` + weather + `]}`,
			map[string]string{"output.0.type": "function_call", "output.0.name": "weather", "output.0.call_id": "call_0", "output.0.arguments": `{"city":"Oslo"}`},
		},
		"a tool's output": {
			`{"model":"auto","tools":[` + weather + `],"input":[{"role":"user","content":"refund"},{"type":"reasoning","summary":[]},{"type":"function_call","call_id":"c","name":"weather","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"rain"}]}`,
			map[string]string{"output.0.content.0.text": "The tool said: rain"},
		},
		"thoughts": {
			`{"model":"model:claude","input":"x","reasoning":{"effort":"low","summary":"auto"}}`,
			map[string]string{"reasoning.summary": "auto", "output.0.content.0.text": "You said: x"},
		},
		"a shape": {
			`{"model":"auto","input":"refund","text":{"format":{"type":"json_schema","name":"a","schema":{"type":"object"}}}}`,
			map[string]string{"output.0.content.0.text": `{"answer":"yes"}`, "text.format.name": "a"},
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

// TestStreamsGoThroughTheProtocolsEvents, numbered, and end with the last.
func TestStreamsGoThroughTheProtocolsEvents(t *testing.T) {
	_, url := serve(t, nil)
	for name, c := range map[string]struct {
		request string
		kinds   []string
	}{
		"text": {
			`{"model":"auto","stream":true,"input":"my refund"}`,
			[]string{
				"response.created", "response.in_progress", "response.output_item.added", "response.content_part.added", "response.output_text.delta",
				"response.output_text.done", "response.content_part.done", "response.output_item.done", "response.completed",
			},
		},
		"tools": {
			`{"model":"auto","stream":true,"input":"refund","tools":[` + weather + `]}`,
			[]string{
				"response.created", "response.in_progress", "response.output_item.added", "response.function_call_arguments.delta",
				"response.function_call_arguments.done", "response.output_item.done", "response.completed",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, answer := ingresstest.Post(t, url, c.request)
			var kinds []string
			var last gjson.Result
			for i, event := range strings.Split(strings.TrimSpace(answer), "\n\n") {
				head, data, _ := strings.Cut(event, "\n")
				last = gjson.Parse(strings.TrimPrefix(data, "data: "))
				kind := last.Get("type").Str
				if head != "event: "+kind || last.Get("sequence_number").Int() != int64(i) {
					t.Errorf("event %d: %s", i, event)
				}
				if len(kinds) == 0 || kinds[len(kinds)-1] != kind {
					kinds = append(kinds, kind)
				}
			}
			if diff := cmp.Diff(c.kinds, kinds); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
			if last.Get("response.status").Str != "completed" || last.Get("response.output.#").Int() != 1 || !last.Get("response.usage").Exists() {
				t.Errorf("the last event is %s", last)
			}
		})
	}
}

func TestALaterRequestGoesOnFromAnEarlierOne(t *testing.T) {
	calls, url := serve(t, &inMemory{kept: map[string][]byte{}})
	_, _, first := ingresstest.Post(t, url, `{"model":"auto","input":"my refund"}`)
	id := gjson.Get(first, "id").Str
	status, _, second := ingresstest.Post(t, url, `{"model":"auto","previous_response_id":"`+id+`","input":"and another refund"}`)
	if status != http.StatusOK || gjson.Get(second, "previous_response_id").Str != id || !gjson.Get(second, "store").Bool() {
		t.Fatalf("%d %s", status, second)
	}
	sent := gjson.Parse(calls.Upstream()[1])
	var said []string
	for _, m := range sent.Get("messages").Array() {
		said = append(said, m.Get("role").Str+": "+m.Get("content").Str)
	}
	if diff := cmp.Diff([]string{"user: my refund", "assistant: You said: my refund", "user: and another refund"}, said); diff != "" {
		t.Errorf("the second call (-want +got):\n%s", diff)
	}
	for _, forget := range []string{"GET", "DELETE", "GET"} {
		request, err := http.NewRequestWithContext(t.Context(), forget, url+"/"+id, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		status = response.StatusCode
	}
	if status != http.StatusNotFound {
		t.Errorf("a forgotten response: %d", status)
	}
	if status, _, answer := ingresstest.Post(t, url, `{"model":"auto","previous_response_id":"`+id+`","input":"x"}`); status != http.StatusNotFound {
		t.Errorf("going on from it: %d %s", status, answer)
	}
}

func TestWrongRequestsNameTheField(t *testing.T) {
	_, url := serve(t, nil)
	for request, param := range map[string]string{
		`{"input":"x"}`: "model", `{"model":"auto"}`: "input", `{"model":"auto","input":[]}`: "input", `{"model":"nobody","input":"x"}`: "model",
		`{"model":"auto","input":[{"type":"item_reference","id":"x"}]}`:                 "input[0].type",
		`{"model":"auto","input":[{"role":"robot","content":"x"}]}`:                     "input[0].role",
		`{"model":"auto","input":[{"role":"user","content":[{"type":"input_file"}]}]}`:  "input[0].content[0].type",
		`{"model":"auto","input":"x","background":true}`:                                "background",
		`{"model":"auto","input":"x","tools":[{"type":"web_search"}]}`:                  "tools[0].type",
		`{"model":"auto","input":"x","text":{"format":{"type":"xml"}}}`:                 "text.format.type",
		`{"model":"auto","input":"x","previous_response_id":"resp_1"}`:                  "previous_response_id",
		`{"model":"auto","input":"x","brand_new":1}`:                                    "brand_new",
		`{"model":"auto","input":"x","tool_choice":"sometimes"}`:                        "tool_choice",
		`{"model":"auto","input":[{"role":"user","content":[{"type":"input_image"}]}]}`: "input[0].content[0].image_url",
		`{"model":"auto","input":"x","max_output_tokens":-1}`:                           "max_output_tokens",
	} {
		status, _, answer := ingresstest.Post(t, url, request)
		if status != http.StatusBadRequest && status != http.StatusNotFound || gjson.Get(answer, "error.param").Str != param {
			t.Errorf("%s: %d %s", request, status, answer)
		}
	}
}

// TestWhatAResponseAnsweredIsListed, the last first, to its owner.
func TestWhatAResponseAnsweredIsListed(t *testing.T) {
	_, url := serve(t, &inMemory{kept: map[string][]byte{}})
	_, _, first := ingresstest.Post(t, url, `{"model":"auto","input":[{"role":"user","content":[{"type":"input_text","text":"my refund"},{"type":"input_image","image_url":"data:image/png;base64,aGk="}]},
		{"type":"function_call","call_id":"a","name":"weather","arguments":"{}"},{"type":"function_call_output","call_id":"a","output":"rain"}]}`)
	for query, want := range map[string][]string{
		"":           {"function_call_output", "function_call", "message"},
		"?order=asc": {"message", "function_call", "function_call_output"},
	} {
		status, list := get(t, url+"/"+gjson.Get(first, "id").Str+"/input_items"+query)
		var kinds []string
		for _, item := range gjson.Get(list, "data").Array() {
			kinds = append(kinds, item.Get("type").Str)
		}
		if diff := cmp.Diff(want, kinds); status != http.StatusOK || diff != "" {
			t.Errorf("%q: %d %s (-want +got):\n%s", query, status, list, diff)
		}
		if said := gjson.Get(list, `data.#(type=="message")`); said.Get("content.0.text").Str != "my refund" || said.Get("content.1.image_url").Str != "data:image/png;base64,aGk=" {
			t.Errorf("%q: %s", query, said)
		}
	}
	if status, answer := get(t, url+"/resp_nobody/input_items"); status != http.StatusNotFound {
		t.Errorf("%d %s", status, answer)
	}
}

func get(t *testing.T, url string) (status int, answer string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	said, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(said)
}
