package forwardtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/semroute/semroute/routes"
)

// Assistant is a double of a helpful model behind OpenAI's or Anthropic's
// protocol: it calls the first tool that it is given, tells what a tool said, gives
// JSON where a shape is asked for, and else repeats what it was told, up to a stop
// text (Anthropic's) and with two tokens of reasoning where effort is asked for
// (OpenAI's). Its answers come in pieces where they are streamed, which it is always
// asked for.
func Assistant(provider routes.Provider) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || !gjson.ValidBytes(body) {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		asked := gjson.ParseBytes(body)
		w.Header().Set("Content-Type", "text/event-stream")
		for _, part := range reply(provider, asked) {
			_, _ = io.WriteString(w, part)
			if f, ok := w.(http.Flusher); ok {
				f.Flush()
			}
		}
	})
}

// reply is a whole answer in its parts.
func reply(provider routes.Provider, asked gjson.Result) []string {
	said, result := lastSaid(asked)
	tools := asked.Get("tools").Array()
	choice := asked.Get("tool_choice")
	if len(tools) > 0 && result == "" && choice.Str != "none" && choice.Get("type").Str != "none" {
		if provider == routes.Anthropic {
			return anthropicCall(tools)
		}
		return openAICall(tools)
	}
	text := "You said: " + said
	switch {
	case result != "":
		text = "The tool said: " + result
	case asked.Get("response_format.type").Str == "json_schema", asked.Get("output_config.format").Exists():
		text = `{"answer":"yes"}`
	}
	if provider == routes.Anthropic {
		text, stop := stopped(text, asked.Get("stop_sequences").Array())
		return anthropicText(text, stop, asked.Get("thinking.type").Str == "enabled")
	}
	return openAIText(text, asked.Get("logprobs").Bool(), asked.Get("reasoning_effort").Exists())
}

// stopped is a text up to the first of the stop texts that is in it, and that one.
func stopped(text string, stops []gjson.Result) (up, stop string) {
	for _, s := range stops {
		if before, _, found := strings.Cut(text, s.Str); found && s.Str != "" {
			return before, s.Str
		}
	}
	return text, ""
}

// lastSaid is the last text of the user and, where the conversation ends with
// one, of a tool.
func lastSaid(asked gjson.Result) (said, result string) {
	for _, m := range asked.Get("messages").Array() {
		result = ""
		content := m.Get("content")
		if m.Get("role").Str == "tool" {
			result = textOf(content)
			continue
		}
		for _, block := range content.Array() {
			if block.Get("type").Str == "tool_result" {
				result = textOf(block.Get("content"))
			}
		}
		if m.Get("role").Str == "user" && result == "" {
			said = textOf(content)
		}
	}
	return said, result
}

func textOf(content gjson.Result) string {
	if content.Type == gjson.String {
		return content.Str
	}
	var texts []string
	for _, part := range content.Array() {
		if t := part.Get("text").Str; t != "" {
			texts = append(texts, t)
		}
	}
	return strings.Join(texts, " ")
}

// words splits a text behind its spaces.
func words(text string) []string { return strings.SplitAfter(text, " ") }

func openAIText(text string, probs, reasons bool) []string {
	p := OpenAI()
	parts := []string{p.Start(9)}
	for _, word := range words(text) {
		if !probs {
			parts = append(parts, p.Piece(word))
			continue
		}
		parts = append(parts, `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":`+quote(word)+
			`},"logprobs":{"content":[{"token":`+quote(word)+`,"logprob":-0.25,"bytes":null,"top_logprobs":[]}]},"finish_reason":null}]}`+"\n\n")
	}
	if reasons {
		parts = append(parts, fmt.Sprintf(`data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":%[1]d,"total_tokens":%[2]d,"completion_tokens_details":{"reasoning_tokens":2}}}`+"\n\n",
			len(words(text)), 9+len(words(text))))
	}
	return append(parts, p.End(9, len(words(text))))
}

// openAICall calls the first tool, and the second too where there is one.
func openAICall(tools []gjson.Result) []string {
	chunk := func(choice string) string {
		return `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[` + choice + "]}\n\n"
	}
	parts := []string{OpenAI().Start(9)}
	for i, t := range tools[:min(2, len(tools))] {
		arguments := argumentsFor(t.Get("function.parameters"))
		parts = append(parts,
			chunk(fmt.Sprintf(`{"index":0,"delta":{"tool_calls":[{"index":%d,"id":"call_%d","type":"function","function":{"name":%s,"arguments":""}}]},"finish_reason":null}`, i, i, quote(t.Get("function.name").Str))),
			chunk(fmt.Sprintf(`{"index":0,"delta":{"tool_calls":[{"index":%d,"function":{"arguments":%s}}]},"finish_reason":null}`, i, quote(arguments[:2]))),
			chunk(fmt.Sprintf(`{"index":0,"delta":{"tool_calls":[{"index":%d,"function":{"arguments":%s}}]},"finish_reason":null}`, i, quote(arguments[2:]))))
	}
	return append(parts, chunk(`{"index":0,"delta":{},"finish_reason":"tool_calls"}`), OpenAI().Usage(9, 5), "data: [DONE]\n\n")
}

func anthropicText(text, stop string, thinks bool) []string {
	event := func(kind, rest string) string {
		return "event: " + kind + "\ndata: {\"type\":\"" + kind + "\"" + rest + "}\n\n"
	}
	parts := []string{event("message_start", `,"message":{"id":"m","type":"message","role":"assistant","model":"m","content":[],"usage":{"input_tokens":9,"output_tokens":1}}`)}
	at := 0
	if thinks {
		parts = append(parts, event("content_block_start", `,"index":0,"content_block":{"type":"thinking","thinking":"","signature":""}`),
			event("content_block_delta", `,"index":0,"delta":{"type":"thinking_delta","thinking":"Let me see."}`),
			event("content_block_delta", `,"index":0,"delta":{"type":"signature_delta","signature":"c2lnbmVk"}`),
			event("content_block_stop", `,"index":0`))
		at = 1
	}
	parts = append(parts, event("content_block_start", fmt.Sprintf(`,"index":%d,"content_block":{"type":"text","text":""}`, at)))
	for _, word := range words(text) {
		parts = append(parts, event("content_block_delta", fmt.Sprintf(`,"index":%d,"delta":{"type":"text_delta","text":%s}`, at, quote(word))))
	}
	ends := `"stop_reason":"end_turn","stop_sequence":null`
	if stop != "" {
		ends = `"stop_reason":"stop_sequence","stop_sequence":` + quote(stop)
	}
	return append(parts, event("content_block_stop", fmt.Sprintf(`,"index":%d`, at)),
		event("message_delta", fmt.Sprintf(`,"delta":{`+ends+`},"usage":{"output_tokens":%d}`, len(words(text)))), event("message_stop", ""))
}

func anthropicCall(tools []gjson.Result) []string {
	event := func(kind, rest string) string {
		return "event: " + kind + "\ndata: {\"type\":\"" + kind + "\"" + rest + "}\n\n"
	}
	parts := []string{event("message_start", `,"message":{"id":"m","type":"message","role":"assistant","model":"m","content":[],"usage":{"input_tokens":9,"output_tokens":1}}`)}
	for i, t := range tools[:min(2, len(tools))] {
		arguments := argumentsFor(t.Get("input_schema"))
		parts = append(parts,
			event("content_block_start", fmt.Sprintf(`,"index":%d,"content_block":{"type":"tool_use","id":"toolu_%d","name":%s,"input":{}}`, i, i, quote(t.Get("name").Str))),
			event("content_block_delta", fmt.Sprintf(`,"index":%d,"delta":{"type":"input_json_delta","partial_json":%s}`, i, quote(arguments[:2]))),
			event("content_block_delta", fmt.Sprintf(`,"index":%d,"delta":{"type":"input_json_delta","partial_json":%s}`, i, quote(arguments[2:]))),
			event("content_block_stop", fmt.Sprintf(`,"index":%d`, i)))
	}
	return append(parts, event("message_delta", `,"delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":5}`), event("message_stop", ""))
}

// argumentsFor are arguments that fit a schema of an object with simple members.
func argumentsFor(schema gjson.Result) string {
	arguments := map[string]any{}
	for _, required := range schema.Get("required").Array() {
		arguments[required.Str] = "Oslo"
		switch schema.Get("properties." + required.Str + ".type").Str {
		case "integer", "number":
			arguments[required.Str] = 7
		case "boolean":
			arguments[required.Str] = true
		}
	}
	raw, err := json.Marshal(arguments)
	if err != nil {
		panic(err)
	}
	return string(raw)
}
