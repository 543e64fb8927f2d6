package router

import (
	"strings"
	"time"

	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/router/harness"
)

// Prompt is what is to be routed: a string, or a conversation with the oldest
// message first. Messages win when both are set.
type Prompt struct {
	Text     string
	Messages []chat.Message
	// Metadata and User are for rules.
	Metadata map[string]string
	User     User
}

// User is on whose behalf a prompt is sent.
type User struct {
	ID   string
	Tier string
	Team string
}

// Turns says which turns of a conversation are looked at.
type Turns string

// The settings of Turns.
const (
	// TurnsAuto looks at the last user turn and, where that is short, also at it
	// together with the user turn before, and takes the surer decision.
	TurnsAuto Turns = "auto"
	// TurnsLast looks at the last user turn alone.
	TurnsLast Turns = "last"
	// TurnsUser joins all user turns, the latest ones first to survive shortening.
	TurnsUser Turns = "user"
)

// followUpWords is the length up to which a turn may lean on the one before:
// "what about Texas?" does, a sentence that stands on its own is longer.
const followUpWords = 8

// reading is a prompt made ready: the texts to try and how many turns each holds.
type reading struct {
	text    string // the last user turn, what rules see as `prompt`
	context string // the last user turn behind the one before; empty when not tried
	nonText int
	omitted int // blocks of text that are no person's words
	turns   int // turns in text
}

// read chooses the turns to look at: those in which a person says something,
// without what a tool has put around it.
func (p *Prompt) read(turns Turns) reading {
	if len(p.Messages) == 0 {
		words, omitted := harness.Strip(p.Text)
		return reading{text: words, omitted: omitted, turns: 1}
	}
	var r reading
	var users []string
	for i := range p.Messages {
		m := &p.Messages[i]
		r.nonText += m.NonText()
		if m.Role != chat.User {
			continue
		}
		words, omitted := harness.Strip(m.Text())
		r.omitted += omitted
		if strings.TrimSpace(words) != "" {
			users = append(users, words)
		}
	}
	if len(users) == 0 {
		return r
	}
	last := users[len(users)-1]
	r.text, r.turns = last, 1
	switch turns {
	case TurnsLast:
	case TurnsUser:
		r.text, r.turns = joinLatestFirst(users), len(users)
	default:
		if len(users) > 1 && len(strings.Fields(last)) <= followUpWords {
			r.context = users[len(users)-2] + "\n" + last
		}
	}
	return r
}

// joinLatestFirst puts the newest turn in front: embedders read the beginning
// of a text that is too long.
func joinLatestFirst(turns []string) string {
	var b strings.Builder
	for i := len(turns) - 1; i >= 0; i-- {
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(turns[i])
	}
	return b.String()
}

// Clock tells the time; tests set it.
type Clock func() time.Time
