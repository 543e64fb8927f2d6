package wire

import (
	"regexp"
	"strings"
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
		"contextwindowexceeded", "greater than the context (?:length|window|size)", "context the overflows",
		"(?:input|prompt) tokens? count (?:is|of) [0-9]+[^.]{0,40}only supports",
		"(?:token|input|prompt) limit[^.]{0,30}(?:exceed|reach)", "exceed\\w* (?:the |its )?(?:maximum |max )?(?:token|input|prompt) limit",
	)
	creditWords = words(
		"insufficient[_ ](?:quota|credits?|funds|balance)", "insufficient_user_quota", "credit balance", "out of credits?", "not enough credits?", "no credits? left",
		"credits? (?:is |are |have been )?(?:exhausted|depleted|used up)", "all available credits", "more credits", "billing[_ ](?:hard[_ ]limit|error|not[_ ]active)",
		"payment required", "spend(?:ing)? limit", "budget has been exceeded", "budget_exceeded", "arrearage", "exceeded_current_quota",
		"exceeded your (?:current )?(?:monthly )?(?:quota|spend)", "balance is (?:too low|insufficient)", "account[^.]{0,60}suspended",
		"credits?[_ ]limit", "reached your[^.]{0,40}(?:usage|quota|spend) limits?", "enable billing",
	)
	passesWords = words("retry", "try again in", "per minute", "per second", "requests per", "rate[_ ]limit")
	filterWords = words(
		"content[_ ]?filter", "content[_ ](?:management[_ ])?policy", "content_policy_violation", "responsibleaipolicy", "safety system", "data_inspection_failed",
		"(?:inappropriate|prohibited|sensitive)[_ ]content", "blocked by (?:our |the )?(?:safety|content|moderation)", "flagged",
		"content moderation", "moderation[_ ](?:blocked|failed|required)", "violat\\w* (?:our |the |openai's )?(?:usage|content|safety|acceptable use)", "usage polic",
		"contentpolicy", "datainspectionfailed", "content exists risk", "guardrail", "safety reasons", "blocked (?:input|output)", "(?:prompt|input|response) (?:is|was|has been) blocked",
		"敏感|不安全",
	)
	missingWords = words(
		"model[_ ]not[_ ](?:found|available)", "no such model", "unknown model", "model .{0,80}(?:does not exist|not found|is not available|not exist)",
		"invalid model (?:name|id)", "not a valid model", "invalid_model\\b", "decommission", "model .{0,80}(?:is|has been) (?:deprecated|retired|removed|discontinued|shut ?down)",
		"model .{0,80}no longer (?:available|supported)",
	)
	keyWords = words(
		"(?:invalid|incorrect|missing)[_ ]api[_ ]key", "api key not valid", "api_key_invalid", "invalid x-api-key", "authentication[_ ](?:error|failed)",
		"api[_ ]key[^.]{0,20} (?:expired|not found|revoked|disabled|invalid)", "permission_(?:error|denied)", "unauthori[sz]ed", "unauthenticated",
	)
	unsupportedWords = words(
		"unsupported", "not ?support", "stream_options", "n't support", "no endpoints found that support", "(?:unrecognized|unknown|unexpected)[_ ](?:request )?(?:argument|parameter|field|key|keyword|property|name)",
		"extra inputs are not permitted", "extra_forbidden", "extra fields not permitted", "additional ?properties", "(?:is|are) not (?:permitted|allowed)",
		"not (?:a )?(?:multimodal|vision)", "deprecated for this model", "only the default", "does not accept", "not implemented", "(?:for|with|by|on) (?:this|the (?:specified|requested|selected|current)) model",
		"cannot find field", "only supports?\\b", "only supported", "requires? --", "type is unavailable", "at most [0-9]+ (?:image|audio|video)", "roles must alternate",
	)
	// inputWords are those of servers that answer 500 to an input they do not take.
	inputWords = words("(?:image|audio|vision|tool)\\w* (?:input )?(?:is|are) not supported", "tools? param requires")
	// muchWords refuse the length of the answer that is asked for.
	muchWords = words(
		"at most [0-9]+ (?:completion|output) tokens", "max_(?:completion_)?tokens[^.]{0,60}(?:too large|greater than|maximum|exceed)",
		"max_(?:completion_)?tokens:? [0-9]+ >", "range of max_(?:completion_)?tokens", "maximum allowed number of output tokens",
	)
	// failedWords tell that the model did not manage what was asked for.
	failedWords = words("tool_use_failed", "json_validate_failed", "output_parse_failed", "failed_generation")
	busyWords   = words("rate[_ ]?limit", "request_limit", "too[_ ]many[_ ]requests", "resource_exhausted", "throttl")
	slowWords   = words("timed? ?out", "timeout", "deadline_exceeded")
	wrongWords  = words("invalid_?(?:request|argument|parameter)", "bad_?request", "validation_error", "unprocessable")
)

// words matches any of the patterns.
func words(patterns ...string) *regexp.Regexp { return regexp.MustCompile(strings.Join(patterns, "|")) }
