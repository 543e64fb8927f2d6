package ollama_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/forwardtest"
	"github.com/semroute/semroute/forward/ollama"
	"github.com/semroute/semroute/routes"
)

func over(t testing.TB, c *forwardtest.Canned) *ollama.Provider {
	t.Helper()
	p, err := ollama.New(routes.Model{Name: "m", Provider: routes.Ollama, Model: "m", BaseURL: "http://model"}, ollama.Config{Transport: c})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func line(message, rest string) string {
	return `{"model":"m","message":{"role":"assistant",` + message + `},"done":false` + rest + "}\n"
}

func end(rest string) string {
	return `{"model":"m","message":{"role":"assistant","content":""},"done":true` + rest + "}\n"
}

func said(s string, u forward.Usage) forward.Answer {
	return forward.Answer{Text: s, Finish: forward.FinishStop, Usage: u}
}

func calls(all ...chat.ToolCall) forward.Answer {
	return forward.Answer{ToolCalls: all, Finish: forward.FinishToolCalls}
}

var call, used = forwardtest.Call, forward.Usage{InputTokens: 9, OutputTokens: 3}

var samples = map[string]struct {
	body string
	want forward.Answer
}{
	"plain":                     {line(`"content":"Hel"`, "") + line(`"content":"lo"`, "") + end(`,"done_reason":"stop","prompt_eval_count":9,"eval_count":3`), said("Hello", used)},
	"no last line's end":        {line(`"content":"Hello"`, "") + `{"done":true}`, said("Hello", forward.Usage{})},
	"usage before the end":      {line(`"content":"Hello"`, `,"prompt_eval_count":9,"eval_count":3`) + end(""), said("Hello", used)},
	"zeros take nothing":        {line(`"content":"Hello"`, `,"prompt_eval_count":9,"eval_count":3`) + end(`,"prompt_eval_count":0,"eval_count":0`), said("Hello", used)},
	"unreadable usage":          {line(`"content":"Hello"`, "") + end(`,"prompt_eval_count":"?","eval_count":3`), said("Hello", forward.Usage{OutputTokens: 3, Implausible: true})},
	"lines that carry nothing":  {"\n\r\n" + `{"model":"m"}` + "\n" + line(`"content":"Hello"`, "") + "null\n{}\n" + end(""), said("Hello", forward.Usage{})},
	"whole":                     {`{"model":"m","message":{"role":"assistant","content":"Hello"},"done":true,"prompt_eval_count":9,"eval_count":3}`, said("Hello", used)},
	"as events":                 {forwardtest.Data(line(`"content":"Hello"`, "")[:len(line(`"content":"Hello"`, ""))-1], `{"done":true}`), said("Hello", forward.Usage{})},
	"thinking":                  {line(`"content":"","thinking":"hm"`, "") + line(`"content":"Hello"`, "") + end(""), forward.Answer{Text: "Hello", Reasoning: "hm", Finish: forward.FinishStop}},
	"length":                    {line(`"content":"Hel"`, "") + end(`,"done_reason":"length"`), forward.Answer{Text: "Hel", Finish: forward.FinishLength}},
	"more after the end":        {line(`"content":"Hello"`, "") + end("") + `{"error":"late"}` + "\n<", said("Hello", forward.Usage{})},
	"tool calls":                {line(`"content":"","tool_calls":[{"function":{"name":"weather","arguments":{"city":"Oslo"}}},{"id":"b","function":{"name":"clock","arguments":"{\"zone\":\"UTC\"}"}}]`, "") + line(`"tool_calls":[{"function":{"name":"wait"}}]`, "") + end(`,"done_reason":"stop"`), calls(call("call_0", "weather", `{"city":"Oslo"}`), call("b", "clock", `{"zone":"UTC"}`), call("call_2", "wait", "{}"))},
	"a call in parts":           {line(`"tool_calls":[{"function":{"index":0,"name":"weather","arguments":"{\"ci"}}]`, "") + line(`"tool_calls":[{"function":{"index":0,"arguments":"ty\":\"Oslo\"}"}}]`, "") + end(""), calls(call("call_0", "weather", `{"city":"Oslo"}`))},
	"two calls in parts":        {line(`"tool_calls":[{"id":"a","function":{"name":"weather","arguments":""}}]`, "") + line(`"tool_calls":[{"id":"b","function":{"name":"clock","arguments":"{\"zone\":"}}]`, "") + line(`"tool_calls":[{"id":"a","function":{"arguments":"{\"city\":\"Oslo\"}"}}]`, "") + line(`"tool_calls":[{"id":"b","function":{"arguments":"\"UTC\"}"}}]`, "") + end(""), calls(call("a", "weather", `{"city":"Oslo"}`), call("b", "clock", `{"zone":"UTC"}`))},
	"every index 0":             {line(`"tool_calls":[{"function":{"index":0,"name":"weather","arguments":{"city":"Oslo"}}}]`, "") + line(`"tool_calls":[{"function":{"index":0,"name":"weather","arguments":{"city":"Rome"}}}]`, "") + end(""), calls(call("call_0", "weather", `{"city":"Oslo"}`), call("call_1", "weather", `{"city":"Rome"}`))},
	"reasoning":                 {line(`"content":"","reasoning":"hm"`, "") + line(`"content":"Hello"`, "") + end(""), forward.Answer{Text: "Hello", Reasoning: "hm", Finish: forward.FinishStop}},
	"numbers that are none":     {line(`"content":"Hello"`, "") + end(`,"total_duration":NaN,"prompt_eval_count":9,"eval_count":3`), said("Hello", used)},
	"loaded, with an answer":    {line(`"content":"Hello"`, "") + end(`,"done_reason":"load"`), said("Hello", forward.Usage{})},
	"tool calls, empty content": {line(`"content":null,"tool_calls":[{"function":{"index":7,"name":"weather","arguments":{}}}]`, "") + end(""), calls(call("call_0", "weather", `{}`))},
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
				got, model, err := forwardtest.Whole(over(t, &forwardtest.Canned{ContentType: "application/x-ndjson", Body: s.body, Cuts: cuts}), forward.Ask("hi"))
				if diff := cmp.Diff(s.want, got); err != nil || diff != "" {
					t.Fatalf("cut at %d: %v (-want +got):\n%s", cut, err, diff)
				}
				if model.Model != "m" {
					t.Fatalf("answered by %q", model.Model)
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
		"an error":              {line(`"content":"Hel"`, "") + `{"error":"no luck"}`, forward.ServerError},
		"an object":             {`{"error":{"message":"no luck"}}`, forward.ServerError},
		"no such model":         {`{"error":"model \"m\" not found, try pulling it first"}`, forward.NotFound},
		"only loaded":           {end(`,"done_reason":"load"`), forward.Garbage},
		"refused in words":      {`{"error":"m does not support tools"}`, forward.UnsupportedInput},
		"StatusError":           {`{"StatusCode":401,"Status":"401 Unauthorized","error":"unauthorized"}`, forward.Auth},
		"cut off":               {line(`"content":"Hel"`, ""), forward.Reset},
		"cut off in a line":     {line(`"content":"Hel"`, "") + `{"mess`, forward.Reset},
		"nothing":               {"", forward.Reset},
		"another protocol":      {`{"hello":"world"}`, forward.Garbage},
		"not JSON":              {line(`"content":"Hel"`, "") + "{no luck}\n", forward.Garbage},
		"a call without a name": {line(`"tool_calls":[{"function":{"arguments":{"a":1}}}]`, "") + end(""), forward.Garbage},
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
