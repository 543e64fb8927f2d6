package session

import (
	"strings"

	"github.com/semroute/semroute/forward"
)

// FirstAnswer listens to the first answer of a conversation, so that its next turn
// is known again. It belongs to one call.
type FirstAnswer struct {
	Asked string
	text  strings.Builder
	tool  string
}

// Listening is the sink that hears what next is handed.
func (f *FirstAnswer) Listening(next forward.Sink) forward.Sink {
	return func(p forward.Piece) error {
		if room := mostAnswered + slack - f.text.Len(); room > 0 {
			f.text.WriteString(p.Text[:min(room, len(p.Text))])
		}
		if f.tool == "" && p.Tool != nil {
			f.tool = p.Tool.ID
		}
		return next(p)
	}
}

// slack is for space before the answer, which does not count.
const slack = 256

// Opening is how the conversation began.
func (f *FirstAnswer) Opening() Opening {
	o := Opening{Asked: f.Asked, Answered: answered(f.text.String())}
	if o.Answered == "" {
		o.Answered = f.tool
	}
	return o
}
