package responses

import (
	"encoding/json"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/ingress/internal/openaierr"
)

// response is the whole object. Everything that the caller has set is told back.
type response struct {
	ID                string          `json:"id"`
	Object            string          `json:"object"`
	CreatedAt         int64           `json:"created_at"`
	CompletedAt       *int64          `json:"completed_at"`
	Status            string          `json:"status"`
	Background        bool            `json:"background"`
	Error             *openaierr.Body `json:"error"`
	IncompleteDetails *incomplete     `json:"incomplete_details"`
	Model             string          `json:"model"`
	Output            []any           `json:"output"`
	Usage             *usage          `json:"usage"`

	Instructions       json.RawMessage `json:"instructions"`
	MaxOutputTokens    json.RawMessage `json:"max_output_tokens"`
	MaxToolCalls       json.RawMessage `json:"max_tool_calls"`
	Metadata           json.RawMessage `json:"metadata"`
	ParallelToolCalls  json.RawMessage `json:"parallel_tool_calls"`
	PresencePenalty    json.RawMessage `json:"presence_penalty"`
	FrequencyPenalty   json.RawMessage `json:"frequency_penalty"`
	PreviousResponseID json.RawMessage `json:"previous_response_id"`
	PromptCacheKey     json.RawMessage `json:"prompt_cache_key"`
	Reasoning          json.RawMessage `json:"reasoning"`
	SafetyIdentifier   json.RawMessage `json:"safety_identifier"`
	ServiceTier        json.RawMessage `json:"service_tier"`
	Store              bool            `json:"store"`
	Temperature        json.RawMessage `json:"temperature"`
	Text               json.RawMessage `json:"text"`
	ToolChoice         json.RawMessage `json:"tool_choice"`
	Tools              json.RawMessage `json:"tools"`
	TopLogprobs        json.RawMessage `json:"top_logprobs"`
	TopP               json.RawMessage `json:"top_p"`
	Truncation         json.RawMessage `json:"truncation"`
	User               json.RawMessage `json:"user,omitempty"`
}

type incomplete struct {
	Reason string `json:"reason"`
}

type usage struct {
	InputTokens        int64 `json:"input_tokens"`
	InputTokensDetails struct {
		CachedTokens int64 `json:"cached_tokens"`
	} `json:"input_tokens_details"`
	OutputTokens        int64 `json:"output_tokens"`
	OutputTokensDetails struct {
		ReasoningTokens int64 `json:"reasoning_tokens"`
	} `json:"output_tokens_details"`
	TotalTokens int64 `json:"total_tokens"`
}

func usageOf(u forward.Usage) *usage {
	out := &usage{InputTokens: u.InputTokens, OutputTokens: u.OutputTokens, TotalTokens: u.Total()}
	out.InputTokensDetails.CachedTokens = u.CachedInputTokens
	out.OutputTokensDetails.ReasoningTokens = u.ReasoningTokens
	return out
}

// The statuses of a response and of its items.
const (
	inProgress = "in_progress"
	completed  = "completed"
	unfinished = "incomplete"
	failed     = "failed"
)

// told is a field as the caller has written it, or what holds without it.
func (q *request) told(name, otherwise string) json.RawMessage {
	if raw, given := q.echo[name]; given && string(raw) != "null" {
		return raw
	}
	return json.RawMessage(otherwise)
}

// begin is the response before anything is said.
func (q *request) begin(id string, now int64, kept bool) response {
	return response{
		ID: id, Object: "response", CreatedAt: now, Status: inProgress, Model: q.model, Output: []any{}, Store: kept,
		Instructions: q.told("instructions", "null"), MaxOutputTokens: q.told("max_output_tokens", "null"),
		MaxToolCalls: q.told("max_tool_calls", "null"), Metadata: q.told("metadata", "{}"),
		ParallelToolCalls: q.told("parallel_tool_calls", "true"), PresencePenalty: q.told("presence_penalty", "0"),
		FrequencyPenalty: q.told("frequency_penalty", "0"), PreviousResponseID: q.told("previous_response_id", "null"),
		PromptCacheKey: q.told("prompt_cache_key", "null"), Reasoning: q.told("reasoning", `{"effort":null,"summary":null}`),
		SafetyIdentifier: q.told("safety_identifier", "null"), ServiceTier: q.told("service_tier", `"default"`),
		Temperature: q.told("temperature", "1"), Text: q.shape(), ToolChoice: q.told("tool_choice", `"auto"`),
		Tools: q.tools(), TopLogprobs: q.told("top_logprobs", "0"), TopP: q.told("top_p", "1"),
		Truncation: q.told("truncation", `"disabled"`), User: q.told("user", ""),
	}
}

// shape is the text's, whose format is always told.
func (q *request) shape() json.RawMessage {
	text := map[string]json.RawMessage{}
	_ = json.Unmarshal(q.echo["text"], &text) // it was read before
	if _, given := text["format"]; !given {
		text["format"] = json.RawMessage(`{"type":"text"}`)
	}
	raw, err := json.Marshal(text)
	if err != nil { // only what was no JSON
		return json.RawMessage(`{"format":{"type":"text"}}`)
	}
	return raw
}

// tools are those of the request with all fields that the protocol wants told.
func (q *request) tools() json.RawMessage {
	var tools []map[string]json.RawMessage
	if json.Unmarshal(q.echo["tools"], &tools) != nil || tools == nil {
		return json.RawMessage("[]")
	}
	for _, t := range tools {
		for field, otherwise := range map[string]string{"description": "null", "parameters": "null", "strict": "null"} {
			if _, given := t[field]; !given {
				t[field] = json.RawMessage(otherwise)
			}
		}
	}
	raw, err := json.Marshal(tools)
	if err != nil {
		return json.RawMessage("[]")
	}
	return raw
}
