package anthropic_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/anthropic"
	"github.com/semroute/semroute/forward/forwardtest"
	"github.com/semroute/semroute/routes"
)

var (
	call = forwardtest.Call
	data = forwardtest.Data
)

func over(t testing.TB, c *forwardtest.Canned) *anthropic.Provider {
	t.Helper()
	p, err := anthropic.New(routes.Model{Name: "m", Provider: routes.Anthropic, Model: "m", BaseURL: "http://model"}, anthropic.Config{Transport: c})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func start(usage string) string {
	return `{"type":"message_start","message":{"model":"m","content":[],"usage":{` + usage + `}}}`
}

func text(s string) string {
	return `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"` + s + `"}}`
}

func input(index, part string) string {
	return `{"type":"content_block_delta","index":` + index + `,"delta":{"type":"input_json_delta","partial_json":` + part + `}}`
}

func tool(index, id, name, input string) string {
	return `{"type":"content_block_start","index":` + index + `,"content_block":{"type":"tool_use","id":"` + id + `","name":"` + name + `","input":` + input + `}}`
}

func end(reason, usage string) string {
	return `{"type":"message_delta","delta":{"stop_reason":"` + reason + `"},"usage":{` + usage + `}}`
}

const stop = `{"type":"message_stop"}`

type sample struct {
	body string
	want forward.Answer
}

func said(s string, u forward.Usage) forward.Answer {
	return forward.Answer{Text: s, Finish: forward.FinishStop, Usage: u}
}

func calls(all ...chat.ToolCall) forward.Answer {
	return forward.Answer{ToolCalls: all, Finish: forward.FinishToolCalls}
}

var oslo, clock = call("a", "weather", `{"city":"Oslo"}`), call("b", "clock", `{"zone":"UTC"}`)

var samples = map[string]sample{
	"plain":                 {data(start(`"input_tokens":12,"output_tokens":1`), text("Hel"), text("lo"), end("end_turn", `"output_tokens":5`), stop), said("Hello", forward.Usage{InputTokens: 12, OutputTokens: 5})},
	"usage at the end only": {data(start(""), text("Hello"), end("end_turn", `"input_tokens":12,"output_tokens":5`), stop), said("Hello", forward.Usage{InputTokens: 12, OutputTokens: 5})},
	"usage at the start":    {data(start(`"input_tokens":12,"output_tokens":5`), text("Hello"), end("end_turn", ""), stop), said("Hello", forward.Usage{InputTokens: 12, OutputTokens: 5})},
	"zeros take nothing":    {data(start(`"input_tokens":12,"cache_read_input_tokens":7,"output_tokens":1`), text("Hello"), end("end_turn", `"input_tokens":0,"cache_read_input_tokens":0,"output_tokens":5`), `{"type":"message_delta","delta":{},"usage":{"output_tokens":0}}`, stop), said("Hello", forward.Usage{InputTokens: 19, CachedInputTokens: 7, OutputTokens: 5})},
	"null usage":            {data(`{"type":"message_start","message":{"usage":null}}`, text("Hello"), `{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":null}`, stop), said("Hello", forward.Usage{})},
	"caches":                {data(start(`"input_tokens":5,"cache_read_input_tokens":20,"cache_creation_input_tokens":3`), text("Hello"), end("end_turn", `"output_tokens":5`), stop), said("Hello", forward.Usage{InputTokens: 28, CachedInputTokens: 20, CacheWriteTokens: 3, OutputTokens: 5})},
	"caches by their age":   {data(start(`"input_tokens":5,"cache_creation":{"ephemeral_5m_input_tokens":1,"ephemeral_1h_input_tokens":2}`), text("Hello"), end("end_turn", `"output_tokens":5`), stop), said("Hello", forward.Usage{InputTokens: 8, CacheWriteTokens: 3, OutputTokens: 5})},
	"unreadable usage":      {data(start(`"input_tokens":"lots"`), text("Hello"), end("end_turn", `"output_tokens":5`), stop), said("Hello", forward.Usage{OutputTokens: 5, Implausible: true})},
	"what is not known": {
		data(start(""), `{"type":"ping"}`, `{"type":"something_new","content":1}`, `{"type":"content_block_start","index":0,"content_block":{"type":"new_block","x":1}}`, `{"type":"content_block_delta","index":0,"delta":{"type":"new_delta","y":1}}`,
			"null", "{}", text("Hello"), end("end_turn", ""), stop), said("Hello", forward.Usage{}),
	},
	"text in the block":    {data(start(""), `{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"Hel"}}`, text("lo"), end("stop_sequence", ""), stop), said("Hello", forward.Usage{})},
	"no end of the stream": {data(start(""), text("Hello"), end("end_turn", "")), said("Hello", forward.Usage{})},
	"no reason":            {data(start(""), text("Hello"), stop), said("Hello", forward.Usage{})},
	"type in the name":     {"event: content_block_delta\ndata: {\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello\"}}\n\nevent: message_delta\ndata: {\"delta\":{\"stop_reason\":\"end_turn\"}}\n\n", said("Hello", forward.Usage{})},
	"whole":                {`{"type":"message","model":"m","content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"Hello"},{"type":"tool_use","id":"a","name":"weather","input":{"city":"Oslo"}}],"stop_reason":"end_turn","usage":{"input_tokens":12,"output_tokens":5}}`, forward.Answer{Text: "Hello", Reasoning: "hm", ToolCalls: []chat.ToolCall{oslo}, Finish: forward.FinishToolCalls, Usage: forward.Usage{InputTokens: 12, OutputTokens: 5}}},
	"thinking":             {data(start(""), `{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}`, `{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}`, `{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"x"}}`, text("Hi"), end("end_turn", ""), stop), forward.Answer{Text: "Hi", Reasoning: "hm", Signature: "x", Finish: forward.FinishStop}},
	"length":               {data(start(""), text("Hel"), end("max_tokens", ""), stop), forward.Answer{Text: "Hel", Finish: forward.FinishLength}},
	"refusal":              {data(start(""), text("Hel"), end("refusal", ""), stop), forward.Answer{Text: "Hel", Finish: forward.FinishFiltered}},

	"content as a text":        {`{"type":"message","content":"Hello","stop_reason":"end_turn","usage":{"input_tokens":12,"output_tokens":5}}`, said("Hello", forward.Usage{InputTokens: 12, OutputTokens: 5})},
	"deltas without a type":    {data(start(""), `{"type":"content_block_delta","index":0,"delta":{"thinking":"hm"}}`, `{"type":"content_block_delta","index":1,"delta":{"text":"Hi"}}`, tool("2", "a", "weather", "{}"), `{"type":"content_block_delta","index":2,"delta":{"partial_json":"{\"city\":\"Oslo\"}"}}`, end("tool_use", ""), stop), forward.Answer{Text: "Hi", Reasoning: "hm", ToolCalls: []chat.ToolCall{oslo}, Finish: forward.FinishToolCalls}},
	"events without lines":     {"event: message_start\ndata: " + start(`"input_tokens":12`) + "\nevent: content_block_delta\ndata: " + text("Hello") + "\nevent: message_delta\ndata: " + end("end_turn", `"output_tokens":5`) + "\nevent: message_stop\ndata: " + stop + "\n", said("Hello", forward.Usage{InputTokens: 12, OutputTokens: 5})},
	"guardrail":                {data(start(""), text("Hel"), end("guardrail_intervened", ""), stop), forward.Answer{Text: "Hel", Finish: forward.FinishFiltered}},
	"metrics behind":           {data(start(""), text("Hello"), end("end_turn", ""), `{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":12,"outputTokenCount":5,"invocationLatency":7}}`), said("Hello", forward.Usage{InputTokens: 12, OutputTokens: 5})},
	"caches told at the end":   {data(start(`"input_tokens":100,"cache_read_input_tokens":0`), text("Hello"), end("end_turn", `"input_tokens":20,"cache_read_input_tokens":80,"output_tokens":5`), stop), said("Hello", forward.Usage{InputTokens: 100, CachedInputTokens: 80, OutputTokens: 5})},
	"all from the cache":       {data(start(`"input_tokens":100,"cache_read_input_tokens":0`), text("Hello"), end("end_turn", `"input_tokens":0,"cache_read_input_tokens":100,"output_tokens":5`), stop), said("Hello", forward.Usage{InputTokens: 100, CachedInputTokens: 100, OutputTokens: 5})},
	"zeros beside the cache":   {data(start(`"input_tokens":12,"cache_read_input_tokens":100`), text("Hello"), end("end_turn", `"input_tokens":0,"cache_read_input_tokens":100,"output_tokens":5`), stop), said("Hello", forward.Usage{InputTokens: 112, CachedInputTokens: 100, OutputTokens: 5})},
	"one letter a part":        {data(start(""), tool("1", "a", "weather", "{}"), input("1", `"{"`), input("1", `"\""`), input("1", `"city"`), input("1", `"\":\"Os"`), input("1", `"lo\"}"`), end("tool_use", ""), stop), calls(oslo)},
	"a call":                   {data(start(""), tool("1", "a", "weather", "{}"), input("1", `""`), input("1", `"{\"ci"`), input("1", `"ty\":\"Oslo\"}"`), `{"type":"content_block_stop","index":1}`, end("tool_use", ""), stop), calls(oslo)},
	"input with the block":     {data(start(""), tool("1", "a", "weather", `{"city":"Oslo"}`), `{"type":"content_block_stop","index":1}`, end("tool_use", ""), stop), calls(oslo)},
	"never stopped":            {data(start(""), tool("1", "a", "weather", `{"city":"Oslo"}`), end("tool_use", ""), stop), calls(oslo)},
	"input in both":            {data(start(""), tool("1", "a", "weather", `{"city":"Oslo"}`), input("1", `"{\"city\":\"Oslo\"}"`), end("tool_use", ""), stop), calls(oslo)},
	"input as an object":       {data(start(""), tool("1", "a", "weather", `{}`), input("1", `{"city":"Oslo"}`), end("tool_use", ""), stop), calls(oslo)},
	"interleaved":              {data(start(""), tool("1", "a", "weather", "{}"), tool("2", "b", "clock", "{}"), input("2", `"{\"zone\":"`), input("1", `"{\"city\":"`), input("2", `"\"UTC\"}"`), input("1", `"\"Oslo\"}"`), end("tool_use", ""), stop), calls(oslo, clock)},
	"always 0":                 {data(start(""), tool("0", "a", "weather", `{"city":"Oslo"}`), tool("0", "b", "clock", "{}"), input("0", `"{\"zone\":\"UTC\"}"`), end("tool_use", ""), stop), calls(oslo, clock)},
	"no index":                 {data(start(""), tool("null", "a", "weather", "{}"), input("null", `"{\"city\":\"Oslo\"}"`), tool("null", "b", "clock", "{}"), input("null", `"{\"zone\":\"UTC\"}"`), end("tool_use", ""), stop), calls(oslo, clock)},
	"end_turn with a call":     {data(start(""), tool("0", "a", "weather", `{"city":"Oslo"}`), end("end_turn", ""), stop), calls(oslo)},
	"a tool of the server's":   {data(start(""), `{"type":"content_block_start","index":0,"content_block":{"type":"server_tool_use","id":"s","name":"web_search","input":{}}}`, input("0", `"{\"query\":1}"`), `{"type":"content_block_start","index":1,"content_block":{"type":"web_search_tool_result","content":[]}}`, text("Hello"), end("end_turn", ""), stop), said("Hello", forward.Usage{})},
	"no id":                    {data(start(""), tool("0", "", "weather", `{"city":"Oslo"}`), end("tool_use", ""), stop), calls(call("call_0", "weather", `{"city":"Oslo"}`))},
	"rubbish after the reason": {data(start(""), text("Hello"), end("end_turn", ""), `{"type":"error","error":{"message":"late"}}`, `{"ty`), said("Hello", forward.Usage{})},
}

// TestAnswers holds that every shape is read, however its bytes are cut.
func TestAnswers(t *testing.T) {
	for name, s := range samples {
		t.Run(name, func(t *testing.T) {
			var all []int
			for cut := range len(s.body) {
				all = append(all, cut)
			}
			for cut := range len(s.body) + 1 {
				cuts := []int{cut}
				if cut == len(s.body) {
					cuts = all
				}
				got, _, err := forwardtest.Whole(over(t, &forwardtest.Canned{ContentType: "text/event-stream", Body: s.body, Cuts: cuts}), forward.Ask("hi"))
				if diff := cmp.Diff(s.want, got); err != nil || diff != "" {
					t.Fatalf("cut at %d: %v (-want +got):\n%s", cut, err, diff)
				}
			}
			named := strings.ReplaceAll(s.body, "data: ", ": alive\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\nid: 1\ndata:")
			if strings.HasPrefix(s.body, "data:") {
				got, _, err := forwardtest.Whole(over(t, &forwardtest.Canned{Body: strings.ReplaceAll(named, "\n", "\r\n")}), forward.Ask("hi"))
				if diff := cmp.Diff(s.want, got); err != nil || diff != "" {
					t.Errorf("in another framing: %v (-want +got):\n%s", err, diff)
				}
			}
		})
	}
}

func TestFailures(t *testing.T) {
	for name, c := range map[string]struct {
		body  string
		class forward.Class
	}{
		"an error":              {data(start(""), `{"type":"error","error":{"type":"overloaded_error","message":"no luck"}}`), forward.ServerError},
		"by its name":           {data(start("")) + "event: error\ndata: {\"error\":\"no luck\"}\n\n", forward.ServerError},
		"rate limit":            {data(`{"type":"error","error":{"type":"rate_limit_error","message":"no luck"}}`), forward.RateLimited},
		"billing":               {data(`{"type":"error","error":{"type":"billing_error","message":"no luck"}}`), forward.OutOfCredit},
		"too long":              {data(`{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens > 8 maximum"}}`), forward.ContextLength},
		"key":                   {data(`{"type":"error","error":{"type":"authentication_error","message":"no luck"}}`), forward.Auth},
		"JSON":                  {`{"type":"error","error":{"type":"api_error","message":"no luck"}}`, forward.ServerError},
		"cut off":               {data(start(""), text("Hel")), forward.Reset},
		"stopped at once":       {data(start(""), stop), forward.Reset},
		"withheld":              {data(start(""), end("refusal", ""), stop), forward.ContentFilter},
		"a part of no call":     {data(start(""), input("0", `"{}"`)), forward.Garbage},
		"a call without a name": {data(start(""), tool("0", "a", "", "{}")), forward.Garbage},
		"another protocol":      {data(`{"hello":"world"}`), forward.Garbage},
		"HTML":                  {"<html>", forward.Garbage},
	} {
		_, _, err := forwardtest.Whole(over(t, &forwardtest.Canned{Body: c.body}), forward.Ask("hi"))
		var upstream *forward.UpstreamError
		if !errors.As(err, &upstream) || upstream.Class != c.class {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzAnswer: the answer does not depend on how its bytes are cut.
func FuzzAnswer(f *testing.F) {
	for _, s := range samples {
		f.Add(s.body, uint(3), uint(40))
	}
	f.Fuzz(func(t *testing.T, body string, a, b uint) {
		forwardtest.HoldCuts(t, func(c *forwardtest.Canned) forward.Provider { return over(t, c) }, body, a, b)
	})
}

// TestSystemTexts: all of them stand before the conversation, in their order.
func TestSystemTexts(t *testing.T) {
	c := &forwardtest.Canned{Body: samples["plain"].body}
	req := forward.Request{System: "Formal.", Messages: []chat.Message{
		chat.Say(chat.System, "Brief."), chat.Say(chat.System, " "), chat.Say(chat.User, "hi"), chat.Say(chat.System, "Now in French."), chat.Say(chat.User, "go on"),
	}}
	if _, _, err := forwardtest.Whole(over(t, c), req); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"system":[{"type":"text","text":"Formal.\n\nBrief.\n\nNow in French."}]`, `"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]},{"role":"user","content":[{"type":"text","text":"go on"}]}]`} {
		if !strings.Contains(c.Sent[0], want) {
			t.Errorf("sent %s\nwithout %s", c.Sent[0], want)
		}
	}
}
