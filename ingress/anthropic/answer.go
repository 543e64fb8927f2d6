package anthropic

import (
	"encoding/json"
	"strings"

	"github.com/semroute/semroute/forward"
)

// message is an answer in the protocol's words.
type message struct {
	ID           string    `json:"id"`
	Type         string    `json:"type"`
	Role         string    `json:"role"`
	Model        string    `json:"model"`
	Content      []content `json:"content"`
	StopReason   *string   `json:"stop_reason"`
	StopSequence *string   `json:"stop_sequence"`
	Usage        usage     `json:"usage"`
	// What only Anthropic's own servers tell is there, and null.
	StopDetails *struct{} `json:"stop_details"`
	Container   *struct{} `json:"container"`
}

// content is one block of an answer; what its kind does not have is left out.
type content struct {
	Type      string          `json:"type"`
	Citations json.RawMessage `json:"citations,omitempty"`
	Caller    *caller         `json:"caller,omitempty"`
	Text      *string         `json:"text,omitempty"`
	Thinking  *string         `json:"thinking,omitempty"`
	Signature *string         `json:"signature,omitempty"`
	Data      *string         `json:"data,omitempty"`
	ID        string          `json:"id,omitempty"`
	Name      string          `json:"name,omitempty"`
	Input     json.RawMessage `json:"input,omitempty"`
}

// caller says who asks for a tool: always the model itself.
type caller struct {
	Type string `json:"type"`
}

// usage counts tokens; those read from a cache or written to one are not among
// InputTokens.
type usage struct {
	InputTokens              int64 `json:"input_tokens"`
	OutputTokens             int64 `json:"output_tokens"`
	CacheCreationInputTokens int64 `json:"cache_creation_input_tokens"`
	CacheReadInputTokens     int64 `json:"cache_read_input_tokens"`
	// What only Anthropic's own servers tell is there, and null.
	CacheCreation       *struct{} `json:"cache_creation"`
	InferenceGeo        *string   `json:"inference_geo"`
	OutputTokensDetails *struct{} `json:"output_tokens_details"`
	ServerToolUse       *struct{} `json:"server_tool_use"`
	ServiceTier         *string   `json:"service_tier"`
}

func usageOf(u forward.Usage) usage {
	return usage{
		InputTokens: max(0, u.InputTokens-u.CachedInputTokens-u.CacheWriteTokens), OutputTokens: u.OutputTokens,
		CacheCreationInputTokens: u.CacheWriteTokens, CacheReadInputTokens: u.CachedInputTokens,
	}
}

// answer is a message in the making.
type answer struct {
	id, model string
	input     int64 // tokens of the prompt, estimated
	blocks    []building
}

// building is a block in the making.
type building struct {
	kind     blockKind
	tool     int // the number of a tool call
	id, name string
	text     strings.Builder // of its kind: text, thoughts, sealed thoughts, or a tool's input
	proof    strings.Builder // the signature of thoughts
}

// blockKind is a kind of block.
type blockKind uint8

const (
	textBlock blockKind = iota
	thinkingBlock
	sealedBlock
	toolBlock
)

// add takes a piece of an answer that is given as a whole.
func (a *answer) add(p forward.Piece) error {
	if p.Model != "" {
		a.model = p.Model
	}
	for _, part := range partsOf(p) {
		i := a.place(part)
		a.blocks[i].text.WriteString(part.text)
		a.blocks[i].proof.WriteString(part.proof)
	}
	return nil
}

// part is what one piece adds to one block.
type part struct {
	kind        blockKind
	tool        int
	id, name    string
	text, proof string
}

// partsOf splits a piece by the blocks that it belongs to. A refusal is text: the
// protocol tells it by the reason why the answer ends.
func partsOf(p forward.Piece) (parts []part) {
	if p.Reasoning != "" || p.Signature != "" {
		parts = append(parts, part{kind: thinkingBlock, text: p.Reasoning, proof: p.Signature})
	}
	if p.Sealed != "" {
		parts = append(parts, part{kind: sealedBlock, text: p.Sealed})
	}
	if text := p.Text + p.Refusal; text != "" {
		parts = append(parts, part{kind: textBlock, text: text})
	}
	if t := p.Tool; t != nil {
		parts = append(parts, part{kind: toolBlock, tool: t.Index, id: t.ID, name: t.Name, text: t.Arguments})
	}
	return parts
}

// place is the block that a part belongs to, a new one where its kind changes.
func (a *answer) place(p part) int {
	last := len(a.blocks) - 1
	if p.kind == toolBlock {
		for i := range a.blocks {
			if a.blocks[i].kind == toolBlock && a.blocks[i].tool == p.tool {
				return i
			}
		}
	} else if last >= 0 && a.blocks[last].kind == p.kind && p.kind != sealedBlock {
		return last
	}
	a.blocks = append(a.blocks, building{kind: p.kind, tool: p.tool, id: p.id, name: p.name})
	return last + 1
}

// whole is the answer as one object.
func (a *answer) whole(r *forward.Record) message {
	if r.Model != "" {
		a.model = r.Model
	}
	m := a.head()
	m.StopReason, m.Usage = new(stopReasonOf(r)), usageOf(r.Usage)
	m.StopSequence = stopSequenceOf(r)
	for i := range a.blocks {
		m.Content = append(m.Content, a.blocks[i].content())
	}
	return m
}

// head is the message before anything is said.
func (a *answer) head() message {
	return message{ID: a.id, Type: "message", Role: "assistant", Model: a.model, Content: []content{}, Usage: usage{InputTokens: a.input}}
}

// content is a block that is complete.
func (b *building) content() content {
	text := b.text.String()
	switch b.kind {
	case thinkingBlock:
		return content{Type: "thinking", Thinking: &text, Signature: new(b.proof.String())}
	case sealedBlock:
		return content{Type: "redacted_thinking", Data: &text}
	case toolBlock:
		if !json.Valid([]byte(text)) {
			text = "{}" // an empty input, or one that broke off where the tokens ended
		}
		return content{Type: "tool_use", ID: b.id, Name: b.name, Input: json.RawMessage(text), Caller: &caller{"direct"}}
	}
	// The protocol demands the field, and some clients take no null.
	return content{Type: "text", Text: &text, Citations: json.RawMessage("[]")}
}

// stopReasonOf is the protocol's word for why an answer ended.
func stopReasonOf(r *forward.Record) string {
	switch r.Finish {
	case forward.FinishLength:
		return "max_tokens"
	case forward.FinishToolCalls:
		return "tool_use"
	case forward.FinishFiltered:
		return "refusal"
	}
	if r.StopText != "" {
		return "stop_sequence"
	}
	return "end_turn"
}

// stopSequenceOf is the stop text that the model met; nil for none.
func stopSequenceOf(r *forward.Record) *string {
	if r.StopText == "" {
		return nil
	}
	return &r.StopText
}
