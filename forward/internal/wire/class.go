package wire

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/semroute/semroute/forward"
)

// The words by which servers tell one refusal from another; statuses and codes
// alone do not. All are matched against the code, the type and the message in
// lower case.
var (
	tooLongWords = words(
		"context[_ ]?(?:length|window|size)[^.]{0,40}exceed", "exceed\\w*[^.]{0,60}context", "max(?:imum)?[_ ]context", "context (?:length|window) (?:is|of) ",
		"(?:prompt|input) (?:is )?too long", "too many (?:input |prompt )?tokens", "too large for (?:the )?model", "request_too_large", "string_above_max_length",
		"(?:prompt|input|messages?|request)[^.]{0,40} (?:exceeds?|longer than|larger than)[^.]{0,60}(?:tokens|context|model|length)",
		"maximum prompt length", "max(?:imum)? (?:input|sequence|model) length", "max_model_len", "reduce the length", "range of input length",
		"tokens`? \\+ `?max_(?:new_)?tokens", "must have less than [0-9]+ tokens",
		"(?:token|input|prompt) limit[^.]{0,30}(?:exceed|reach)", "exceed\\w* (?:the |its )?(?:maximum |max )?(?:token|input|prompt) limit",
	)
	creditWords = words(
		"insufficient[_ ](?:quota|credits?|funds|balance)", "insufficient_user_quota", "credit balance", "out of credits?", "not enough credits?", "no credits? left",
		"credits? (?:is |are |have been )?(?:exhausted|depleted|used up)", "all available credits", "more credits", "billing[_ ](?:hard[_ ]limit|error|not[_ ]active)",
		"payment required", "spend(?:ing)? limit", "budget has been exceeded", "budget_exceeded", "arrearage", "exceeded_current_quota",
		"exceeded your (?:current )?(?:monthly )?(?:quota|spend)", "balance is (?:too low|insufficient)", "account[^.]{0,60}suspended",
	)
	passesWords = words("retry", "try again in", "per minute", "per second", "requests per", "rate[_ ]limit")
	filterWords = words(
		"content[_ ]?filter", "content[_ ](?:management[_ ])?policy", "content_policy_violation", "responsibleaipolicy", "safety system", "data_inspection_failed",
		"(?:inappropriate|prohibited|sensitive)[_ ]content", "blocked by (?:our |the )?(?:safety|content|moderation)", "flagged",
		"content moderation", "moderation[_ ](?:blocked|failed|required)", "violat\\w* (?:our |the |openai's )?(?:usage|content|safety|acceptable use)", "usage polic",
	)
	missingWords = words(
		"model[_ ]not[_ ](?:found|available)", "no such model", "unknown model", "model .{0,80}(?:does not exist|not found|is not available|not exist)",
		"invalid model (?:name|id)", "not a valid model",
	)
	keyWords = words(
		"(?:invalid|incorrect|missing)[_ ]api[_ ]key", "api key not valid", "api_key_invalid", "invalid x-api-key", "authentication[_ ](?:error|failed)",
		"permission_(?:error|denied)", "unauthori[sz]ed", "unauthenticated",
	)
	unsupportedWords = words(
		"unsupported", "not support", "stream_options", "n't support", "no endpoints found that support", "(?:unrecognized|unknown|unexpected)[_ ](?:request )?(?:argument|parameter|field|key|keyword|property|name)",
		"extra inputs are not permitted", "extra_forbidden", "extra fields not permitted", "additional ?properties", "is not (?:permitted|allowed)",
		"not (?:a )?(?:multimodal|vision)", "deprecated for this model", "only the default", "does not accept", "not implemented", "not (?:available|enabled) for this model",
	)
	// inputWords are those of servers that answer 500 to an input they do not take.
	inputWords = words("(?:image|audio|vision|tool)\\w* (?:input )?(?:is|are) not supported", "tools? param requires")
	// muchWords refuse the length of the answer that is asked for.
	muchWords = words(
		"at most [0-9]+ (?:completion|output) tokens", "max_(?:completion_)?tokens[^.]{0,60}(?:too large|greater than|maximum|exceed)",
		"max_(?:completion_)?tokens:? [0-9]+ >", "maximum allowed number of output tokens",
	)
	busyWords  = words("rate[_ ]?limit", "too many requests", "resource_exhausted", "throttl")
	slowWords  = words("timed? ?out", "timeout", "deadline_exceeded")
	wrongWords = words("invalid_?(?:request|argument|parameter)", "bad_?request", "validation_error", "unprocessable")
)

// words is all that sorts the failure, in lower case.
func (f *failure) words() string { return f.code + " " + strings.ToLower(f.param+" "+f.message) }

// words matches any of the patterns.
func words(patterns ...string) *regexp.Regexp { return regexp.MustCompile(strings.Join(patterns, "|")) }

// class sorts a failure. What the words say goes before the status, because
// servers disagree about statuses: a prompt that is too long is a 400, a 413, a
// 422, a 500, or an error in mid-answer.
func (f *failure) class(status int) forward.Class {
	text := f.words()
	refuses := status < 500 && status != http.StatusTooManyRequests && status != http.StatusUnauthorized
	switch {
	case strings.Contains(text, "context_length_exceeded"), strings.Contains(text, "exceed_context_size"),
		status == http.StatusRequestEntityTooLarge, tooLongWords.MatchString(text) && status != http.StatusTooManyRequests:
		return forward.ContextLength
	case status == http.StatusPaymentRequired, creditWords.MatchString(text) && (strings.Contains(f.code, "insufficient_quota") || !passesWords.MatchString(text)):
		return forward.OutOfCredit
	case refuses && filterWords.MatchString(text):
		return forward.ContentFilter
	case refuses && keyWords.MatchString(text):
		return forward.Auth
	case refuses && missingWords.MatchString(text):
		return forward.NotFound
	case (refuses && status != http.StatusForbidden || status == http.StatusNotImplemented) && unsupportedWords.MatchString(text),
		status == http.StatusInternalServerError && inputWords.MatchString(text), refuses && muchWords.MatchString(text):
		return forward.UnsupportedInput
	case status != 0:
		return ClassOf(status)
	}
	return f.classOfWords(text)
}

// classOfWords sorts a failure that came in mid-answer without a status.
func (f *failure) classOfWords(text string) forward.Class {
	switch {
	case busyWords.MatchString(text):
		return forward.RateLimited
	case slowWords.MatchString(f.code):
		return forward.Timeout
	case strings.Contains(f.code, "not_found"):
		return forward.NotFound
	case wrongWords.MatchString(f.code):
		return forward.BadRequest
	}
	return forward.ServerError
}

// ClassOf sorts an HTTP status.
func ClassOf(status int) forward.Class {
	switch {
	case status == http.StatusTooManyRequests:
		return forward.RateLimited
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return forward.Auth
	case status == http.StatusPaymentRequired:
		return forward.OutOfCredit
	case status == http.StatusNotFound:
		return forward.NotFound
	case status == http.StatusRequestTimeout, status == http.StatusGatewayTimeout:
		return forward.Timeout
	case status == http.StatusRequestEntityTooLarge:
		return forward.ContextLength
	case status >= 500:
		return forward.ServerError
	case status >= 400:
		return forward.BadRequest
	}
	return forward.Garbage
}

// windows are the ways in which a context window stands in a message, the
// surest first.
var windows = []*regexp.Regexp{
	regexp.MustCompile(`(?:[0-9]|tokens) ?> ?` + amount),
	regexp.MustCompile(amount + ` (?:tokens )?maximum context`),
	regexp.MustCompile(`(?:max(?:imum)? (?:context|model|sequence|input|prompt) (?:length|window|size)|n_ctx|max_model_len|max_input_tokens)` + gap + amount),
	regexp.MustCompile(`maximum number of tokens allowed` + gap + amount),
	regexp.MustCompile(`context (?:length|window|size|limit)` + gap + amount),
	regexp.MustCompile(`(?:must be <=|cannot exceed|less than|limit(?: of| is|:)|\[1,) ?` + amount),
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
	if f.param != "" {
		return f.param
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
	return found
}
