package forward

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/semroute/semroute/chat"
)

// Piece is a part of an answer as it arrives. A Piece with nothing in it only
// says that the upstream is alive; it never reaches the caller.
type Piece struct {
	Text string
	// Reasoning is what a model thought aloud before it answered, Refusal the
	// words in which it declined: neither is part of the answer's text.
	Reasoning, Refusal string
	// Tool is a part of a tool call, nil for none.
	Tool *ToolPiece
	// LogProbs are the natural log-probabilities of the tokens of Text.
	LogProbs []float64
	// Tokens are the tokens of Text with their log-probabilities in the words of
	// OpenAI's protocol, a JSON list; empty where the provider gave none.
	Tokens json.RawMessage
	// Signature proves Reasoning to the provider that made it, when it is sent back
	// to it; Sealed is reasoning that only the provider can read.
	Signature, Sealed string
	// Model is the catalog's name of the model that says it. Providers leave it
	// empty.
	Model string
}

// ToolPiece is a part of the answer's tool call number Index. ID and Name come
// with its first piece; Arguments are to be put together in order.
type ToolPiece struct {
	Index     int
	ID        string
	Name      string
	Arguments string
}

// Empty says that there is nothing for the caller in it.
func (p Piece) Empty() bool {
	return p.Text == "" && p.Reasoning == "" && p.Refusal == "" && p.Tool == nil && p.Signature == "" && p.Sealed == ""
}

// Size is how many bytes of an answer it is.
func (p Piece) Size() int64 {
	n := len(p.Text) + len(p.Reasoning) + len(p.Refusal) + len(p.Signature) + len(p.Sealed)
	if p.Tool != nil {
		n += len(p.Tool.ID) + len(p.Tool.Name) + len(p.Tool.Arguments)
	}
	return int64(n)
}

// Finish says why an answer ended.
type Finish string

// The ways an answer ends.
const (
	FinishStop      Finish = "stop"       // the model was done, or met a stop text
	FinishLength    Finish = "length"     // MaxTokens or the context window was reached
	FinishToolCalls Finish = "tool_calls" // the model wants tools to be run
	FinishFiltered  Finish = "filtered"   // the provider withheld the rest
)

// Usage counts tokens, none of them below 0. InputTokens includes those that
// were read from a cache and those that were written to one; OutputTokens
// includes the tokens of reasoning.
type Usage struct {
	InputTokens       int64 `json:"input_tokens"`
	CachedInputTokens int64 `json:"cached_input_tokens,omitempty"`
	CacheWriteTokens  int64 `json:"cache_write_tokens,omitempty"`
	OutputTokens      int64 `json:"output_tokens"`
	// ReasoningTokens are those of OutputTokens that the provider counts as reasoning.
	ReasoningTokens int64 `json:"reasoning_tokens,omitempty"`
	// Estimated: the provider sent no usage, so the tokens were counted here.
	Estimated bool `json:"estimated,omitempty"`
	// Implausible: the provider sent counts that cannot be right, and what is
	// here stands in their place.
	Implausible bool `json:"implausible,omitempty"`
}

// Known says whether the provider sent any count.
func (u Usage) Known() bool { return u.InputTokens > 0 || u.OutputTokens > 0 }

// Add is the sum of two usages, estimated or implausible when one of them is.
// What does not fit is the largest int64.
func (u Usage) Add(v Usage) Usage {
	return Usage{
		InputTokens:       AddCapped(u.InputTokens, v.InputTokens),
		CachedInputTokens: AddCapped(u.CachedInputTokens, v.CachedInputTokens),
		CacheWriteTokens:  AddCapped(u.CacheWriteTokens, v.CacheWriteTokens),
		OutputTokens:      AddCapped(u.OutputTokens, v.OutputTokens),
		ReasoningTokens:   AddCapped(u.ReasoningTokens, v.ReasoningTokens),
		Estimated:         u.Estimated || v.Estimated,
		Implausible:       u.Implausible || v.Implausible,
	}
}

// Total is all tokens of the call; what does not fit is the largest int64.
func (u Usage) Total() int64 { return AddCapped(u.InputTokens, u.OutputTokens) }

// Answer is a whole answer put together from its pieces.
type Answer struct {
	Text string
	// Reasoning and Refusal are those of the pieces, put together.
	Reasoning string
	Refusal   string
	// Signature and Sealed are those of the pieces, put together.
	Signature, Sealed string
	ToolCalls         []chat.ToolCall
	Finish            Finish
	Usage             Usage
	// LogProbs are those of all tokens, empty when the provider gave none.
	LogProbs []float64
}

// MeanLogProb is the mean log-probability of the answer's tokens; false when
// the provider gave none.
func (a Answer) MeanLogProb() (float64, bool) {
	if len(a.LogProbs) == 0 {
		return 0, false
	}
	sum := 0.0
	for _, l := range a.LogProbs {
		sum += l
	}
	return sum / float64(len(a.LogProbs)), true
}

// maxToolCalls bounds the tool calls of one answer.
const maxToolCalls = 128

// Collector puts an answer together; its Add is a Sink. The zero value is
// ready. It is not safe for concurrent use.
type Collector struct {
	text, reasoning, refusal strings.Builder
	signature, sealed        strings.Builder

	tools []*toolParts
	probs []float64
}

type toolParts struct {
	id, name  string
	arguments strings.Builder
}

// Add takes the next piece.
func (c *Collector) Add(p Piece) error {
	c.text.WriteString(p.Text)
	c.reasoning.WriteString(p.Reasoning)
	c.refusal.WriteString(p.Refusal)
	c.signature.WriteString(p.Signature)
	c.sealed.WriteString(p.Sealed)
	c.probs = append(c.probs, p.LogProbs...)
	if p.Tool == nil {
		return nil
	}
	if p.Tool.Index < 0 || p.Tool.Index >= maxToolCalls {
		return fmt.Errorf("%w: tool call number %d is out of range", ErrUpstream, p.Tool.Index)
	}
	for len(c.tools) <= p.Tool.Index {
		c.tools = append(c.tools, &toolParts{})
	}
	t := c.tools[p.Tool.Index]
	if t.id == "" {
		t.id = p.Tool.ID
	}
	if t.name == "" {
		t.name = p.Tool.Name
	}
	t.arguments.WriteString(p.Tool.Arguments)
	return nil
}

// Answer is what was put together so far, without finish and usage.
func (c *Collector) Answer() Answer {
	a := Answer{Text: c.text.String(), Reasoning: c.reasoning.String(), Refusal: c.refusal.String(), Signature: c.signature.String(), Sealed: c.sealed.String(), LogProbs: c.probs}
	for _, t := range c.tools {
		a.ToolCalls = append(a.ToolCalls, chat.ToolCall{ID: t.id, Name: t.name, Arguments: t.arguments.String()})
	}
	return a
}
