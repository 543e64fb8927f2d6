package openai_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/forwardtest"
)

// tools is a chunk with parts of tool calls.
func tools(parts string) string { return delta(`"tool_calls":[` + parts + `]`) }

func toolStream(parts ...string) string {
	chunks := []string{}
	for _, p := range parts {
		chunks = append(chunks, tools(p))
	}
	return data(append(chunks, finish("stop"))...) + done
}

var (
	oslo  = call("a", "weather", `{"city":"Oslo"}`)
	clock = call("b", "clock", `{"zone":"UTC"}`)
)

// toolCalls are the ways in which servers send tool calls.
var toolCalls = map[string]sample{
	"as the standard has it": {
		toolStream(
			`{"index":0,"id":"a","type":"function","function":{"name":"weather","arguments":""}}`, `{"index":0,"function":{"arguments":"{\"city\":"}}`, `{"index":0,"function":{"arguments":"\"Oslo\"}"}}`,
			`{"index":1,"id":"b","type":"function","function":{"name":"clock","arguments":""}}`, `{"index":1,"function":{"arguments":"{\"zone\":\"UTC\"}"}}`), calls(oslo, clock),
	},
	"all at once, no index":       {toolStream(`{"id":"a","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}},{"id":"b","function":{"name":"clock","arguments":"{\"zone\":\"UTC\"}"}}`), calls(oslo, clock)},
	"one after another, no index": {toolStream(`{"id":"a","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}`, `{"id":"b","function":{"name":"clock","arguments":"{\"zone\":\"UTC\"}"}}`), calls(oslo, clock)},
	"always 0":                    {toolStream(`{"index":0,"id":"a","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}`, `{"index":0,"id":"b","function":{"name":"clock","arguments":"{\"zone\":\"UTC\"}"}}`), calls(oslo, clock)},
	"always 0, in parts": {
		toolStream(`{"index":0,"id":"a","function":{"name":"weather"}}`, `{"index":0,"function":{"arguments":"{\"city\":"}}`, `{"index":0,"function":{"arguments":"\"Oslo\"}"}}`,
			`{"index":0,"id":"b","function":{"name":"clock"}}`, `{"index":0,"function":{"arguments":"{\"zone\":"}}`, `{"index":0,"function":{"arguments":"\"UTC\"}"}}`), calls(oslo, clock),
	},
	"no index, in parts": {
		toolStream(`{"id":"a","function":{"name":"weather","arguments":"{\"ci"}}`, `{"function":{"arguments":"ty\":\"Oslo\"}"}}`,
			`{"id":"b","function":{"name":"clock","arguments":"{\"zone\""}}`, `{"function":{"arguments":":\"UTC\"}"}}`), calls(oslo, clock),
	},
	"no index, id with every part": {
		toolStream(`{"id":"a","function":{"name":"weather","arguments":"{\"ci"}}`, `{"id":"b","function":{"name":"clock","arguments":"{\"zo"}}`,
			`{"id":"a","function":{"arguments":"ty\":\"Oslo\"}"}}`, `{"id":"b","function":{"arguments":"ne\":\"UTC\"}"}}`), calls(oslo, clock),
	},
	"no index, name with every part": {
		toolStream(`{"id":"a","function":{"name":"weather","arguments":"{\"ci"}}`, `{"id":"a","function":{"name":"weather","arguments":"ty\":\"Oslo\"}"}}`), calls(oslo),
	},
	"a new id with every part": {
		toolStream(`{"index":0,"id":"a","function":{"name":"weather","arguments":""}}`, `{"index":0,"id":"x","function":{"arguments":"{\"city\":"}}`, `{"index":0,"id":"y","function":{"arguments":"\"Oslo\"}"}}`, `{"index":0,"id":"z","function":{"arguments":""}}`), calls(oslo),
	},
	"from 1":    {toolStream(`{"index":1,"id":"a","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}`, `{"index":2,"id":"b","function":{"name":"clock","arguments":"{\"zone\":\"UTC\"}"}}`), calls(oslo, clock)},
	"from 5000": {toolStream(`{"index":5001,"id":"a","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}`, `{"index":5000,"id":"b","function":{"name":"clock","arguments":"{\"zone\":\"UTC\"}"}}`), calls(oslo, clock)},
	"the same id, other indexes": {
		toolStream(`{"index":0,"id":"a","function":{"name":"weather","arguments":"{\"ci"}}`, `{"index":1,"id":"a","function":{"name":"clock","arguments":"{\"zo"}}`,
			`{"index":0,"function":{"arguments":"ty\":\"Oslo\"}"}}`, `{"index":1,"function":{"arguments":"ne\":\"UTC\"}"}}`), calls(oslo, call("a", "clock", `{"zone":"UTC"}`)),
	},
	"the same id and index": {toolStream(`{"index":0,"id":"a","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}`, `{"index":0,"id":"a","function":{"name":"clock","arguments":"{\"zone\":\"UTC\"}"}}`), calls(oslo, call("a", "clock", `{"zone":"UTC"}`))},
	"interleaved": {
		toolStream(`{"index":0,"id":"a","function":{"name":"weather"}},{"index":1,"id":"b","function":{"name":"clock"}}`, `{"index":1,"function":{"arguments":"{\"zone\":"}},{"index":0,"function":{"arguments":"{\"city\":"}}`,
			`{"index":0,"function":{"arguments":"\"Oslo\"}"}}`, `{"index":1,"function":{"arguments":"\"UTC\"}"}}`), calls(oslo, clock),
	},
	"interleaved, no index": {
		toolStream(`{"id":"a","function":{"name":"weather","arguments":"{\"city\":"}},{"id":"b","function":{"name":"clock","arguments":"{\"zone\":"}}`, `{"function":{"arguments":"\"Oslo\"}"}},{"function":{"arguments":"\"UTC\"}"}}`), calls(oslo, clock),
	},
	"no ids":                {toolStream(`{"index":0,"function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}`, `{"index":1,"function":{"name":"clock","arguments":"{}"}}`), calls(call("call_0", "weather", `{"city":"Oslo"}`), call("call_1", "clock", "{}"))},
	"no ids, no index":      {toolStream(`{"function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}`, `{"function":{"name":"weather","arguments":"{\"city\":\"Rome\"}"}}`), calls(call("call_0", "weather", `{"city":"Oslo"}`), call("call_1", "weather", `{"city":"Rome"}`))},
	"no ids, twice at once": {toolStream(`{"function":{"name":"weather","arguments":"{}"}},{"function":{"name":"weather","arguments":"{}"}}`), calls(call("call_0", "weather", "{}"), call("call_1", "weather", "{}"))},
	"id, then name, then arguments": {
		toolStream(`{"index":0,"id":"a"}`, `{"index":0,"function":{"name":"weather"}}`, `{"index":0,"function":{"arguments":"{\"city\":\"Oslo\"}"}}`), calls(oslo),
	},
	"name, then arguments, then id": {
		toolStream(`{"index":0,"function":{"name":"weather"}}`, `{"index":0,"function":{"arguments":"{\"city\":\"Oslo\"}"}}`, `{"index":0,"id":"a"}`), calls(oslo),
	},
	"arguments, then name, then id": {
		toolStream(`{"index":0,"function":{"arguments":"{\"city\":\"Oslo\"}"}}`, `{"index":0,"function":{"name":"weather"}}`, `{"index":0,"id":"a"}`), calls(oslo),
	},
	"id, name and arguments apart, always 0": {
		toolStream(`{"index":0,"id":"a"}`, `{"index":0,"function":{"name":"weather"}}`, `{"index":0,"function":{"arguments":"{\"city\":\"Oslo\"}"}}`,
			`{"index":0,"id":"b"}`, `{"index":0,"function":{"name":"clock"}}`, `{"index":0,"function":{"arguments":"{\"zone\":\"UTC\"}"}}`), calls(oslo, clock),
	},
	"id, name and arguments apart, no index": {
		toolStream(`{"id":"a"}`, `{"function":{"name":"weather"}}`, `{"function":{"arguments":"{\"city\":\"Oslo\"}"}}`,
			`{"id":"b"}`, `{"function":{"name":"clock"}}`, `{"function":{"arguments":"{\"zone\":\"UTC\"}"}}`), calls(oslo, clock),
	},
	"an object":              {toolStream(`{"index":0,"id":"a","function":{"name":"weather","arguments":{"city": "Oslo"}}}`), calls(oslo)},
	"objects, no index":      {toolStream(`{"id":"a","function":{"name":"weather","arguments":{"city":"Oslo"}}},{"id":"b","function":{"name":"clock","arguments":{"zone":"UTC"}}}`), calls(oslo, clock)},
	"an empty object before": {toolStream(`{"index":0,"id":"a","function":{"name":"weather","arguments":"{}"}}`, `{"index":0,"function":{"arguments":"{\"city\":\"Oslo\"}"}}`), calls(oslo)},
	"an empty object only":   {toolStream(`{"index":0,"id":"a","function":{"name":"wait","arguments":{}}}`), calls(call("a", "wait", "{}"))},
	"no arguments":           {toolStream(`{"index":0,"id":"a","function":{"name":"wait"}}`), calls(call("a", "wait", ""))},
	"null arguments":         {toolStream(`{"index":0,"id":"a","function":{"name":"wait","arguments":null}}`), calls(call("a", "wait", ""))},
	"repeated as a whole": {
		toolStream(`{"index":0,"id":"a","function":{"name":"weather","arguments":"{\"city\":"}}`, `{"index":0,"function":{"arguments":"\"Oslo\"}"}}`, `{"index":0,"id":"a","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}`), calls(oslo),
	},
	"one that is no list":   {data(delta(`"tool_calls":{"id":"a","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}`), finish("tool_calls")), calls(oslo)},
	"the old function call": {data(delta(`"function_call":{"name":"weather","arguments":""}`), delta(`"function_call":{"arguments":"{\"city\":\"Oslo\"}"}`), finish("function_call")), calls(call("call_0", "weather", `{"city":"Oslo"}`))},
	"in a whole answer":     {`{"choices":[{"message":{"content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}},{"id":"b","function":{"name":"clock","arguments":{"zone":"UTC"}}}]},"finish_reason":"stop"}]}`, calls(oslo, clock)},
	"after the reason":      {data(finish("tool_calls"), tools(`{"index":0,"id":"a","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}`)) + done, calls(oslo)},
	"with text":             {data(delta(`"content":"Let me see.","tool_calls":[{"index":0,"id":"a","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}]`), finish("stop")), forward.Answer{Text: "Let me see.", ToolCalls: calls(oslo).ToolCalls, Finish: forward.FinishToolCalls}},
	"numbers as texts":      {toolStream(`{"index":"1","id":"a","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}`, `{"index":"0","id":"b","function":{"name":"clock","arguments":"{\"zone\":\"UTC\"}"}}`), calls(oslo, clock)},
	"said but not made":     {data(delta(`"content":"Hello"`), finish("tool_calls")), stopped("Hello")},
	"cut off by the length": {data(tools(`{"index":0,"id":"a","function":{"name":"weather","arguments":"{\"ci"}}`), finish("length")), forward.Answer{ToolCalls: calls(call("a", "weather", `{"ci`)).ToolCalls, Finish: forward.FinishLength}},
}

// TestANameInParts: where the tools of the request tell, a name may come in
// parts, and two names are not one.
func TestANameInParts(t *testing.T) {
	req := forward.Ask("hi")
	req.Tools = []forward.Tool{{Name: "weather"}, {Name: "get"}, {Name: "get_time"}, {Name: "_time"}}
	for name, c := range map[string]sample{
		"in parts":  {toolStream(`{"index":0,"id":"a","function":{"name":"wea"}}`, `{"index":0,"function":{"name":"ther"}}`, `{"index":0,"function":{"arguments":"{}"}}`), calls(call("a", "weather", "{}"))},
		"two names": {toolStream(`{"index":0,"function":{"name":"get"}}`, `{"index":0,"function":{"name":"_time"}}`), calls(call("call_0", "get", ""), call("call_1", "_time", ""))},
	} {
		got, _, err := forwardtest.Whole(over(t, &forwardtest.Canned{Body: c.body}), req)
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}
