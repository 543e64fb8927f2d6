package wire

import (
	"strings"

	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/forward"
)

// Head joins the request's system text with the system messages that its
// conversation begins with, a blank line between them, and gives the messages
// that follow: many servers take one system message, and only at the head.
func Head(req *forward.Request) (system string, rest []chat.Message) {
	texts := add(nil, req.System)
	rest = req.Messages
	for len(rest) > 0 && rest[0].Role == chat.System {
		texts = add(texts, rest[0].Text())
		rest = rest[1:]
	}
	return strings.Join(texts, "\n\n"), rest
}

// Hoist is Head for servers that take no system message anywhere else: those
// within the conversation come to the head, too, in their order.
func Hoist(req *forward.Request) (system string, rest []chat.Message) {
	texts := add(nil, req.System)
	for i := range req.Messages {
		if m := &req.Messages[i]; m.Role == chat.System {
			texts = add(texts, m.Text())
		} else {
			rest = append(rest, *m)
		}
	}
	return strings.Join(texts, "\n\n"), rest
}

func add(texts []string, text string) []string {
	if strings.TrimSpace(text) == "" {
		return texts
	}
	return append(texts, text)
}
