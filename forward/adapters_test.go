package forward_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"github.com/semroute/semroute/forward/anthropic"
	"github.com/semroute/semroute/forward/ollama"
	"github.com/semroute/semroute/forward/openai"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/forwardtest"
	"github.com/semroute/semroute/routes"
)

var update = flag.Bool("update", false, "write the golden files anew")

func number[T any](n T) *T { return &n }

// connect makes the real adapter for a double.
func connect(t testing.TB, m routes.Model) forward.Provider {
	t.Helper()
	var p forward.Provider
	var err error
	switch m.Provider {
	case routes.Ollama:
		p, err = ollama.New(m, ollama.Config{})
	case routes.OpenAI:
		p, err = openai.New(m, openai.Config{})
	case routes.Anthropic:
		p, err = anthropic.New(m, anthropic.Config{})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// rich is a conversation that uses everything that all providers can express.
func rich() forward.Request {
	return forward.Request{
		System: "Be brief.",
		Messages: []chat.Message{
			{Role: chat.User, Parts: []chat.Part{
				{Text: "What is this?"}, {Image: &chat.Image{MediaType: "image/png", Data: []byte("not a picture")}},
			}},
			{
				Role: chat.Assistant, Parts: []chat.Part{{Text: "Let me look."}},
				ToolCalls: []chat.ToolCall{{ID: "c1", Name: "look", Arguments: `{"at": "it"}`}, {ID: "c2", Name: "look"}},
			},
			{Role: chat.Tool, ToolCallID: "c1", ToolName: "look", Parts: []chat.Part{{Text: "a cat"}}},
			{Role: chat.Tool, ToolCallID: "c2", ToolName: "look"},
			{Role: chat.User, Parts: []chat.Part{{Text: "And now?"}}},
		},
		Tools: []forward.Tool{
			{
				Name: "look", Description: "Looks.",
				Parameters: json.RawMessage(`{"type":"object","properties":{"at":{"type":"string"}},"required":["at"],"additionalProperties":false}`),
			},
			{Name: "wait"},
		},
		ToolChoice:  forward.ToolChoice{Mode: forward.AutoTool},
		Schema:      &forward.Schema{Name: "thing", JSON: json.RawMessage(`{"type":"object","properties":{"z":{"type":"string"},"a":{"type":"integer"}}}`)},
		Temperature: number(0.0), TopP: number(0.5), MaxTokens: 20, Stop: []string{"END"}, User: "someone",
	}
}

// TestRequestsOnTheWire holds what every provider is sent for the same request.
func TestRequestsOnTheWire(t *testing.T) {
	for _, protocol := range forwardtest.Protocols() {
		t.Run(string(protocol.Provider), func(t *testing.T) {
			server := forwardtest.NewServer(t, protocol, forwardtest.Answer(1, 1, "ok"))
			m := routes.Model{Name: "m", Provider: protocol.Provider, Model: "the-model", BaseURL: server.URL}
			req := rich()
			if protocol.Provider == routes.OpenAI || protocol.Provider == routes.Ollama {
				req.Seed, req.LogProbs = number(int64(3)), true
			}
			if _, err := connect(t, m).Stream(context.Background(), req, func(forward.Piece) error { return nil }); err != nil {
				t.Fatal(err)
			}
			var sent any
			if err := json.Unmarshal([]byte(server.Calls()[0]), &sent); err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(sent, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "request_"+string(protocol.Provider)+".json", append(got, '\n'))
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// TestWhatCannotBeExpressed: a field that a provider has no word for is named
// in an error, before any call.
func TestWhatCannotBeExpressed(t *testing.T) {
	with := func(change func(*forward.Request)) forward.Request {
		r := forward.Ask("hi")
		change(&r)
		return r
	}
	one := with(func(r *forward.Request) {
		r.Tools = []forward.Tool{{Name: "t"}}
		r.ToolChoice = forward.ToolChoice{Mode: forward.OneTool, Name: "t"}
	})
	remote := with(func(r *forward.Request) {
		r.Messages[0].Parts = []chat.Part{{Image: &chat.Image{URL: "http://x/y.png"}}}
	})
	named := with(func(r *forward.Request) {
		r.Messages = append(r.Messages, chat.Message{Role: chat.Tool, ToolName: "t"})
	})
	cases := []struct {
		provider forwardtest.Protocol
		req      forward.Request
		field    string
	}{
		{forwardtest.Ollama(), one, "tool_choice"},
		{forwardtest.Ollama(), remote, "image.url"},
		{forwardtest.OpenAI(), named, "messages.tool_name"},
		{forwardtest.Anthropic(), named, "messages.tool_name"},
		{forwardtest.Anthropic(), with(func(r *forward.Request) { r.Seed = number(int64(1)) }), "seed"},
		{forwardtest.Anthropic(), with(func(r *forward.Request) { r.Temperature = number(1.5) }), "temperature"},
		{forwardtest.Anthropic(), with(func(r *forward.Request) { r.Schema = &forward.Schema{} }), "schema"},
		{forwardtest.Anthropic(), with(func(r *forward.Request) { r.Metadata = map[string]string{"team": "x"} }), "metadata.team"},
		{forwardtest.Anthropic(), with(func(r *forward.Request) { r.Messages[0].Role = chat.System }), "messages.role"},
	}
	for _, c := range cases {
		t.Run(string(c.provider.Provider)+"/"+c.field, func(t *testing.T) {
			server := forwardtest.NewServer(t, c.provider, forwardtest.Answer(1, 1, "ok"))
			m := routes.Model{Name: "m", Provider: c.provider.Provider, Model: "m", BaseURL: server.URL}
			_, err := connect(t, m).Stream(context.Background(), c.req, func(forward.Piece) error { return nil })
			var unsupported *forward.UnsupportedError
			if !errors.As(err, &unsupported) || unsupported.Field != c.field || !errors.Is(err, forward.ErrUnsupported) {
				t.Errorf("error is %v", err)
			}
			if len(server.Calls()) != 0 {
				t.Error("the server was called")
			}
		})
	}
}

// TestAnswersOnTheWire holds what is read of answers that are more than text.
func TestAnswersOnTheWire(t *testing.T) {
	cases := []struct {
		name     string
		protocol forwardtest.Protocol
		body     string
		want     forward.Answer
	}{
		{
			"tool calls", forwardtest.Ollama(),
			`{"message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"look","arguments":{"at":"it"}}},{"function":{"name":"wait","arguments":{}}}]},"done":false}` + "\n" +
				`{"message":{"role":"assistant","content":""},"done_reason":"stop","done":true,"prompt_eval_count":3,"eval_count":4}`,
			forward.Answer{
				ToolCalls: []chat.ToolCall{{ID: "call_0", Name: "look", Arguments: `{"at":"it"}`}, {ID: "call_1", Name: "wait", Arguments: "{}"}},
				Finish:    forward.FinishToolCalls, Usage: forward.Usage{InputTokens: 3, OutputTokens: 4},
			},
		},
		{
			"length and log-probabilities", forwardtest.Ollama(),
			`{"message":{"role":"assistant","content":"hi"},"logprobs":[{"token":"hi","logprob":-0.5}],"done":false}` + "\n\n" +
				`{"message":{"role":"assistant","content":""},"done_reason":"length","done":true}` + "\n",
			forward.Answer{Text: "hi", Finish: forward.FinishLength, LogProbs: []float64{-0.5}},
		},
		{
			"tool calls in parts", forwardtest.OpenAI(),
			`data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"look","arguments":""}}]}}]}` + "\n\n" +
				`data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"at\":"}}]}}]}` + "\n\n" +
				`data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"b","function":{"name":"wait","arguments":"{}"}},{"index":0,"function":{"arguments":"1}"}}]}}]}` + "\n\n" +
				`data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":9,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":5}}}` + "\n\ndata: [DONE]\n\n",
			forward.Answer{
				ToolCalls: []chat.ToolCall{{ID: "a", Name: "look", Arguments: `{"at":1}`}, {ID: "b", Name: "wait", Arguments: "{}"}},
				Finish:    forward.FinishToolCalls, Usage: forward.Usage{InputTokens: 9, CachedInputTokens: 5, OutputTokens: 2},
			},
		},
		{
			"comments, CRLF, log-probabilities, other choices, no [DONE]", forwardtest.OpenAI(),
			": PROCESSING\r\n\r\n" +
				`data: {"choices":[{"index":1,"delta":{"content":"no"}},{"index":0,"delta":{"content":"yes"},"logprobs":{"content":[{"logprob":-1},{"logprob":-2}]}}]}` + "\r\n\r\n" +
				`data: {"choices":[{"index":0,"delta":{},"finish_reason":"length"}]}` + "\r\n\r\n",
			forward.Answer{Text: "yes", Finish: forward.FinishLength, LogProbs: []float64{-1, -2}},
		},
		{
			"refusal", forwardtest.OpenAI(),
			`data: {"choices":[{"index":0,"delta":{"refusal":"I will not."}}]}` + "\n\n" +
				`data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\n",
			forward.Answer{Refusal: "I will not.", Finish: forward.FinishFiltered},
		},
		{
			"text, tool call and cached input", forwardtest.Anthropic(),
			`data: {"type":"message_start","message":{"usage":{"input_tokens":5,"cache_read_input_tokens":20,"cache_creation_input_tokens":3,"output_tokens":1}}}` + "\n\n" +
				`data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}` + "\n\n" +
				`data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}` + "\n\n" +
				`data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}` + "\n\n" +
				`data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Looking."}}` + "\n\n" +
				`data: {"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"t","name":"look","input":{}}}` + "\n\n" +
				`data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"at\":"}}` + "\n\n" +
				`data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"1}"}}` + "\n\n" +
				`data: {"type":"something_new"}` + "\n\n" +
				`data: {"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":12}}` + "\n\n" +
				`data: {"type":"message_stop"}` + "\n\n",
			forward.Answer{
				Text: "Looking.", Reasoning: "hm", ToolCalls: []chat.ToolCall{{ID: "t", Name: "look", Arguments: `{"at":1}`}},
				Finish: forward.FinishToolCalls, Usage: forward.Usage{InputTokens: 28, CachedInputTokens: 20, CacheWriteTokens: 3, OutputTokens: 12},
			},
		},
	}
	for _, c := range cases {
		t.Run(string(c.protocol.Provider)+"/"+c.name, func(t *testing.T) {
			server := forwardtest.NewServer(t, c.protocol, func(w forwardtest.Wire) { w.Send(c.body) })
			m := routes.Model{Name: "m", Provider: c.protocol.Provider, Model: "m", BaseURL: server.URL}
			var parts forward.Collector
			end, err := connect(t, m).Stream(context.Background(), forward.Ask("hi"), parts.Add)
			if err != nil {
				t.Fatal(err)
			}
			got := parts.Answer()
			got.Finish, got.Usage = end.Finish, end.Usage
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
}
