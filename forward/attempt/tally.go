package attempt

import (
	"strings"

	"github.com/semroute/semroute/forward"
)

// tallyBytes is how much text a tally holds before it counts it.
const tallyBytes = 16 << 10

// tally counts the tokens of an answer, in bounded memory.
type tally struct {
	count   func(string) int
	text    strings.Builder
	counted int64
}

func (t *tally) add(p forward.Piece) {
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
