package attempt

import (
	"strings"

	"github.com/semroute/semroute/forward"
)

// tokenCountBytes is how much text a tokenCount holds before it counts it.
const tokenCountBytes = 16 << 10

// tokenCount counts the tokens of an answer, in bounded memory.
type tokenCount struct {
	count   func(string) int
	text    strings.Builder
	counted int64
}

func (t *tokenCount) add(p forward.Piece) {
	t.text.WriteString(p.Text)
	t.text.WriteString(p.Reasoning)
	t.text.WriteString(p.Refusal)
	if p.Tool != nil {
		t.text.WriteString(p.Tool.Name)
		t.text.WriteString(p.Tool.Arguments)
	}
	if t.text.Len() > tokenCountBytes {
		t.flush()
	}
}

func (t *tokenCount) flush() {
	t.counted += int64(t.count(t.text.String()))
	t.text.Reset()
}

func (t *tokenCount) total() int64 {
	if t.text.Len() > 0 {
		t.flush()
	}
	return t.counted
}
