package session_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/session"
)

func said(texts ...string) []chat.Message {
	var list []chat.Message
	for i, text := range texts {
		list = append(list, chat.Say([]chat.Role{chat.User, chat.Assistant}[i%2], text))
	}
	return list
}

func TestConversationsAreKnownByHowTheyBegan(t *testing.T) {
	ann := session.Caller{Key: "k", User: "ann"}
	name := func(who session.Caller, messages []chat.Message) string {
		return session.Derived(who, session.OpeningOf(messages))
	}
	first := said("hi", "hello, how can I help?", "my parcel")
	longer := slices.Concat(first, said("x", "where is it?", "it is late")[1:])
	system := append([]chat.Message{chat.Say(chat.System, "it is 12:01")}, first...)
	for what, same := range map[string][]chat.Message{"with more turns": longer, "with another system text": system, "with space around the answer": said("hi", " hello, how can I help?\n")} {
		if name(ann, same) != name(ann, first) {
			t.Errorf("%s it is another conversation", what)
		}
	}
	others := map[string]string{
		"another answer":   name(ann, said("hi", "hey")),
		"another question": name(ann, said("hello", "hello, how can I help?")),
		"another user":     name(session.Caller{Key: "k", User: "bob"}, first),
		"another key":      name(session.Caller{Key: "l", User: "ann"}, first),
		"moved words":      name(session.Caller{Key: "ka", User: "nn"}, first),
		"a given name":     session.Named(ann, "hi"),
	}
	for what, other := range others {
		if other == name(ann, first) {
			t.Errorf("%s: the same conversation", what)
		}
	}
	for what, unknown := range map[string][]chat.Message{"nothing": nil, "no answer yet": said("hi"), "no question": {chat.Say(chat.Assistant, "hello")}} {
		if got := name(ann, unknown); got != "" {
			t.Errorf("%s has the name %s", what, got)
		}
	}
	if got := name(ann, first); len(got) != 64 || strings.Contains(got, "hi") {
		t.Errorf("the name is %q", got)
	}
}

// TestTheFirstAnswerIsHeardAsItComesBack: what is heard of an answer, however it is
// cut, names the conversation that the client sends next.
func TestTheFirstAnswerIsHeardAsItComesBack(t *testing.T) {
	call := []chat.ToolCall{{ID: "call_1", Name: "look"}}
	for name, c := range map[string]struct {
		pieces []forward.Piece
		back   chat.Message
	}{
		"text":             {[]forward.Piece{{Text: "a"}, {Text: " b"}, {Reasoning: "hm"}, {Text: "c"}}, chat.Say(chat.Assistant, "a bc")},
		"space before":     {[]forward.Piece{{Text: "\n\n"}, {Text: "a "}}, chat.Say(chat.Assistant, "a")},
		"a call":           {[]forward.Piece{{Tool: &forward.ToolPiece{ID: "call_1", Name: "look"}}, {Tool: &forward.ToolPiece{Arguments: "{}"}}}, chat.Message{Role: chat.Assistant, ToolCalls: call}},
		"text and a call":  {[]forward.Piece{{Text: "Looking."}, {Tool: &forward.ToolPiece{ID: "call_1"}}}, chat.Message{Role: chat.Assistant, Parts: []chat.Part{{Text: "Looking."}}, ToolCalls: call}},
		"a very long text": {[]forward.Piece{{Text: strings.Repeat("x", 5000)}, {Text: strings.Repeat("y", 5000)}}, chat.Say(chat.Assistant, strings.Repeat("x", 5000)+strings.Repeat("y", 5000))},
		"cut in a letter":  {[]forward.Piece{{Text: strings.Repeat("é", 3000)}}, chat.Say(chat.Assistant, strings.Repeat("é", 3000))},
	} {
		heard := &session.FirstAnswer{Asked: "hi"}
		handed := 0
		sink := heard.Listening(func(forward.Piece) error { handed++; return nil })
		for _, p := range c.pieces {
			if err := sink(p); err != nil {
				t.Fatal(err)
			}
		}
		if handed != len(c.pieces) {
			t.Errorf("%s: %d of %d pieces were handed on", name, handed, len(c.pieces))
		}
		who := session.Caller{}
		back := session.Derived(who, session.OpeningOf([]chat.Message{chat.Say(chat.User, "hi"), c.back, chat.Say(chat.User, "and?")}))
		if got := session.Derived(who, heard.Opening()); got == "" || got != back {
			t.Errorf("%s: %q is not found again as %q", name, got, back)
		}
	}
}

func TestResultsOfToolsAreToldFromOtherTurns(t *testing.T) {
	asked := chat.Message{Role: chat.Assistant, ToolCalls: []chat.ToolCall{{ID: "1", Name: "look"}}}
	result := chat.Message{Role: chat.Tool, ToolCallID: "1"}
	for name, c := range map[string]struct {
		messages []chat.Message
		brings   bool
		answers  int
	}{
		"a question":                     {said("hi"), false, 0},
		"a result":                       {append(said("hi"), asked, result), true, 1},
		"two results":                    {append(said("hi"), asked, result, result), true, 1},
		"a result with words of a user":  {append(said("hi"), asked, result, chat.Say(chat.User, "go on")), true, 1},
		"a new question after the loop":  {append(said("hi"), asked, result, chat.Say(chat.Assistant, "a cat"), chat.Say(chat.User, "thanks")), false, 2},
		"the second round of the loop":   {append(said("hi"), asked, result, asked, result), true, 2},
		"a question that ignores a call": {append(said("hi"), asked, chat.Say(chat.User, "never mind")), false, 1},
	} {
		if got := session.BringsToolResults(c.messages); got != c.brings {
			t.Errorf("%s: %v", name, got)
		}
		if got := session.Answers(c.messages); got != c.answers {
			t.Errorf("%s: %d answers", name, got)
		}
	}
}
