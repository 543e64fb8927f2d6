package openai

import (
	"encoding/json"

	"github.com/semroute/semroute/forward"
)

// completion is a whole answer in the protocol's words.
type completion struct {
	ID      string        `json:"id"`
	Object  string        `json:"object"`
	Created int64         `json:"created"`
	Model   string        `json:"model"`
	Choices []wholeChoice `json:"choices"`
	Usage   *usage        `json:"usage"`
}

type wholeChoice struct {
	Index        int       `json:"index"`
	Message      message   `json:"message"`
	LogProbs     *logProbs `json:"logprobs"`
	FinishReason string    `json:"finish_reason"`
}

type message struct {
	Role             string     `json:"role"`
	Content          *string    `json:"content"`
	Refusal          *string    `json:"refusal"`
	Annotations      []struct{} `json:"annotations"`
	ReasoningContent string     `json:"reasoning_content,omitempty"`
	ToolCalls        []toolCall `json:"tool_calls,omitempty"`
}

// chunk is a part of an answer.
type chunk struct {
	ID      string       `json:"id"`
	Object  string       `json:"object"`
	Created int64        `json:"created"`
	Model   string       `json:"model"`
	Choices []partChoice `json:"choices"`
	Usage   *usageOrNull `json:"usage,omitempty"`
}

type partChoice struct {
	Index        int       `json:"index"`
	Delta        delta     `json:"delta"`
	LogProbs     *logProbs `json:"logprobs"`
	FinishReason *string   `json:"finish_reason"`
}

type delta struct {
	Role             string     `json:"role,omitempty"`
	Content          *string    `json:"content,omitempty"`
	ReasoningContent string     `json:"reasoning_content,omitempty"`
	Refusal          string     `json:"refusal,omitempty"`
	ToolCalls        []toolCall `json:"tool_calls,omitempty"`
}

func (d *delta) empty() bool {
	return d.Content == nil && d.ReasoningContent == "" && d.Refusal == "" && len(d.ToolCalls) == 0
}

type toolCall struct {
	Index    *int         `json:"index,omitempty"`
	ID       string       `json:"id,omitempty"`
	Type     string       `json:"type,omitempty"`
	Function functionCall `json:"function"`
}

type functionCall struct {
	Name      string `json:"name,omitempty"`
	Arguments string `json:"arguments"`
}

type logProbs struct {
	Content []json.RawMessage `json:"content"`
	Refusal []json.RawMessage `json:"refusal"`
}

// usageOrNull is a usage that is sent as null where it only announces one.
type usageOrNull struct{ *usage }

// MarshalJSON implements json.Marshaler.
func (u usageOrNull) MarshalJSON() ([]byte, error) { return json.Marshal(u.usage) }

type usage struct {
	PromptTokens        int64 `json:"prompt_tokens"`
	CompletionTokens    int64 `json:"completion_tokens"`
	TotalTokens         int64 `json:"total_tokens"`
	PromptTokensDetails struct {
		CachedTokens int64 `json:"cached_tokens"`
	} `json:"prompt_tokens_details"`
	CompletionTokensDetails struct {
		ReasoningTokens int64 `json:"reasoning_tokens"`
	} `json:"completion_tokens_details"`
}

func usageOf(u forward.Usage) *usage {
	out := &usage{PromptTokens: u.InputTokens, CompletionTokens: u.OutputTokens, TotalTokens: u.Total()}
	out.PromptTokensDetails.CachedTokens = u.CachedInputTokens
	out.CompletionTokensDetails.ReasoningTokens = u.ReasoningTokens
	return out
}

// finishOf is the protocol's word for why an answer ended.
func finishOf(f forward.Finish) string {
	switch f {
	case forward.FinishLength:
		return "length"
	case forward.FinishToolCalls:
		return "tool_calls"
	case forward.FinishFiltered:
		return "content_filter"
	}
	return "stop"
}
