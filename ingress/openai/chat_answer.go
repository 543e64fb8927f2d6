package openai

import (
	"encoding/json"
	"strings"

	"github.com/semroute/semroute/forward"
)

// answer is a chat completion in the making.
type answer struct {
	id      string
	created int64
	model   string // who answers, or what was asked for until that is known
	// logProbs and includeUsage are what the caller wants besides.
	logProbs, includeUsage bool

	parts  forward.Collector
	tokens []json.RawMessage
}

// answers notes who answers.
func (a *answer) answers(model string) {
	if model != "" {
		a.model = model
	}
}

// add takes a piece of an answer that is given as a whole.
func (a *answer) add(p forward.Piece) error {
	a.answers(p.Model)
	if l := a.logProbsOf(p); l != nil {
		a.tokens = append(a.tokens, l.Content...)
	}
	return a.parts.Add(p)
}

// whole is the answer as one object.
func (a *answer) whole(r *forward.Record) completion {
	got := a.parts.Answer()
	m := message{Role: "assistant", ReasoningContent: got.Reasoning, Annotations: []struct{}{}}
	if got.Text != "" || len(got.ToolCalls) == 0 && got.Refusal == "" {
		m.Content = &got.Text
	}
	if got.Refusal != "" {
		m.Refusal = &got.Refusal
	}
	for _, c := range got.ToolCalls {
		m.ToolCalls = append(m.ToolCalls, toolCall{ID: c.ID, Type: "function", Function: functionCall{Name: c.Name, Arguments: c.Arguments}})
	}
	choice := wholeChoice{Message: m, FinishReason: finishOf(r.Finish)}
	if a.logProbs {
		choice.LogProbs = &logProbs{Content: append([]json.RawMessage{}, a.tokens...)}
	}
	a.answers(r.Model)
	return completion{
		ID: a.id, Object: "chat.completion", Created: a.created, Model: a.model, Choices: []wholeChoice{choice}, Usage: usageOf(r.Usage),
	}
}

// chunk is a part of the answer. Where the caller wants the usage, every part but
// the last announces it by a null.
func (a *answer) chunk(d delta) chunk {
	c := chunk{
		ID: a.id, Object: "chat.completion.chunk", Created: a.created, Model: a.model, Choices: []partChoice{{Delta: d}},
	}
	if a.includeUsage {
		c.Usage = &usageOrNull{}
	}
	return c
}

// usageChunk is the last part where the caller wants the usage.
func (a *answer) usageChunk(r *forward.Record) chunk {
	return chunk{
		ID: a.id, Object: "chat.completion.chunk", Created: a.created, Model: a.model,
		Choices: []partChoice{}, Usage: &usageOrNull{usageOf(r.Usage)},
	}
}

// deltaOf is a piece in the protocol's words.
func deltaOf(p forward.Piece) delta {
	d := delta{ReasoningContent: p.Reasoning, Refusal: p.Refusal}
	if p.Text != "" {
		d.Content = &p.Text
	}
	if t := p.Tool; t != nil {
		call := toolCall{Index: &t.Index, ID: t.ID, Function: functionCall{Name: t.Name, Arguments: t.Arguments}}
		if t.ID != "" || t.Name != "" {
			call.Type = "function"
		}
		d.ToolCalls = []toolCall{call}
	}
	return d
}

// logProbsOf are those of a piece's tokens, where the caller wants them and the
// upstream has them.
func (a *answer) logProbsOf(p forward.Piece) *logProbs {
	if !a.logProbs {
		return nil
	}
	var tokens []json.RawMessage
	if len(p.Tokens) > 0 && json.Unmarshal(p.Tokens, &tokens) == nil {
		return &logProbs{Content: tokens}
	}
	if len(p.LogProbs) != 1 || strings.TrimSpace(p.Text) == "" {
		return nil // which token a number belongs to is not known
	}
	token, err := json.Marshal(map[string]any{
		"token": p.Text, "logprob": p.LogProbs[0], "bytes": bytesOf(p.Text), "top_logprobs": []any{},
	})
	if err != nil { // a number that is no JSON
		return nil
	}
	return &logProbs{Content: []json.RawMessage{token}}
}

// bytesOf are the bytes of a token as numbers, as the protocol has them.
func bytesOf(token string) []int {
	out := make([]int, len(token))
	for i := range len(token) {
		out[i] = int(token[i])
	}
	return out
}
