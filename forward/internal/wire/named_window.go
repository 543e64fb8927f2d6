package wire

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// windows are the ways in which a context window stands in a message, the
// surest first.
var windows = []*regexp.Regexp{
	regexp.MustCompile(`(?:[0-9]|tokens) ?> ?` + amount),
	regexp.MustCompile(amount + ` (?:tokens )?maximum context`),
	regexp.MustCompile(`(?:max(?:imum)? (?:context|model|sequence|input|prompt) (?:length|window|size)|n_ctx|max_model_len|max_input_tokens)` + gap + amount),
	regexp.MustCompile(`maximum number of tokens allowed` + gap + amount),
	regexp.MustCompile(`context (?:length|window|size|limit)` + gap + amount),
	regexp.MustCompile(`(?:must be <=|cannot exceed|less than|limit(?: of| is|:)|\[1,) ?` + amount),
	regexp.MustCompile(`only supports up to ` + amount),
	regexp.MustCompile(amount + `[- ]token (?:context|limit|maximum)`),
}

const (
	amount = `([0-9][0-9,_]*)`
	gap    = "(?:[ :=(`']|is|of|are|for this model|allowed|supported|limit|only|tokens)*"
)

// A window outside these bounds is none.
const (
	leastWindow = 16
	mostWindow  = 1 << 30
)

// contextLimit is the context window that the failure names, 0 for none.
func (f *failure) contextLimit() int64 {
	if n, ok := whole(f.limit); ok && n >= leastWindow && n <= mostWindow {
		return n
	}
	text := strings.ToLower(f.message)
	for _, words := range windows {
		if m := words.FindStringSubmatch(text); m != nil {
			n, err := strconv.ParseInt(strings.NewReplacer(",", "", "_", "").Replace(m[1]), 10, 64)
			if err == nil && n >= leastWindow && n <= mostWindow {
				return n
			}
		}
	}
	return 0
}

// fields are what requests may hold that not every server takes; words are those
// of them that mean something else in a sentence, and count in quotes only.
var (
	fields = []string{
		"max_tokens", "max_completion_tokens", "stream_options", "temperature", "top_p", "logprobs", "tool_choice", "tools",
		"response_format", "output_config", "stop_sequences", "image",
	}
	quotable   = []string{"seed", "stop", "metadata", "user", "system", "stream"}
	quotedWord = regexp.MustCompile("['\"`](?:[a-z0-9_]+\\.)*([a-z_][a-z0-9_]{1,40})['\"`]")
)

// field is the field of the request that the failure names, "" for none.
func (f *failure) field() string {
	if param := f.param[strings.LastIndexAny(f.param, ".$")+1:]; param != "" && (slices.Contains(fields, param) || slices.Contains(quotable, param)) {
		return param
	}
	if known, _, _ := strings.Cut(f.param, "."); slices.Contains(fields, known) {
		return known
	}
	text := strings.ToLower(f.message)
	for _, m := range quotedWord.FindAllStringSubmatch(text, -1) {
		if slices.Contains(fields, m[1]) || slices.Contains(quotable, m[1]) {
			return m[1]
		}
	}
	place, found := len(text), ""
	for _, name := range fields {
		if i := strings.Index(text, name); i >= 0 && i < place {
			place, found = i, name
		}
	}
	if found == "" {
		return f.param
	}
	return found
}
