// Package agents makes up what agents and people send, and measures what keeping
// conversations with their models is worth: conversations with loops of tools,
// follow-ups and changes of subject go through the real decisions and policies of a
// catalog to models that only count. Everything follows from a seed.
package agents

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/semroute/semroute/chat"
)

// Subject is a prompt that stands on its own, with the route that it belongs to.
type Subject struct{ Text, Route string }

// turn is one request of a conversation.
type turn struct {
	message chat.Message
	route   string // where it belongs
	loop    bool   // it brings a tool's result
	tools   bool   // the request offers tools
}

// followUps go on with the subject before.
var followUps = []string{
	"ok", "go on", "yes please", "and shorter?", "thanks, continue", "can you explain that again", "not quite, try once more",
	"looks good", "what about the second part", "why", "do it", "make it a bit simpler", "and then?", "is that all",
}

// Shares of what may come: agents work on one thing for long, people ask on.
const (
	anotherFollowUp = 0.8 // after each turn of a subject
	anotherSubject  = 0.2 // after each subject
	usesTools       = 0.5 // of a subject whose route's models run tools
	anotherRound    = 0.8 // after each round of a tool
)

// conversation makes one up. tools are the routes whose prompts may run tools.
func conversation(rng *rand.Rand, id int, subjects []Subject, tools map[string]bool) []turn {
	var turns []turn
	for first := true; first || rng.Float64() < anotherSubject; first = false {
		s := subjects[rng.IntN(len(subjects))]
		offers := tools[s.Route] && rng.Float64() < usesTools
		turns = append(turns, turn{message: chat.Say(chat.User, s.Text), route: s.Route, tools: offers})
		if offers {
			for round := 0; round == 0 || rng.Float64() < anotherRound; round++ {
				result := chat.Say(chat.Tool, fmt.Sprintf("file %d: ", round)+words(rng, 50+rng.IntN(400)))
				result.ToolCallID = fmt.Sprintf("call_%d_%d", id, len(turns))
				turns = append(turns, turn{message: result, route: s.Route, loop: true, tools: true})
			}
		}
		for rng.Float64() < anotherFollowUp {
			text := followUps[rng.IntN(len(followUps))]
			turns = append(turns, turn{message: chat.Say(chat.User, text), route: s.Route, tools: offers})
		}
	}
	return turns
}

// filler is what made-up answers and results of tools are made of.
var filler = []string{"the", "line", "returns", "value", "and", "then", "every", "file", "has", "one", "more", "of", "them", "here", "which", "is", "read", "again"}

// words are as many made-up ones.
func words(rng *rand.Rand, n int) string {
	var text strings.Builder
	for range n {
		text.WriteString(filler[rng.IntN(len(filler))])
		text.WriteByte(' ')
	}
	return text.String()
}
