package forward

import "strings"

const (
	// messageTokens is what a message costs besides its text.
	messageTokens = 4
	// imageTokens is what a picture is taken to cost.
	imageTokens = 1000
	// tallyBytes is how much text a tally holds before it counts it.
	tallyBytes = 16 << 10
)

// countPrompt estimates the tokens of everything that is sent.
func (f *Forwarder) countPrompt(req Request) int64 {
	n := f.deps.Tokens.CountTokens(req.System)
	for _, m := range req.Messages {
		n += messageTokens
		for _, p := range m.Parts {
			if p.Image != nil {
				n += imageTokens
				continue
			}
			n += f.deps.Tokens.CountTokens(p.Text)
		}
		for _, c := range m.ToolCalls {
			n += messageTokens + f.deps.Tokens.CountTokens(c.Name) + f.deps.Tokens.CountTokens(c.Arguments)
		}
	}
	for _, t := range req.Tools {
		n += messageTokens + f.deps.Tokens.CountTokens(t.Name+" "+t.Description) + f.deps.Tokens.CountTokens(string(t.Parameters))
	}
	if req.Schema != nil {
		n += f.deps.Tokens.CountTokens(string(req.Schema.JSON))
	}
	return int64(n)
}

// atMost is an upper bound of the prompt's tokens that needs no counting: a
// token is at least one byte.
func atMost(req Request) int64 {
	n := len(req.System)
	for _, m := range req.Messages {
		n += messageTokens
		for _, p := range m.Parts {
			n += len(p.Text)
			if p.Image != nil {
				n += imageTokens
			}
		}
		for _, c := range m.ToolCalls {
			n += messageTokens + len(c.Name) + len(c.Arguments)
		}
	}
	for _, t := range req.Tools {
		n += messageTokens + len(t.Name) + len(t.Description) + len(t.Parameters) + 1
	}
	if req.Schema != nil {
		n += len(req.Schema.JSON)
	}
	return int64(n)
}

// tally counts the tokens of an answer, in bounded memory.
type tally struct {
	count   func(string) int
	text    strings.Builder
	counted int64
}

func (t *tally) add(p Piece) {
	t.text.WriteString(p.Text)
	t.text.WriteString(p.Reasoning)
	t.text.WriteString(p.Refusal)
	if p.Tool != nil {
		t.text.WriteString(p.Tool.Name)
		t.text.WriteString(p.Tool.Arguments)
	}
	if t.text.Len() > tallyBytes {
		t.flush()
	}
}

func (t *tally) flush() {
	t.counted += int64(t.count(t.text.String()))
	t.text.Reset()
}

func (t *tally) total() int64 {
	if t.text.Len() > 0 {
		t.flush()
	}
	return t.counted
}
