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
	// TurnsAuto looks at the last user turn, and where that may lean on the
	// conversation also at what it is about: see turnKind and follow.
	TurnsAuto Turns = "auto"
	// TurnsLast looks at the last user turn alone.
	TurnsLast Turns = "last"
	// TurnsUser joins all user turns, the latest ones first to survive shortening.
	TurnsUser Turns = "user"
)

// reading is a prompt made ready to be ranked.
type reading struct {
	text    string // the last user turn, what rules see as `prompt`
	room    [mostTexts]string
	n       int // texts to rank, in room: see texts
	way     way
	kind    turnKind // of the last turn, where the way is followed
	nonText int
	omitted int  // blocks of text that are no person's words
	turns   int  // turns in text
	partly  bool // not all of the last turn is ranked
	span    int  // turns from the subject of the conversation to the last one
}

// mostTexts is how many texts are ranked for one prompt at most.
const mostTexts = 3

// texts are what is ranked: the last turn, and what its way says.
func (r *reading) texts() []string { return r.room[:r.n] }

func (r *reading) add(text string) {
	r.room[r.n] = text
	r.n++
}

// way is how the decision is made of the rankings of a reading's texts.
type way uint8

const (
	alone    way = iota // one text
	followed            // the turn, the turn behind its subject, the subject
	agreed              // a long turn's ends, behind the whole where neither asks for anything
)

// read chooses the turns to look at: those in which a person says something,
// without what a tool has put around it.
func (p *Prompt) read(turns Turns) reading {
	var r reading
	var users []string
	if len(p.Messages) == 0 {
		words, omitted := harness.Strip(p.Text)
		users, r.omitted = []string{words}, omitted
	}
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
	r.text, r.turns = users[len(users)-1], 1
	if turns == TurnsUser {
		r.text, r.turns = joinLatestFirst(users), len(users)
	}
	if len(r.text) > longPrompt && turns != TurnsUser {
		r.readEnds(r.text)
		return r
	}
	r.add(r.text)
	if turns != TurnsLast && turns != TurnsUser {
		r.follow(users)
	}
	return r
}

// follow adds what the last of the turns may be about: the latest turn before
// it that stands on its own.
func (r *reading) follow(users []string) {
	last := len(users) - 1
	if r.kind = kindOf(users[last]); last == 0 || r.kind == turnPolite || r.kind == turnWhole {
		return
	}
	subject := last - 1
	for subject > 0 && kindOf(users[subject]) >= turnLeaning {
		subject--
	}
	about := users[subject]
	if len(about) > longPrompt {
		about = subjectOf(about)
	}
	r.way, r.span = followed, last-subject+1
	r.add(about + "\n" + users[last])
	r.add(about)
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
