package openai

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/openai/openai-go/v3"

	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/forward"
)

func number[T any](n T) *T { return &n }

// TestTheClientLibraryReadsTheSame: the request is written here by hand. What
// OpenAI's own client library reads out of it, and would send, is the same.
func TestTheClientLibraryReadsTheSame(t *testing.T) {
	user := func(parts ...chat.Part) chat.Message {
		return chat.Message{Role: chat.User, Parts: parts}
	}
	look := forward.Tool{Name: "look", Description: "Looks \"there\".\n", Parameters: json.RawMessage(`{"type":"object","properties":{"at":{"type":"string"}}}`)}
	requests := map[string]forward.Request{
		"one prompt": forward.Ask("where is\tmy \"refund\"? \u2028 é 😀 </script>"),
		"numbers": {
			Messages: forward.Ask("hi").Messages, Temperature: number(0.0), TopP: number(1e-7), MaxTokens: 5, Seed: number(int64(-3)),
			LogProbs: true, Stop: []string{"END", "\n"}, User: "u", Metadata: map[string]string{"b": "2", "a": "1"},
		},
		"conversation": {
			System: "Be brief.",
			Messages: []chat.Message{
				{Role: chat.System, Parts: []chat.Part{{Text: "a"}, {Text: "b"}}},
				user(chat.Part{Text: "a"}, chat.Part{Image: &chat.Image{MediaType: "image/png", Data: []byte("no picture")}}),
				user(chat.Part{Image: &chat.Image{URL: "https://x/y.png"}}),
				{Role: chat.Assistant, ToolCalls: []chat.ToolCall{{ID: "c", Name: "look", Arguments: `{"at":"it"}`}, {ID: "d", Name: "look"}}},
				{Role: chat.Tool, ToolCallID: "c", Parts: []chat.Part{{Text: "a cat"}}},
				{Role: chat.Tool, ToolCallID: "d"},
				{Role: chat.Assistant, Parts: []chat.Part{{Text: "A "}, {Text: "cat."}}},
			},
		},
		"a tool":         {Messages: forward.Ask("hi").Messages, Tools: []forward.Tool{look, {Name: "wait"}}, ToolChoice: forward.ToolChoice{Mode: forward.MustTool}},
		"a choice alone": {Messages: forward.Ask("hi").Messages, ToolChoice: forward.ToolChoice{Mode: forward.NoTool}},
		"any JSON":       {Messages: forward.Ask("hi").Messages, Schema: &forward.Schema{Name: "x"}},
		"a schema":       {Messages: forward.Ask("hi").Messages, Schema: &forward.Schema{JSON: json.RawMessage(`{"type":"object"}`), Strict: true}},
	}
	for name, req := range requests {
		for _, modern := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				raw, err := (&Provider{model: "m", modern: modern}).encode(&req)
				if err != nil {
					t.Fatal(err)
				}
				var read openai.ChatCompletionNewParams
				if err := json.Unmarshal(raw, &read); err != nil {
					t.Fatalf("%s: %v", raw, err)
				}
				read.SetExtraFields(map[string]any{"stream": true}) // the library's streaming call adds it
				again, err := read.MarshalJSON()
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(decoded(t, again), decoded(t, raw)); diff != "" {
					t.Errorf("(-library +ours):\n%s", diff)
				}
			})
		}
	}
}

// TestOneTool is apart because the library does not read what it writes here.
func TestOneTool(t *testing.T) {
	req := forward.Ask("hi")
	req.Tools, req.ToolChoice = []forward.Tool{{Name: "look"}}, forward.ToolChoice{Mode: forward.OneTool, Name: "look"}
	raw, err := (&Provider{}).encode(&req)
	if err != nil {
		t.Fatal(err)
	}
	library, err := openai.ToolChoiceOptionFunctionToolChoice(openai.ChatCompletionNamedToolChoiceFunctionParam{Name: "look"}).MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(any(decoded(t, library)), decoded(t, raw)["tool_choice"]); diff != "" {
		t.Errorf("(-library +ours):\n%s", diff)
	}
}

func decoded(t *testing.T, raw []byte) (value map[string]any) {
	t.Helper()
	if err := json.Unmarshal(raw, &value); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return value
}

func TestAToolsParametersMustBeJSON(t *testing.T) {
	req := forward.Ask("hi")
	req.Tools = []forward.Tool{{Name: "t", Parameters: json.RawMessage(`{"type":`)}}
	if _, err := (&Provider{}).encode(&req); err == nil {
		t.Error("it is sent")
	}
}

// BenchmarkEncode is what the form of a request costs.
func BenchmarkEncode(b *testing.B) {
	p := &Provider{model: "m"}
	req := forward.Ask(strings.Repeat("where is my refund? ", 5))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.encode(&req); err != nil {
			b.Fatal(err)
		}
	}
}
