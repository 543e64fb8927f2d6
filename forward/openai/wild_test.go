package openai_test

import (
	"testing"

	"github.com/semroute/semroute/forward"
)

// wild are answers as servers in the wild have been seen to write them.
var wild = map[string]sample{
	// Framing.
	"events without blank lines":              {"data: " + delta(`"content":"Hel"`) + "\ndata: " + delta(`"content":"lo"`) + "\ndata: " + finish("stop") + "\ndata: [DONE]\n", stopped("Hello")},
	"data twice":                              {"data: data: " + delta(`"content":"Hello"`) + "\n\ndata: data: " + finish("stop") + "\n\ndata: data: [DONE]\n\n", stopped("Hello")},
	"[DONE] in quotes":                        {data(delta(`"content":"Hello"`), `"[DONE]"`), stopped("Hello")},
	"data on a line behind":                   {"data:\n " + delta(`"content":"Hello"`) + "\n\ndata:\n " + finish("stop") + "\n\n", stopped("Hello")},
	"lines of JSON, then [DONE]":              {delta(`"content":"Hello"`) + "\n[DONE]\n", stopped("Hello")},
	"a whole answer, then an event":           {`{"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]}` + "\n\ndata: [DONE]\n\n", stopped("Hello")},
	"JSON first, then events":                 {`{"id":"x","choices":[]}` + "\n\n" + data(delta(`"content":"Hello"`), finish("stop")) + done, stopped("Hello")},
	"rubbish behind a whole answer":           {`{"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]}` + "\n<html>", stopped("Hello")},
	"NaN in the usage":                        {used(`{"prompt_tokens":NaN,"completion_tokens":5}`), counted(forward.Usage{OutputTokens: 5})},
	"Infinity in the usage":                   {used(`{"prompt_tokens":10,"completion_tokens":5,"x":[-Infinity,Infinity]}`), counted(forward.Usage{InputTokens: 10, OutputTokens: 5})},
	"NaN in a text stays":                     {data(delta(`"content":"NaN \"NaN"`), `{"choices":[{"delta":{"content":"!"},"finish_reason":"stop"}],"x":NaN}`), stopped(`NaN "NaN!`)},
	"a bare line break in a text":             {`{"choices":[{"message":{"content":"Hel` + "\t" + `lo"},"finish_reason":"stop"}]}`, stopped("Hel\tlo")},
	"padding before a whole answer":           {"\n\n   \n" + `{"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]}`, stopped("Hello")},
	"comments before a whole answer":          {": PROCESSING\n\n: PROCESSING\n\n" + `{"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]}` + "\n", stopped("Hello")},
	"comments before one with lines":          {": PROCESSING\n\n{\n \"choices\": [\n  {\"message\": {\"content\": \"Hello\"}, \"finish_reason\": \"stop\"}\n ]\n}\n", stopped("Hello")},
	"spaces before the field":                 {" data: " + delta(`"content":"Hello"`) + "\n\n data: " + finish("stop") + "\n\n", stopped("Hello")},
	"a result, without the word for an error": {data(`{"base_resp":{"status_code":0,"status_msg":""},"choices":[{"delta":{"content":"Hello"},"finish_reason":"stop"}]}`), stopped("Hello")},
	"Azure's results of its filter":           {data(`{"choices":[],"prompt_filter_results":[{"prompt_index":0,"content_filter_results":{"hate":{"filtered":false}}}]}`, delta(`"content":"Hello"`), `{"choices":[{"index":0,"finish_reason":null,"content_filter_results":{"error":{"code":"content_filter_error","message":"not filtered"}},"content_filter_offsets":{"start_offset":1}}]}`, `{"choices":[{"index":0,"delta":{},"finish_reason":"stop","content_filter_results":{}}]}`) + done, stopped("Hello")},

	// Content.
	"a delta that is a text":          {data(`{"choices":[{"index":0,"delta":"Hello"}]}`, finish("stop")), stopped("Hello")},
	"a message that is a text":        {`{"choices":[{"index":0,"message":"Hello","finish_reason":"stop"}]}`, stopped("Hello")},
	"a summary of reasoning":          {data(delta(`"content":[{"type":"reasoning","summary":[{"type":"summary_text","text":"hm","signature":""}]}]`), delta(`"content":[{"type":"text","text":"Hi"}]`), finish("stop")), forward.Answer{Text: "Hi", Reasoning: "hm", Finish: forward.FinishStop}},
	"blocks of thoughts":              {data(delta(`"thinking_blocks":[{"type":"thinking","thinking":"hm","signature":null}]`), delta(`"reasoning_content":"","content":"Hi"`), finish("stop")), forward.Answer{Text: "Hi", Reasoning: "hm", Finish: forward.FinishStop}},
	"thoughts under two names":        {data(delta(`"reasoning_content":"hm","thinking_blocks":[{"type":"thinking","thinking":"hm"}]`), delta(`"content":"Hi"`), finish("stop")), forward.Answer{Text: "Hi", Reasoning: "hm", Finish: forward.FinishStop}},
	"both, with the same text so far": {data(`{"object":"chat.completion.chunk","choices":[{"delta":{"content":"Hel"},"message":{"content":"Hel"}}]}`, `{"object":"chat.completion.done","choices":[{"delta":{"content":""},"message":{"content":"Hello"},"finish_reason":"stop"}]}`), stopped("Hel")},
	"encrypted thoughts":              {data(delta(`"reasoning_details":[{"type":"reasoning.encrypted","data":"xyz"}]`), delta(`"content":"Hi"`), finish("stop")), stopped("Hi")},

	// Reasons.
	"filtered, with why": {data(delta(`"content":"Hel"`), finish("content_filter: PROHIBITED_CONTENT")), forward.Answer{Text: "Hel", Finish: forward.FinishFiltered}},
	"sensitive":          {data(delta(`"content":"Hel"`), finish("sensitive")), forward.Answer{Text: "Hel", Finish: forward.FinishFiltered}},
	"guardrail":          {data(delta(`"content":"Hel"`), finish("guardrail_intervened")), forward.Answer{Text: "Hel", Finish: forward.FinishFiltered}},
	"the window is full": {data(delta(`"content":"Hel"`), finish("model_context_window_exceeded")), forward.Answer{Text: "Hel", Finish: forward.FinishLength}},
	"end_turn":           {data(delta(`"content":"Hello"`), finish("end_turn")), stopped("Hello")},
	"eos_token":          {data(delta(`"content":"Hello"`), finish("eos_token")), stopped("Hello")},
	"tool_use":           {data(tools(`{"index":0,"id":"a","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}`), finish("tool_use")), calls(oslo)},

	// Tool calls.
	"begun without an index, goes on with one": {toolStream(`{"id":"a","function":{"name":"weather","arguments":""}}`, `{"index":0,"function":{"arguments":"{\"city\":"}}`, `{"index":0,"function":{"arguments":"\"Oslo\"}"}}`), calls(oslo)},
	"begun at one index, goes on at another":   {toolStream(`{"index":0,"id":"a","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}`, `{"index":0,"id":"b","function":{"name":"clock","arguments":""}}`, `{"index":1,"function":{"arguments":"{\"zone\":"}}`, `{"index":1,"function":{"arguments":"\"UTC\"}"}}`), calls(oslo, clock)},
	"an index that grows with every part":      {toolStream(`{"index":0,"id":"a","function":{"name":"weather","arguments":"{\"ci"}}`, `{"index":1,"function":{"arguments":"ty\":"}}`, `{"index":2,"function":{"arguments":"\"Oslo\"}"}}`), calls(oslo)},
	"empty ids":                                {toolStream(`{"index":0,"id":"","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}`, `{"index":0,"id":"","function":{"name":"clock","arguments":"{\"zone\":\"UTC\"}"}}`), calls(call("call_0", "weather", `{"city":"Oslo"}`), call("call_1", "clock", `{"zone":"UTC"}`))},
	"nulls in every later part":                {toolStream(`{"index":0,"id":"a","type":"function","function":{"name":"weather","arguments":null}}`, `{"index":0,"id":null,"type":null,"function":{"name":null,"arguments":"{\"city\":\"Oslo\"}"}}`), calls(oslo)},
	"empty name and id in every later part":    {toolStream(`{"index":0,"id":"a","type":"function","function":{"name":"weather","arguments":""}}`, `{"index":0,"id":"","type":"function","function":{"name":"","arguments":"{\"city\":"}}`, `{"index":0,"id":"","function":{"name":"","arguments":"\"Oslo\"}"}}`), calls(oslo)},
	"name and id in every part":                {toolStream(`{"index":0,"id":"a","function":{"name":"weather","arguments":"{\"ci"}}`, `{"index":0,"id":"a","function":{"name":"weather","arguments":"ty\":\"Oslo\"}"}}`, `{"index":0,"id":"a","function":{"name":"weather","arguments":""}}`), calls(oslo)},
	"repeated as a whole, by ids, from 1": {
		toolStream(`{"index":1,"id":"a","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}`, `{"index":2,"id":"b","function":{"name":"clock","arguments":"{\"zone\":\"UTC\"}"}}`,
			`{"id":"a","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}},{"id":"b","function":{"name":"clock","arguments":"{\"zone\":\"UTC\"}"}}`), calls(oslo, clock),
	},
	"arguments under another name": {toolStream(`{"index":0,"id":"a","name":"weather","input":{"city":"Oslo"}}`, `{"index":1,"id":"b","function":{"name":"clock","parameters":{"zone":"UTC"}}}`), calls(oslo, clock)},
	"the index within":             {toolStream(`{"id":"a","function":{"index":0,"name":"weather","arguments":"{\"ci"}},{"id":"b","function":{"index":1,"name":"clock","arguments":"{\"zo"}}`, `{"function":{"index":1,"arguments":"ne\":\"UTC\"}"}}`, `{"function":{"index":0,"arguments":"ty\":\"Oslo\"}"}}`), calls(oslo, clock)},
	"the same call twice":          {toolStream(`{"index":0,"id":"a","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}`, `{"index":0,"id":"b","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}`), calls(oslo, call("b", "weather", `{"city":"Oslo"}`))},
	"three, ids only":              {toolStream(`{"id":"a","function":{"name":"weather","arguments":{"city":"Oslo"}}}`, `{"id":"b","function":{"name":"clock","arguments":{"zone":"UTC"}}}`, `{"id":"c","function":{"name":"wait","arguments":{}}}`), calls(oslo, clock, call("c", "wait", "{}"))},
	"two without arguments":        {toolStream(`{"index":0,"id":"a","function":{"name":"wait","arguments":"{}"}}`, `{"index":0,"id":"b","function":{"name":"wait","arguments":"{}"}}`), calls(call("a", "wait", "{}"), call("b", "wait", "{}"))},
	"ids that are numbers":         {toolStream(`{"index":0,"id":7,"function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}`, `{"index":0,"id":8,"function":{"name":"clock","arguments":"{\"zone\":\"UTC\"}"}}`), calls(call("7", "weather", `{"city":"Oslo"}`), call("8", "clock", `{"zone":"UTC"}`))},
	"an object after the head":     {toolStream(`{"index":0,"id":"a","function":{"name":"weather"}}`, `{"index":0,"function":{"arguments":{"city":"Oslo"}}}`), calls(oslo)},
	"three interleaved, by ids":    {toolStream(`{"id":"a","function":{"name":"weather","arguments":""}}`, `{"id":"b","function":{"name":"clock","arguments":""}}`, `{"id":"a","function":{"arguments":"{\"city\":"}}`, `{"id":"b","function":{"arguments":"{\"zone\":"}}`, `{"id":"b","function":{"arguments":"\"UTC\"}"}}`, `{"id":"a","function":{"arguments":"\"Oslo\"}"}}`), calls(oslo, clock)},
	"all at 0, interleaved by ids": {toolStream(`{"index":0,"id":"a","function":{"name":"weather","arguments":""}}`, `{"index":0,"id":"b","function":{"name":"clock","arguments":""}}`, `{"index":0,"id":"a","function":{"arguments":"{\"city\":"}}`, `{"index":0,"id":"b","function":{"arguments":"{\"zone\":"}}`, `{"index":0,"id":"b","function":{"arguments":"\"UTC\"}"}}`, `{"index":0,"id":"a","function":{"arguments":"\"Oslo\"}"}}`), calls(oslo, clock)},
	"negative indexes":             {toolStream(`{"index":-1,"id":"a","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}`, `{"index":-1,"id":"b","function":{"name":"clock","arguments":"{\"zone\":\"UTC\"}"}}`), calls(oslo, clock)},
	"one letter a part": {
		toolStream(`{"index":3,"id":"a","function":{"name":"weather","arguments":"{"}}`, `{"index":3,"function":{"arguments":"\""}}`, `{"index":3,"function":{"arguments":"city"}}`, `{"index":3,"function":{"arguments":"\":"}}`, `{"index":3,"function":{"arguments":"\"Oslo\""}}`, `{"index":3,"function":{"arguments":"}"}}`), calls(oslo),
	},
	"objects within objects": {
		toolStream(`{"id":"a","function":{"name":"weather","arguments":"{\"a\":"}}`, `{"function":{"arguments":"{\"b\":1}"}}`, `{"function":{"arguments":"}"}}`), calls(call("a", "weather", `{"a":{"b":1}}`)),
	},

	// Usage.
	"with an empty choice":             {data(delta(`"content":"Hello"`), finish("stop"), `{"choices":[{"index":0,"delta":{}}],"usage":{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":7}}}`) + done, counted(forward.Usage{InputTokens: 10, CachedInputTokens: 7, OutputTokens: 5})},
	"a zero in the first name":         {used(`{"prompt_tokens":0,"input_tokens":10,"completion_tokens":0,"output_tokens":5}`), counted(forward.Usage{InputTokens: 10, OutputTokens: 5})},
	"a zero of cached in the first":    {used(`{"prompt_tokens":32,"completion_tokens":9,"prompt_tokens_details":{"cached_tokens":0},"prompt_cache_hit_tokens":20}`), counted(forward.Usage{InputTokens: 32, CachedInputTokens: 20, OutputTokens: 9})},
	"a zero of reasoning in the first": {used(`{"prompt_tokens":32,"completion_tokens":9,"completion_tokens_details":{"reasoning_tokens":0},"reasoning_tokens":94,"total_tokens":135}`), counted(forward.Usage{InputTokens: 32, OutputTokens: 103, ReasoningTokens: 94})},
	"a total that cannot be":           {used(`{"prompt_tokens":10,"completion_tokens":5,"total_tokens":999999999999}`), counted(forward.Usage{InputTokens: 10, OutputTokens: 5})},
	"a total of zero":                  {used(`{"prompt_tokens":10,"completion_tokens":5,"total_tokens":0}`), counted(forward.Usage{InputTokens: 10, OutputTokens: 5})},
	"details that are null":            {used(`{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":null,"completion_tokens_details":null}`), counted(forward.Usage{InputTokens: 10, OutputTokens: 5})},
	"details that are no objects":      {used(`{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":[1],"completion_tokens_details":"many"}`), counted(forward.Usage{InputTokens: 10, OutputTokens: 5})},
	"empty at the end":                 {data(`{"choices":[{"delta":{"content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":5}}`, `{"choices":[],"usage":{"prompt_tokens":null,"completion_tokens":null}}`, `{"choices":[],"usage":{}}`) + done, counted(forward.Usage{InputTokens: 10, OutputTokens: 5})},
	"null, then a number":              {data(`{"choices":[{"delta":{"content":"Hello"}}],"usage":null}`, finish("stop"), `{"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5}}`) + done, counted(forward.Usage{InputTokens: 10, OutputTokens: 5})},
	"a word first, then a number":      {used(`{"prompt_tokens":"n/a","input_tokens":10,"completion_tokens":5}`), counted(forward.Usage{InputTokens: 10, OutputTokens: 5})},
}

func TestAnswersInTheWild(t *testing.T) {
	for name, s := range wild {
		t.Run(name, func(t *testing.T) { everyWay(t, s) })
	}
}
