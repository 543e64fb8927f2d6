package openai

import "github.com/tidwall/gjson"

// carries says whether there is anything in a delta.
func carries(delta gjson.Result) bool {
	content := delta.Get("content")
	return delta.Type == gjson.String && delta.Str != "" || text(content) != "" || content.IsArray() || len(delta.Get("tool_calls").Array()) > 0 || delta.Get("function_call").IsObject() ||
		reasoning(delta) != "" || text(delta.Get("refusal")) != ""
}

// text is what a content says: a text, null, or a list of parts, of which those
// that are kept apart from the text are left out.
func text(content gjson.Result) string {
	switch {
	case content.Type == gjson.String:
		return content.Str
	case content.Type == gjson.Number:
		return content.Raw
	case content.IsArray():
		all := ""
		for _, part := range content.Array() {
			all += text(part)
		}
		return all
	case content.IsObject():
		switch content.Get("type").Str {
		case "", "text", "output_text", "summary_text", "reasoning_text":
			return inner(content, "text", "content")
		}
	}
	return ""
}

// inner is the text in the first of the fields that holds one; it may be
// wrapped once more ({"text":{"value":"…"}}).
func inner(v gjson.Result, names ...string) string {
	for _, name := range names {
		field := v.Get(name)
		if value := field.Get("value"); value.Type == gjson.String {
			return value.Str
		}
		if got := text(field); got != "" {
			return got
		}
	}
	return ""
}

// kept is the text of the parts of a kind that is kept apart.
func kept(parts gjson.Result, kind string) string {
	all := ""
	for _, part := range parts.Array() {
		switch is := part.Get("type").Str; {
		case is == kind, kind == "thinking" && is == "reasoning":
			all += inner(part, kind, "reasoning", "text", "summary", "content")
		}
	}
	return all
}

// reasoning is what a model thinks aloud. Servers name it differently, and some
// send it under two names at once.
func reasoning(delta gjson.Result) string {
	for _, name := range []string{"reasoning_content", "reasoning", "thinking", "reasoning_text"} {
		v := delta.Get(name)
		if got := text(v); got != "" {
			return got
		}
		if got := inner(v, "thinking", "summary"); got != "" {
			return got
		}
	}
	all := ""
	for _, detail := range delta.Get("reasoning_details").Array() {
		all += inner(detail, "text", "summary")
	}
	if all == "" {
		all = kept(delta.Get("thinking_blocks"), "thinking")
	}
	return all
}
