package wire_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/internal/wire"
)

// refusals are what servers say, by what they mean. A status of 0 is an error in
// mid-answer.
var refusals = []struct {
	status int
	body   string
	class  forward.Class
	limit  int64
	field  string
}{
	// Too long, in all its shapes.
	{400, `{"error":{"message":"This model's maximum context length is 8,192 tokens. However, your messages resulted in 9001 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}`, forward.ContextLength, 8192, ""},
	{400, `{"object":"error","message":"This model's maximum context length is 4096 tokens. However, you requested 5000 tokens (4000 in the messages, 1000 in the completion).","type":"BadRequestError","param":null,"code":400}`, forward.ContextLength, 4096, ""},
	{400, `{"object":"error","message":"The decoder prompt (length 5000) is longer than the maximum model length of 4096. Make sure that max_model_len is no smaller.","type":"BadRequestError","code":400}`, forward.ContextLength, 4096, ""},
	{400, `{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}`, forward.ContextLength, 200000, ""},
	{400, `{"type":"error","error":{"type":"invalid_request_error","message":"input length and ` + "`max_tokens`" + ` exceed context limit: 190000 + 20000 > 200000, decrease input length or ` + "`max_tokens`" + ` and try again"}}`, forward.ContextLength, 200000, ""},
	{413, `{"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}`, forward.ContextLength, 0, ""},
	{413, `<html><head><title>413 Request Entity Too Large</title></head></html>`, forward.ContextLength, 0, ""},
	{400, `{"error":{"code":400,"message":"the request exceeds the available context size (4096 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":5000,"n_ctx":4096}}`, forward.ContextLength, 4096, ""},
	{500, `{"error":{"code":500,"message":"the request exceeds the available context size. try increasing the context size or enable context shift","type":"server_error"}}`, forward.ContextLength, 0, ""},
	{400, `[{"error":{"code":400,"message":"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}]`, forward.ContextLength, 1048576, ""},
	{400, `{"error":"This model's maximum prompt length is 131072 but the request contains 537812 tokens."}`, forward.ContextLength, 131072, ""},
	{400, `{"object":"error","message":"Prompt contains 40001 tokens and 0 draft tokens, too large for model with 32768 maximum context length","type":"invalid_request_prompt","code":"3051"}`, forward.ContextLength, 32768, ""},
	{422, `{"error":"Input validation error: ` + "`inputs` tokens + `max_new_tokens`" + ` must be <= 8193. Given: 9000 ` + "`inputs`" + ` tokens","error_type":"validation"}`, forward.ContextLength, 8193, ""},
	{400, `{"error":{"message":"Please reduce the length of the messages or completion.","type":"invalid_request_error","code":"context_length_exceeded"}}`, forward.ContextLength, 0, ""},
	{400, `{"message":"too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5000."}`, forward.ContextLength, 4081, ""},
	{400, `{"code":"InvalidParameter","message":"Range of input length should be [1, 30720]"}`, forward.ContextLength, 30720, ""},
	{400, `{"message":"Input is too long for requested model."}`, forward.ContextLength, 0, ""},
	{400, `{"error":"prompt too long; exceeded max context length by 100 tokens"}`, forward.ContextLength, 0, ""},
	{0, `{"error":{"code":"context_length_exceeded","message":"Your input exceeds the context window of this model. Please adjust your input and try again."}}`, forward.ContextLength, 0, ""},

	// No credit is left.
	{402, `{"error":{"message":"Insufficient Balance","type":"unknown_error","code":"invalid_request_error"}}`, forward.OutOfCredit, 0, ""},
	{402, `payment required`, forward.OutOfCredit, 0, ""},
	{429, `{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}`, forward.OutOfCredit, 0, ""},
	{400, `{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API."}}`, forward.OutOfCredit, 0, ""},
	{403, `{"code":"permission denied","error":"Your team has either used all available credits or reached its monthly spending limit."}`, forward.OutOfCredit, 0, ""},
	{400, `{"error":{"message":"Budget has been exceeded! Current cost: 5.1, Max budget: 5.0","type":"budget_exceeded","code":"400"}}`, forward.OutOfCredit, 0, ""},
	{0, `{"error":{"code":402,"message":"Insufficient credits. Add more"}}`, forward.OutOfCredit, 0, ""},

	// A limit that passes is none of credit.
	{429, `[{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details. Please retry in 20s.","status":"RESOURCE_EXHAUSTED"}}]`, forward.RateLimited, 0, ""},
	{429, `{"message":"Too many tokens, please wait before trying again."}`, forward.RateLimited, 0, ""},
	{0, `{"error":{"type":"rate_limit_error","message":"slow down"}}`, forward.RateLimited, 0, ""},
	{0, `{"error":{"type":"requests","code":"rate_limit_exceeded","message":"slow down"}}`, forward.RateLimited, 0, ""},

	// The provider's own filter.
	{400, `{"error":{"message":"The response was filtered due to the prompt triggering Azure OpenAI's content management policy.","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}`, forward.ContentFilter, 0, ""},
	{400, `{"error":{"message":"Invalid prompt: your prompt was flagged as potentially violating our usage policy.","type":"invalid_request_error","code":"invalid_prompt"}}`, forward.ContentFilter, 0, ""},
	{400, `{"type":"error","error":{"type":"invalid_request_error","message":"Output blocked by content filtering policy"}}`, forward.ContentFilter, 0, ""},
	{403, `{"error":{"code":403,"message":"Your input was flagged","metadata":{"reasons":["violence"]}}}`, forward.ContentFilter, 0, ""},
	{400, `{"code":"data_inspection_failed","message":"Input data may contain inappropriate content."}`, forward.ContentFilter, 0, ""},

	// What this model does not take.
	{400, `{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}}`, forward.UnsupportedInput, 0, "max_tokens"},
	{400, `{"error":{"message":"Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.","param":"temperature","code":"unsupported_value"}}`, forward.UnsupportedInput, 0, "temperature"},
	{400, `{"error":{"message":"Unrecognized request argument supplied: stream_options","type":"invalid_request_error","param":null,"code":null}}`, forward.UnsupportedInput, 0, "stream_options"},
	{422, `{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted","input":{"include_usage":true}}]}`, forward.UnsupportedInput, 0, "stream_options"},
	{400, `{"error":{"message":"property 'max_completion_tokens' is unsupported","type":"invalid_request_error"}}`, forward.UnsupportedInput, 0, "max_completion_tokens"},
	{400, `{"error":{"message":"unknown field \"stream_options\""}}`, forward.UnsupportedInput, 0, "stream_options"},
	{404, `{"error":{"message":"No endpoints found that support image input","code":404}}`, forward.UnsupportedInput, 0, "image"},
	{400, `{"error":"registry.ollama.ai/library/tiny:latest does not support tools"}`, forward.UnsupportedInput, 0, "tools"},
	{500, `{"error":{"code":500,"message":"image input is not supported - hint: if this is unexpected, you may need to provide the mmproj","type":"server_error"}}`, forward.UnsupportedInput, 0, "image"},
	{400, `{"error":{"message":"max_tokens is too large: 100000. This model supports at most 4096 completion tokens.","param":"max_tokens","code":"invalid_value"}}`, forward.UnsupportedInput, 0, ""},
	{400, `{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: 100000 > 8192, which is the maximum allowed number of output tokens for some-model"}}`, forward.UnsupportedInput, 0, ""},

	// Keys, models, and what is wrong with the request itself.
	{400, `[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]`, forward.Auth, 0, ""},
	{401, `{"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}}`, forward.Auth, 0, ""},
	{403, `{"error":{"message":"Country, region, or territory not supported"}}`, forward.Auth, 0, ""},
	{404, `{"error":"model \"x\" not found, try pulling it first"}`, forward.NotFound, 0, ""},
	{400, `{"error":{"message":"The model gpt-x does not exist or you do not have access to it.","code":"model_not_found"}}`, forward.NotFound, 0, ""},
	{400, `{"error":{"message":"messages: at least one message is required","type":"invalid_request_error"}}`, forward.BadRequest, 0, ""},
	{0, `{"type":"error","error":{"type":"invalid_request_error","message":"messages: wrong order"}}`, forward.BadRequest, 0, ""},
	{422, `{"detail":[{"type":"missing","loc":["body","messages"],"msg":"Field required"}]}`, forward.BadRequest, 0, ""},
	{503, `{"error":{"message":"The model is not available right now, overloaded"}}`, forward.ServerError, 0, ""},
	{529, `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`, forward.ServerError, 0, ""},
	{504, `upstream request timeout`, forward.Timeout, 0, ""},
	{0, `{"type":"error","error":{"type":"timeout_error","message":"too slow"}}`, forward.Timeout, 0, ""},
	{0, `{"error":"the runner has crashed"}`, forward.ServerError, 0, ""},
	{200, `{"error":{"message":"bad gateway","code":502}}`, forward.ServerError, 0, ""},

	// As servers in the wild have been seen to write them.
	{413, `{"error":{"message":"Request too large for model in organization on tokens per minute (TPM): Limit 6000, Requested 9000, please reduce your message size and try again.","type":"tokens","code":"rate_limit_exceeded"}}`, forward.RateLimited, 0, ""},
	{400, `{"error":{"message":"Please reduce the length of the messages or completion. Current length is 9000 while limit is 8192","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}`, forward.ContextLength, 8192, ""},
	{400, `{"error":{"object":"error","type":"invalid_request_error","code":"invalid_request_error","message":"The prompt is too long: 140000, model maximum context length: 131071"}}`, forward.ContextLength, 131071, ""},
	{400, `{"error":{"message":"litellm.ContextWindowExceededError: litellm.BadRequestError: prompt is too big","type":null,"param":null,"code":"400"}}`, forward.ContextLength, 0, ""},
	{400, `{"error":{"message":"This endpoint's maximum context length is 32768 tokens. However, you requested about 40000 tokens (40000 of text input). Please reduce the length of either one, or use the \"middle-out\" transform.","code":400}}`, forward.ContextLength, 32768, ""},
	{400, `{"error":{"message":"The number of tokens to keep from the initial prompt is greater than the context length. Try to load the model with a larger context length"}}`, forward.ContextLength, 0, ""},
	{400, `{"error":"Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough."}`, forward.ContextLength, 4096, ""},
	{400, `{"object":"error","message":"The input (5000 tokens) is longer than the model's context length (4096 tokens).","type":"BadRequestError","code":400}`, forward.ContextLength, 4096, ""},
	{400, `{"error":{"message":"Requested token count exceeds the model's maximum context length of 32768 tokens. You requested a total of 40000 tokens","code":400}}`, forward.ContextLength, 32768, ""},
	{400, `{"error_code":"BAD_REQUEST","message":"Input is too long for the model."}`, forward.ContextLength, 0, ""},
	{422, `{"error":"Input validation error: ` + "`inputs`" + ` must have less than 4095 tokens. Given: 5000","error_type":"validation"}`, forward.ContextLength, 4095, ""},
	{400, `{"message":"The model returned the following errors: Input is too long for requested model.","__type":"ValidationException"}`, forward.ContextLength, 0, ""},
	{400, `{"error":{"message":"Unable to submit request because the input token count is 40000 but model only supports up to 32768.","status":"INVALID_ARGUMENT"}}`, forward.ContextLength, 32768, ""},
	{0, `{"error":"Input validation error: ` + "`inputs` tokens + `max_new_tokens`" + ` must be <= 8192","error_type":"validation"}`, forward.ContextLength, 8192, ""},
	{400, `{"error":{"message":"Invalid request: Your request exceeded model token limit: 8192","type":"invalid_request_error"}}`, forward.ContextLength, 8192, ""},

	{400, `{"type":"error","error":{"type":"invalid_request_error","message":"You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC."}}`, forward.OutOfCredit, 0, ""},
	{412, `{"error":{"message":"Account x is suspended, possibly due to reaching the monthly spending limit or failure to pay past invoices","type":"invalid_request_error"}}`, forward.OutOfCredit, 0, ""},
	{403, `{"error":{"message":"Credit limit exceeded, please navigate to the billing page","type":"credit_limit","code":null}}`, forward.OutOfCredit, 0, ""},
	{402, `{"error":"You have exceeded your monthly included credits for Inference Providers."}`, forward.OutOfCredit, 0, ""},
	{429, `{"error":{"message":"Your account is suspended, please check your plan and billing details","type":"exceeded_current_quota_error"}}`, forward.OutOfCredit, 0, ""},
	{0, `{"error":{"code":402,"message":"This request requires more credits, or fewer max_tokens. You requested up to 4096 tokens, but can only afford 12","metadata":{"provider_name":null}}}`, forward.OutOfCredit, 0, ""},

	{400, `{"error":{"message":"Content Exists Risk","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}`, forward.ContentFilter, 0, ""},
	{400, `{"code":"DataInspectionFailed","message":"Input data may contain inappropriate content."}`, forward.ContentFilter, 0, ""},
	{400, `{"error":{"message":"litellm.ContentPolicyViolationError: no","type":"None","param":"None","code":"400"}}`, forward.ContentFilter, 0, ""},
	{403, `{"code":"The caller does not have permission to execute the specified operation","error":"Content violates usage guidelines. Team: x, Failed check: SAFETY_CHECK_TYPE_BIO"}`, forward.ContentFilter, 0, ""},
	{400, `{"message":"blocked output: no"}`, forward.ContentFilter, 0, ""},
	{400, `{"error":{"message":"The prompt was blocked because it contains PROHIBITED_CONTENT"}}`, forward.ContentFilter, 0, ""},
	{400, `{"error":{"code":"1301","message":"系统检测到输入或生成内容可能包含不安全或敏感内容"}}`, forward.ContentFilter, 0, ""},
	{400, `{"error":{"message":"Invalid prompt: we've limited access to this content for safety reasons.","code":"invalid_prompt"}}`, forward.ContentFilter, 0, ""},
	{400, `{"error":{"message":"Guardrail intervened","type":"guardrail_violation"}}`, forward.ContentFilter, 0, ""},

	{422, `{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted","input":{"include_usage":true}}]},"type":"invalid_request_error","param":null,"code":null}`, forward.UnsupportedInput, 0, "stream_options"},
	{400, `{"error":{"message":"litellm.UnsupportedParamsError: x does not support parameters: ['stream_options'], for model=y","type":"None","param":"None","code":"400"}}`, forward.UnsupportedInput, 0, "stream_options"},
	{400, `{"error":{"message":"max_tokens: this field is not supported, use max_completion_tokens","type":"invalid_request_error","param":"body.max_tokens"}}`, forward.UnsupportedInput, 0, "max_tokens"},
	{400, `{"error":{"message":"Unsupported parameter: 'max_tokens'","param":"model"}}`, forward.UnsupportedInput, 0, "max_tokens"},
	{400, `{"error":{"message":"'max_completion_tokens' must not be used; unknown name \"max_completion_tokens\": Cannot find field."}}`, forward.UnsupportedInput, 0, "max_completion_tokens"},
	{400, `{"error":{"message":"Invalid JSON payload received. Unknown name \"stream_options\": Cannot find field.","status":"INVALID_ARGUMENT"}}`, forward.UnsupportedInput, 0, "stream_options"},
	{400, `{"error_code":"INVALID_PARAMETER_VALUE","message":"stream_options: Additional properties are not allowed ('stream_options' was unexpected)"}`, forward.UnsupportedInput, 0, "stream_options"},
	{400, `{"object":"error","message":"\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set","type":"BadRequestError","code":400}`, forward.UnsupportedInput, 0, ""},
	{400, `{"object":"error","message":"At most 0 image(s) may be provided in one request.","type":"BadRequestError","code":400}`, forward.UnsupportedInput, 0, "image"},
	{400, `{"error":{"message":"Invalid content type. image_url is only supported by certain models.","type":"invalid_request_error","param":"messages.[0].content.[1].type"}}`, forward.UnsupportedInput, 0, "image"},
	{400, `{"error":{"code":"OperationNotSupported","message":"The chatCompletion operation does not work with the specified model, x. Please choose different model and try again."}}`, forward.UnsupportedInput, 0, ""},
	{400, `{"error":{"message":"This response_format type is unavailable now","type":"invalid_request_error"}}`, forward.UnsupportedInput, 0, "response_format"},
	{400, `{"object":"error","message":"Conversation roles must alternate user/assistant/user/assistant/...","type":"BadRequestError","code":400}`, forward.UnsupportedInput, 0, ""},
	{400, `{"type":"error","error":{"type":"invalid_request_error","message":"` + "`temperature` and `top_p`" + ` cannot both be specified for this model. Please use only one."}}`, forward.UnsupportedInput, 0, "temperature"},
	{400, `{"error":{"message":"Invalid max_tokens value, the valid range of max_tokens is [1, 8192]","type":"invalid_request_error"}}`, forward.UnsupportedInput, 0, ""},
	{400, `{"error":{"message":"Range of max_tokens should be [1, 8192]","code":"invalid_parameter_error"}}`, forward.UnsupportedInput, 0, ""},
	{400, `{"code":"Client specified an invalid argument","error":"Argument not supported on this model: presencePenalty"}`, forward.UnsupportedInput, 0, ""},
	{501, `{"error":{"message":"not implemented"}}`, forward.UnsupportedInput, 0, ""},
	{415, `{"error":{"message":"media type"}}`, forward.UnsupportedInput, 0, ""},

	{400, `{"error":{"message":"The model ` + "`x`" + ` has been decommissioned and is no longer supported. Please refer to the docs","type":"invalid_request_error","code":"model_decommissioned"}}`, forward.NotFound, 0, ""},
	{400, `{"error":{"message":"Model x has been deprecated","type":"invalid_request_error"}}`, forward.NotFound, 0, ""},
	{410, `{"error":{"message":"gone"}}`, forward.NotFound, 0, ""},
	{405, `{"detail":"Method Not Allowed"}`, forward.NotFound, 0, ""},
	{400, `{"object":"error","message":"Invalid model: x","type":"invalid_model","param":null,"code":"1500"}`, forward.NotFound, 0, ""},
	{400, `{"error":{"message":"Model Not Exist","type":"invalid_request_error"}}`, forward.NotFound, 0, ""},
	{400, `{"error":{"message":"API key expired. Please renew the API key.","status":"INVALID_ARGUMENT"}}`, forward.Auth, 0, ""},
	{400, `{"error":{"message":"API Key not found. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}`, forward.Auth, 0, ""},
	{403, `{"message":"The security token included in the request is expired"}`, forward.Auth, 0, ""},
	{400, `{"code":"Client specified an invalid argument","error":"Incorrect API key provided: xa***"}`, forward.Auth, 0, ""},

	// Trouble of the server under a status of the request's.
	{400, `{"__type":"ThrottlingException","message":"Too many requests, please wait before trying again."}`, forward.RateLimited, 0, ""},
	{498, `{"error":{"message":"Flex tier capacity exceeded","code":"capacity_exceeded"}}`, forward.ServerError, 0, ""},
	{424, `{"message":"The model failed","__type":"ModelErrorException"}`, forward.ServerError, 0, ""},
	{409, `{"error":{"message":"conflict"}}`, forward.ServerError, 0, ""},
	{425, `too early`, forward.ServerError, 0, ""},
	{499, `{"error":{"message":"client closed"}}`, forward.ServerError, 0, ""},
	{400, `{"error":{"message":"Failed to call a function. Please adjust your prompt. See 'failed_generation' for more details.","type":"invalid_request_error","code":"tool_use_failed","failed_generation":"x"}}`, forward.Garbage, 0, ""},
	{400, `{"error":{"message":"Failed to generate JSON. Please adjust your prompt.","type":"invalid_request_error","code":"json_validate_failed"}}`, forward.Garbage, 0, ""},
	{500, `{"error":{"message":"Error code: 400 - Unable to process","type":"server_error","code":"500"}}`, forward.ServerError, 0, ""},
	{429, `{"error":{"message":"litellm.RateLimitError: no deployments available for selected model, Try again in 5 seconds.","type":"None","param":"None","code":"429"}}`, forward.RateLimited, 0, ""},
	{429, `{"message":"Tokens per minute limit exceeded - too many tokens processed.","type":"too_many_tokens_error","param":"quota","code":"token_quota_exceeded"}`, forward.RateLimited, 0, ""},
	{403, `{"error_code":"REQUEST_LIMIT_EXCEEDED","message":"rate_limit_exceeded: too many requests"}`, forward.RateLimited, 0, ""},

	// Still wrong with the request itself.
	{400, `{"error":{"message":"Invalid value for 'temperature': expected a number between 0 and 2","param":"temperature","code":"decimal_above_max_value"}}`, forward.BadRequest, 0, ""},
	{400, `{"error":{"message":"An assistant message with 'tool_calls' must be followed by tool messages","param":"messages.[3].role"}}`, forward.BadRequest, 0, ""},
	{400, `{"error":{"message":"'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.","param":"messages"}}`, forward.BadRequest, 0, ""},
	{400, `{"error":{"message":"Invalid schema for function 'x': None is not of type 'object'","param":"tools[0].function.parameters","code":"invalid_function_parameters"}}`, forward.BadRequest, 0, ""},
	{400, `{"error":{"message":"you must provide a messages parameter"}}`, forward.BadRequest, 0, ""},
}

func TestRefusals(t *testing.T) {
	for _, c := range refusals {
		var got *forward.UpstreamError
		errors.As(wire.Failure(c.status, nil, []byte(c.body)), &got)
		if got.Class != c.class || got.ContextLimit != c.limit || got.Field != c.field {
			t.Errorf("%d %s:\n got %s, limit %d, field %q\nwant %s, limit %d, field %q", c.status, c.body, got.Class, got.ContextLimit, got.Field, c.class, c.limit, c.field)
		}
		if got.Message == "" {
			t.Errorf("%s: no message", c.body)
		}
	}
}

// TestMessages: the words are found wherever they stand, and only they.
func TestMessages(t *testing.T) {
	for _, body := range []string{
		`no luck`, `"no luck"`, `{"error":"no luck"}`, `{"error":{"message":"no luck","code":1}}`, `{"message":"no luck"}`, `{"detail":"no luck"}`, `{"msg":"no luck"}`,
		`{"errors":[{"message":"no luck"}]}`, `[{"error":{"message":"no luck"}}]`, `{"error":{"error":{"message":"no luck"}}}`, `{"error":{"message":{"text":"no luck"}}}`,
		`{"success":false,"error_message":"no luck"}`, `{"title":"no luck","status":400}`, `{"error":["no luck"]}`,
	} {
		var got *forward.UpstreamError
		if errors.As(wire.Failure(400, nil, []byte(body)), &got); got.Message != "no luck" {
			t.Errorf("%s: %q", body, got.Message)
		}
	}
}

// TestOnlyTroubleOfTheServerPauses: a refusal of the request pauses nobody,
// whatever its headers say.
func TestOnlyTroubleOfTheServerPauses(t *testing.T) {
	h := http.Header{"Retry-After": {"7"}}
	for status, want := range map[int]time.Duration{400: 0, 401: 0, 402: 0, 404: 0, 413: 0, 422: 0, 429: 7 * time.Second, 500: 7 * time.Second, 503: 7 * time.Second} {
		var got *forward.UpstreamError
		if errors.As(wire.Failure(status, h, []byte("no")), &got); got.RetryAfter != want {
			t.Errorf("%d: %s, want %s", status, got.RetryAfter, want)
		}
	}
}

// FuzzFailure: any body gives an error of a class, with the status it came with.
func FuzzFailure(f *testing.F) {
	for _, c := range refusals {
		f.Add(c.status, c.body)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		var got *forward.UpstreamError
		if !errors.As(wire.Failure(status, nil, []byte(body)), &got) || got.Class == "" || got.ContextLimit < 0 {
			t.Errorf("%+v", got)
		}
		if status >= 400 && got.Status != status {
			t.Errorf("status %d became %d", status, got.Status)
		}
		if strings.TrimSpace(body) == "" && got.Class == "" {
			t.Error("no class")
		}
	})
}
