package session

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/semroute/semroute/chat"
)

// State is what is known of a conversation.
type State struct {
	// Model answered the last turn, by the policies of Route.
	Model string `json:"model"`
	Route string `json:"route"`
	// Answers is how many messages of the conversation are an assistant's, the last
	// answer included.
	Answers int `json:"answers"`
	// ContextTokens is how long the conversation was with the last answer, which the
	// model's provider may still have in its cache.
	ContextTokens int64 `json:"context_tokens"`
	// Missed is what turns of other routes would have saved since the route was last
	// right, in nano-dollars.
	Missed int64 `json:"missed,omitempty"`
	// Switches counts the changes of models.
	Switches int `json:"switches"`
}

// Caller is whose conversation it is: nobody finds another's.
type Caller struct{ Key, User string }

// Named is what a conversation is kept under that its caller has given a name: a
// hash that tells nothing of it.
func Named(who Caller, name string) string { return hash("named", who.Key, who.User, name) }

// Opening is how a conversation begins. What it is told to be by a system text does
// not count: agents write the time of day into it.
type Opening struct {
	Asked string // the first text of a user
	// Answered is the first answer: its text without the space around it, as far as
	// it matters, or the id of its first tool call where it has no text.
	Answered string
}

// mostAnswered is how many bytes of the first answer count.
const mostAnswered = 4096

// OpeningOf a conversation; what is not there yet is empty.
func OpeningOf(messages []chat.Message) Opening {
	var o Opening
	for i := range messages {
		m := &messages[i]
		switch {
		case m.Role == chat.User && o.Asked == "":
			o.Asked = m.Text()
		case m.Role == chat.Assistant && o.Asked != "":
			o.Answered = answered(m.Text())
			if o.Answered == "" && len(m.ToolCalls) > 0 {
				o.Answered = m.ToolCalls[0].ID
			}
			return o
		}
	}
	return o
}

func answered(text string) string {
	text = strings.TrimSpace(text)
	return strings.TrimSpace(text[:min(len(text), mostAnswered)])
}

// Derived is what a conversation without a name is kept under; "" before its first
// answer.
func Derived(who Caller, o Opening) string {
	if o.Asked == "" || o.Answered == "" {
		return ""
	}
	return hash("derived", who.Key, who.User, o.Asked, o.Answered)
}

func hash(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		size := sha256.Sum256([]byte(p)) // so that no two lists run together
		h.Write(size[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Answers counts the messages of assistants.
func Answers(messages []chat.Message) int {
	n := 0
	for i := range messages {
		if messages[i].Role == chat.Assistant {
			n++
		}
	}
	return n
}

// BringsToolResults says that the newest messages answer calls of tools that an
// assistant has made: the turn is still that assistant's.
func BringsToolResults(messages []chat.Message) bool {
	for i := len(messages) - 1; i >= 0; i-- {
		switch messages[i].Role {
		case chat.Tool:
			return true
		case chat.Assistant:
			return false
		}
	}
	return false
}
