package openai_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/forwardtest"
	"github.com/semroute/semroute/forward/openai"
	"github.com/semroute/semroute/routes"
)

const (
	sse  = "text/event-stream"
	done = "data: [DONE]\n\n"
)

var (
	call = forwardtest.Call
	data = forwardtest.Data
)

// over is the model at the other end of the transport.
func over(t testing.TB, c *forwardtest.Canned) *openai.Provider {
	t.Helper()
	p, err := openai.New(routes.Model{Name: "m", Provider: routes.OpenAI, Model: "m", BaseURL: "http://model"}, openai.Config{Transport: c})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func delta(rest string) string { return `{"choices":[{"index":0,"delta":{` + rest + `}}]}` }

func finish(reason string) string {
	return `{"choices":[{"index":0,"delta":{},"finish_reason":"` + reason + `"}]}`
}

// sample is a body and what is read of it.
type sample struct {
	body string
	want forward.Answer
}

func stopped(text string) forward.Answer {
	return forward.Answer{Text: text, Finish: forward.FinishStop}
}

// contents are the shapes in which servers send what a model says.
var contents = map[string]sample{
	"text":               {data(delta(`"content":"Hello"`), delta(`"content":" there"`), finish("stop")) + done, stopped("Hello there")},
	"null":               {data(delta(`"content":null`), delta(`"content":"Hello"`), finish("stop")), stopped("Hello")},
	"parts":              {data(delta(`"content":[{"type":"text","text":"Hel"},"lo",{"type":"text","text":{"value":"!"}}]`), finish("stop")), stopped("Hello!")},
	"an object":          {data(delta(`"content":{"type":"text","text":"Hello"}`), finish("stop")), stopped("Hello")},
	"message":            {data(`{"choices":[{"message":{"content":"Hel"}}]}`, `{"choices":[{"message":{"content":"lo"},"finish_reason":"stop"}]}`), stopped("Hello")},
	"both":               {data(`{"choices":[{"delta":{"content":"Hel"},"message":{"content":"Hel"}}]}`, `{"choices":[{"delta":{"content":"lo"},"message":{"content":"Hello"},"finish_reason":"stop"}]}`), stopped("Hello")},
	"repeated":           {data(delta(`"content":"Hello"`), `{"object":"chat.completion","choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]}`), stopped("Hello")},
	"old text":           {data(`{"choices":[{"text":"Hello","finish_reason":"stop"}]}`), stopped("Hello")},
	"whole":              {`{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}]}`, stopped("Hello")},
	"whole, bare":        {`{"choices":[{"message":{"content":"Hello"}}]}`, stopped("Hello")},
	"whole, with lines":  {"{\n \"choices\": [\n  {\"message\": {\"content\": \"Hello\"}, \"finish_reason\": \"stop\"}\n ]\n}\n", stopped("Hello")},
	"whole, in an event": {data(`{"object":"chat.completion","choices":[{"message":{"content":"Hello"}}]}`), stopped("Hello")},
	"lines of JSON":      {delta(`"content":"Hel"`) + "\n" + delta(`"content":"lo"`) + "\n" + finish("stop") + "\n", stopped("Hello")},
	"other choices":      {data(`{"choices":[{"index":1,"delta":{"content":"no"}},{"index":0,"delta":{"content":"yes"},"finish_reason":"stop"}]}`), stopped("yes")},
	"no index":           {data(`{"choices":[{"delta":{"content":"yes"},"finish_reason":"stop"}]}`), stopped("yes")},
	"nothing in between": {
		data(`{"choices":null}`, `{"choices":[]}`, "null", "{}", `{"object":"x","citations":["https://example.org"]}`, delta(`"content":"Hello"`), "null", `{"choices":[null]}`, finish("stop")), stopped("Hello"),
	},
	"no [DONE], no end":         {strings.TrimSuffix(data(delta(`"content":"Hello"`), finish("stop")), "\n\n"), stopped("Hello")},
	"[DONE] and no reason":      {data(delta(`"content":"Hello"`)) + done, stopped("Hello")},
	"text after the reason":     {data(finish("stop"), delta(`"content":"Hello"`)) + done, stopped("Hello")},
	"rubbish after the reason":  {data(delta(`"content":"Hello"`), finish("stop"), `{"error":`, `{"error":"late"}`, "bye") + done, stopped("Hello")},
	"null as a word":            {data(`{"choices":[{"delta":{"content":"Hel"},"finish_reason":"null"}]}`, `{"choices":[{"delta":{"content":"lo"},"finish_reason":"STOP"}]}`), stopped("Hello")},
	"error null":                {data(`{"error":null,"choices":[{"delta":{"content":"Hello"},"finish_reason":"stop"}]}`), stopped("Hello")},
	"no UTF-8":                  {data(delta("\"content\":\"a\xffb\""), finish("stop")), stopped("a\ufffdb")},
	"length":                    {data(delta(`"content":"Hel"`), finish("length")), forward.Answer{Text: "Hel", Finish: forward.FinishLength}},
	"max_tokens":                {data(delta(`"content":"Hel"`), finish("max_tokens")), forward.Answer{Text: "Hel", Finish: forward.FinishLength}},
	"filtered":                  {data(delta(`"content":"Hel"`), finish("content_filter")), forward.Answer{Text: "Hel", Finish: forward.FinishFiltered}},
	"refusal":                   {data(delta(`"refusal":"I will"`), delta(`"refusal":" not."`), finish("stop")), forward.Answer{Refusal: "I will not.", Finish: forward.FinishFiltered}},
	"refusal among parts":       {data(delta(`"content":[{"type":"refusal","refusal":"No."}]`), finish("stop")), forward.Answer{Refusal: "No.", Finish: forward.FinishFiltered}},
	"reasoning_content":         {data(delta(`"reasoning_content":"hm"`), delta(`"reasoning_content":null,"content":"Hi"`), finish("stop")), forward.Answer{Text: "Hi", Reasoning: "hm", Finish: forward.FinishStop}},
	"reasoning":                 {data(delta(`"reasoning":"hm","reasoning_details":[{"type":"reasoning.text","text":"hm"}]`), delta(`"content":"Hi"`), finish("stop")), forward.Answer{Text: "Hi", Reasoning: "hm", Finish: forward.FinishStop}},
	"reasoning twice":           {data(delta(`"reasoning":"hm","reasoning_content":"hm"`), delta(`"content":"Hi"`), finish("stop")), forward.Answer{Text: "Hi", Reasoning: "hm", Finish: forward.FinishStop}},
	"reasoning in details only": {data(delta(`"reasoning_details":[{"summary":"hm"}]`), delta(`"content":"Hi"`), finish("stop")), forward.Answer{Text: "Hi", Reasoning: "hm", Finish: forward.FinishStop}},
	"thinking":                  {data(delta(`"thinking":"hm"`), delta(`"content":"Hi"`), finish("stop")), forward.Answer{Text: "Hi", Reasoning: "hm", Finish: forward.FinishStop}},
	"thinking among parts":      {data(delta(`"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"Hi"}]`), finish("stop")), forward.Answer{Text: "Hi", Reasoning: "hm", Finish: forward.FinishStop}},
	"thoughts of a whole":       {`{"choices":[{"message":{"reasoning_content":"hm","content":"Hi"},"finish_reason":"stop"}]}`, forward.Answer{Text: "Hi", Reasoning: "hm", Finish: forward.FinishStop}},
}

// TestAnswers holds that every shape is read, however its bytes are cut and
// its lines end.
func TestAnswers(t *testing.T) {
	for _, table := range []map[string]sample{contents, toolCalls, usages} {
		for name, s := range table {
			t.Run(name, func(t *testing.T) { everyWay(t, s) })
		}
	}
}

// everyWay reads the body whole, cut at every byte, and in other framings.
func everyWay(t *testing.T, s sample) {
	t.Helper()
	read := func(how, body string, cuts ...int) {
		got, _, err := forwardtest.Whole(over(t, &forwardtest.Canned{ContentType: sse, Body: body, Cuts: cuts}), forward.Ask("hi"))
		if diff := cmp.Diff(s.want, got); err != nil || diff != "" {
			t.Fatalf("%s: %v (-want +got):\n%s", how, err, diff)
		}
	}
	read("whole", s.body)
	all := make([]int, len(s.body))
	for i := range s.body {
		read("cut once", s.body, i)
		all[i] = i
	}
	read("cut at every byte", s.body, all...)
	read("after a byte order mark", "\xef\xbb\xbf"+s.body)
	if !strings.HasPrefix(s.body, "data:") {
		return
	}
	crlf := strings.ReplaceAll(s.body, "\n", "\r\n")
	all = make([]int, len(crlf))
	for i := range all {
		all[i] = i
	}
	read("CR LF", crlf, all...)
	read("CR", strings.ReplaceAll(s.body, "\n", "\r"))
	read("no space", strings.ReplaceAll(s.body, "data: ", "data:"))
	read("with ids, names and comments", strings.ReplaceAll(s.body, "data: ", ": alive\n\n: alive\nid: 7\nretry: 5\nevent: message\ndata: "))
	read("with pings", strings.ReplaceAll(s.body, "data: ", "event: ping\ndata: {\"type\":\"ping\"}\n\nevent: ping\n\ndata:\n\ndata: "))
}

// failures are errors in the shapes that servers give them.
var failures = map[string]struct {
	body    string
	class   forward.Class
	message string
}{
	"object":                {data(`{"error":{"message":"no luck","type":"server_error"}}`), forward.ServerError, "no luck"},
	"string":                {data(`{"error":"no luck"}`) + done, forward.ServerError, "no luck"},
	"object: error":         {data(`{"object":"error","message":"no luck","type":"InternalServerError","code":500}`) + done, forward.ServerError, "no luck"},
	"event: error":          {"event: error\ndata: {\"message\":\"no luck\"}\n\n", forward.ServerError, "no luck"},
	"event with words":      {"event: error\ndata: no luck\n\n", forward.ServerError, "no luck"},
	"event with a text":     {"event: error\ndata: \"no luck\"\n\n", forward.ServerError, `no luck`},
	"JSON":                  {`{"error":{"message":"no luck","code":502}}`, forward.ServerError, "no luck"},
	"a line of JSON":        {data(delta(`"role":"assistant"`)) + `{"error":{"message":"no luck","code":503}}` + "\n", forward.ServerError, "no luck"},
	"a list":                {`[{"error":{"code":429,"message":"no luck","status":"RESOURCE_EXHAUSTED"}}]`, forward.RateLimited, "no luck"},
	"detail":                {`{"detail":"no luck"}`, forward.ServerError, "no luck"},
	"details":               {`{"detail":[{"msg":"no luck"}]}`, forward.ServerError, "no luck"},
	"code and message":      {`{"code":"429","message":"no luck"}`, forward.RateLimited, "no luck"},
	"success false":         {`{"success":false,"message":"no luck"}`, forward.ServerError, "no luck"},
	"after a chunk":         {data(delta(`"role":"assistant","content":""`), `{"error":{"message":"no luck","code":"rate_limit_exceeded"}}`), forward.RateLimited, "no luck"},
	"with a choice":         {data(`{"error":{"message":"no luck","code":502},"choices":[{"delta":{"content":""},"finish_reason":"error"}]}`), forward.ServerError, "no luck"},
	"in a choice":           {data(`{"choices":[{"error":{"message":"no luck","code":"429"},"finish_reason":"error"}]}`), forward.RateLimited, "no luck"},
	"a reason":              {data(finish("error")), forward.ServerError, ""},
	"code as a text":        {data(`{"error":{"message":"no luck","code":"401"}}`), forward.Auth, "no luck"},
	"too long":              {data(`{"error":{"message":"no luck","code":"context_length_exceeded"}}`), forward.ContextLength, "no luck"},
	"no credit":             {data(`{"error":{"message":"no luck","type":"insufficient_quota"}}`), forward.OutOfCredit, "no luck"},
	"filtered at once":      {data(finish("content_filter")), forward.ContentFilter, ""},
	"overloaded":            {data(`{"error":{"type":"overloaded_error","message":"no luck"}}`), forward.ServerError, "no luck"},
	"cut off":               {data(delta(`"content":"Hel"`)), forward.Reset, ""},
	"cut off in a chunk":    {data(delta(`"content":"Hel"`)) + `data: {"choices":[{"del`, forward.Reset, ""},
	"[DONE] at once":        {done, forward.Reset, ""},
	"nothing":               {"", forward.Reset, ""},
	"another protocol":      {data(`{"hello":"world"}`), forward.Garbage, "world"},
	"no choices at all":     {`{"id":"x","choices":[]}`, forward.Garbage, "choices"},
	"HTML":                  {"<html>no luck</html>", forward.Garbage, "no luck"},
	"words":                 {"no luck\n\n", forward.Garbage, "no luck"},
	"words in an event":     {data("no luck"), forward.Garbage, "no luck"},
	"broken JSON":           {data(`{"choices":[{"delta":{"content":"no luck`), forward.Garbage, "no luck"},
	"a status behind":       {data(`{"base_resp":{"status_code":1004,"status_msg":"no luck"},"choices":null}`), forward.ServerError, "no luck"},
	"a number and words":    {data(`{"code":1305,"msg":"no luck"}`), forward.ServerError, "no luck"},
	"a number, other words": {`{"error_code":336003,"error_msg":"no luck"}`, forward.ServerError, "no luck"},
	"no resources":          {data(finish("insufficient_system_resource")), forward.ServerError, ""},
	"network":               {data(delta(`"content":"Hel"`), finish("network_error")), forward.ServerError, ""},
	"a malformed call":      {data(finish("malformed_function_call")), forward.Garbage, ""},
	"a malformed call, why": {data(finish("function_call_filter: MALFORMED_FUNCTION_CALL")), forward.Garbage, ""},
	"a call that failed":    {"event: error\ndata: {\"error\":{\"message\":\"no luck\",\"type\":\"invalid_request_error\",\"code\":\"tool_use_failed\",\"failed_generation\":\"x\"}}\n\n", forward.Garbage, "no luck"},
	"AWS":                   {`{"__type":"ThrottlingException","message":"no luck"}`, forward.RateLimited, "no luck"},
	"errors":                {`{"result":null,"success":false,"errors":[{"code":10000,"message":"no luck"}],"messages":[]}`, forward.ServerError, "no luck"},
	"after the role":        {data(delta(`"role":"assistant","content":null`), delta(`"content":""`)) + "data: {\"error\":\"no luck\"}\n\ndata: [DONE]\n\n", forward.ServerError, "no luck"},
	"after an empty chunk":  {data(`{"choices":[]}`, `{"object":"error","message":"no luck","code":503}`), forward.ServerError, "no luck"},
	"a number as a text":    {data(`{"error":{"message":"no luck","type":null,"code":"500"}}`), forward.ServerError, "no luck"},
	"without a blank line":  {"data: " + delta(`"role":"assistant"`) + "\ndata: {\"error\":{\"message\":\"no luck\",\"code\":\"429\"}}\n", forward.RateLimited, "no luck"},
	"a call without a name": {data(delta(`"tool_calls":[{"index":0,"id":"a","function":{"arguments":"{}"}}]`), finish("tool_calls")), forward.Garbage, ""},
}

func TestFailures(t *testing.T) {
	for name, c := range failures {
		t.Run(name, func(t *testing.T) {
			for cut := range len(c.body) + 1 {
				_, _, err := forwardtest.Whole(over(t, &forwardtest.Canned{ContentType: sse, Body: c.body, Cuts: []int{cut}}), forward.Ask("hi"))
				var upstream *forward.UpstreamError
				if !errors.As(err, &upstream) || upstream.Class != c.class || !strings.Contains(upstream.Message, c.message) {
					t.Fatalf("cut at %d: %v (%+v)", cut, err, upstream)
				}
			}
		})
	}
}

// FuzzAnswer: the answer does not depend on how its bytes are cut.
func FuzzAnswer(f *testing.F) {
	for _, table := range []map[string]sample{contents, toolCalls, usages} {
		for _, s := range table {
			f.Add(s.body, uint(3), uint(40))
		}
	}
	for _, c := range failures {
		f.Add(c.body, uint(1), uint(2))
	}
	f.Fuzz(func(t *testing.T, body string, a, b uint) {
		whole, class := forwardtest.HoldCuts(t, func(c *forwardtest.Canned) forward.Provider { return over(t, c) }, body, a, b)
		for _, c := range whole.ToolCalls {
			if class == "" && (c.Name == "" || c.ID == "") {
				t.Errorf("a call without a name or an id: %+v", whole.ToolCalls)
			}
		}
	})
}

func calls(all ...chat.ToolCall) forward.Answer {
	return forward.Answer{ToolCalls: all, Finish: forward.FinishToolCalls}
}
