package openai_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/forwardtest"
	"github.com/semroute/semroute/forward/openai"
	"github.com/semroute/semroute/routes"
)

var answer = data(delta(`"content":"Hello"`), finish("stop")) + done

// sent is the request as the server gets it.
func sent(t *testing.T, m routes.Model, req forward.Request) map[string]any {
	t.Helper()
	c := &forwardtest.Canned{Body: answer}
	m.Name, m.Provider, m.Model = "m", routes.OpenAI, "m"
	p, err := openai.New(m, openai.Config{Transport: c})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := forwardtest.Whole(p, req); err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal([]byte(c.Sent[0]), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestTheFieldsThatServersDifferIn: the catalog says, else the address.
func TestTheFieldsThatServersDifferIn(t *testing.T) {
	no := false
	req := forward.Ask("hi")
	req.MaxTokens = 7
	for name, c := range map[string]struct {
		model   routes.Model
		word    string
		options bool
	}{
		"OpenAI":            {routes.Model{}, "max_completion_tokens", true},
		"another":           {routes.Model{BaseURL: "http://model/v1"}, "max_tokens", true},
		"the catalog says":  {routes.Model{BaseURL: "http://model/v1", MaxTokensField: routes.MaxCompletionTokens, StreamOptions: &no}, "max_completion_tokens", false},
		"also of OpenAI":    {routes.Model{MaxTokensField: routes.MaxTokens}, "max_tokens", true},
		"no stream_options": {routes.Model{StreamOptions: &no}, "max_completion_tokens", false},
	} {
		got := sent(t, c.model, req)
		want := map[string]any{"model": "m", "stream": true, "messages": got["messages"], c.word: 7.0}
		if c.options {
			want["stream_options"] = map[string]any{"include_usage": true}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestSystemTextsAreJoinedAtTheHead(t *testing.T) {
	got := sent(t, routes.Model{BaseURL: "http://model"}, forward.Request{System: "Formal.", Messages: []chat.Message{
		chat.Say(chat.System, "Brief."), chat.Say(chat.User, "hi"), chat.Say(chat.System, "In French."), chat.Say(chat.User, "go on"),
	}})
	message := func(role, content string) any { return map[string]any{"role": role, "content": content} }
	want := []any{message("system", "Formal.\n\nBrief."), message("user", "hi"), message("system", "In French."), message("user", "go on")}
	if diff := cmp.Diff(any(want), got["messages"]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAToolsParametersMustBeJSON(t *testing.T) {
	req := forward.Ask("hi")
	req.Tools = []forward.Tool{{Name: "t", Parameters: json.RawMessage(`{"type":`)}}
	c := &forwardtest.Canned{Body: answer}
	if _, _, err := forwardtest.Whole(over(t, c), req); err == nil || len(c.Sent) > 0 {
		t.Errorf("it is sent: %v", err)
	}
}

// TestRefusedFieldsAreLearnt: a refusal that names a field is answered in other
// words at once, which are kept when they are taken.
func TestRefusedFieldsAreLearnt(t *testing.T) {
	const (
		maxTokens  = `{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","param":"max_tokens","code":"unsupported_parameter"}}`
		newWord    = `{"error":{"message":"property 'max_completion_tokens' is unsupported"}}`
		options    = `{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]}`
		tooMuch    = `{"error":{"message":"max_tokens is too large: 7. This model supports at most 5 completion tokens.","param":"max_tokens","code":"invalid_value"}}`
		tool       = `{"error":{"message":"tools is not supported"}}`
		twoMessage = `{"error":{"message":"Unrecognized request argument supplied: stream_options","type":"invalid_request_error","param":null,"code":null}}`
	)
	no := true
	for name, c := range map[string]struct {
		model  routes.Model
		fields map[string]string
		calls  []int // refusals of the first call, and of the second
		fails  bool
	}{
		"max_tokens":          {routes.Model{}, map[string]string{"max_tokens": maxTokens}, []int{1, 0}, false},
		"stream_options":      {routes.Model{}, map[string]string{"stream_options": options}, []int{1, 0}, false},
		"in other words":      {routes.Model{}, map[string]string{"stream_options": twoMessage}, []int{1, 0}, false},
		"both":                {routes.Model{}, map[string]string{"max_tokens": maxTokens, "stream_options": options}, []int{2, 0}, false},
		"both words":          {routes.Model{}, map[string]string{"max_tokens": maxTokens, "max_completion_tokens": newWord}, []int{2, 2}, true},
		"the catalog says":    {routes.Model{MaxTokensField: routes.MaxTokens}, map[string]string{"max_tokens": maxTokens}, []int{1, 1}, true},
		"the catalog insists": {routes.Model{StreamOptions: &no}, map[string]string{"stream_options": options}, []int{1, 1}, true},
		"too much of it":      {routes.Model{}, map[string]string{"max_tokens": tooMuch}, []int{1, 1}, true},
		"what has no other":   {routes.Model{}, map[string]string{"messages": tool}, []int{1, 1}, true},
	} {
		t.Run(name, func(t *testing.T) {
			server := &picky{Canned: forwardtest.Canned{Body: answer}, fields: c.fields}
			c.model.Name, c.model.Provider, c.model.Model, c.model.BaseURL = "m", routes.OpenAI, "m", "http://model"
			p, err := openai.New(c.model, openai.Config{Transport: server})
			if err != nil {
				t.Fatal(err)
			}
			req := forward.Ask("hi")
			req.MaxTokens = 7
			for i, want := range c.calls {
				server.refused = 0
				if got, _, err := forwardtest.Whole(p, req); (err != nil) != c.fails || !c.fails && got.Text != "Hello" {
					t.Errorf("call %d: %q, %v", i, got.Text, err)
				}
				if server.refused != want {
					t.Errorf("call %d was refused %d times, want %d", i, server.refused, want)
				}
			}
		})
	}
}
