// Package chat is the one form of a conversation: the router reads it, the
// forwarder sends it, and whoever takes requests in makes it. It promises that
// a message's text is joined in one way everywhere, so that what is routed is
// what is sent. It leaves to others which turns decide, what a provider can
// express, and every wire format.
package chat

import "strings"

// Role says who a message is from.
type Role string

// The roles.
const (
	System    Role = "system"
	User      Role = "user"
	Assistant Role = "assistant"
	Tool      Role = "tool"
)

// Message is one turn of a conversation.
type Message struct {
	Role  Role
	Parts []Part
	// ToolCalls are what an assistant asked for in this turn.
	ToolCalls []ToolCall
	// ToolCallID and ToolName say, on a tool message, which call it answers.
	ToolCallID string
	ToolName   string
}

// Part is a piece of a message's content: an image when Image is set, a part
// of a kind that nobody here can read when Other names one, text otherwise.
type Part struct {
	Text  string
	Image *Image
	Other string
}

// Image is a picture, given by its bytes or by its address.
type Image struct {
	// MediaType is needed with Data, as in "image/png".
	MediaType string
	Data      []byte
	URL       string
}

// ToolCall is a model's wish to run a tool. Arguments is a JSON object.
type ToolCall struct {
	ID        string
	Name      string
	Arguments string
}

// Say is a message of one text.
func Say(role Role, text string) Message {
	return Message{Role: role, Parts: []Part{{Text: text}}}
}

// IsText says that the part is text.
func (p *Part) IsText() bool { return p.Image == nil && p.Other == "" }

// Text is the message's text parts, each on a line of its own.
func (m *Message) Text() string {
	if len(m.Parts) == 1 && m.Parts[0].IsText() {
		return m.Parts[0].Text
	}
	var texts []string
	for i := range m.Parts {
		if m.Parts[i].IsText() {
			texts = append(texts, m.Parts[i].Text)
		}
	}
	return strings.Join(texts, "\n")
}

// NonText counts the parts that are not text: they are never embedded.
func (m *Message) NonText() int {
	n := 0
	for i := range m.Parts {
		if !m.Parts[i].IsText() {
			n++
		}
	}
	return n
}

// HasImage says whether any message carries a picture.
func HasImage(messages []Message) bool {
	for i := range messages {
		for j := range messages[i].Parts {
			if messages[i].Parts[j].Image != nil {
				return true
			}
		}
	}
	return false
}
