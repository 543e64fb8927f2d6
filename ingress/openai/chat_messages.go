package openai

import (
	"encoding/json"
	"fmt"

	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/ingress/internal/web"
)

// wireMessage is one message as the protocol has it.
type wireMessage struct {
	Role       string          `json:"role"`
	Content    json.RawMessage `json:"content"`
	Refusal    string          `json:"refusal"`
	ToolCallID string          `json:"tool_call_id"`
	ToolCalls  []struct {
		ID       string `json:"id"`
		Type     string `json:"type"`
		Function struct {
			Name      string `json:"name"`
			Arguments string `json:"arguments"`
		} `json:"function"`
	} `json:"tool_calls"`
}

// wirePart is one part of a message's content.
type wirePart struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Refusal  string `json:"refusal"`
	ImageURL struct {
		URL string `json:"url"`
	} `json:"image_url"`
}

// roles are the protocol's words for who speaks.
var roles = map[string]chat.Role{
	"system": chat.System, "developer": chat.System, "user": chat.User, "assistant": chat.Assistant, "tool": chat.Tool,
}

func readMessages(fields map[string]json.RawMessage, r *forward.Request) error {
	var messages []wireMessage
	if err := web.Read(fields, "messages", &messages); err != nil {
		return err
	}
	if len(messages) == 0 {
		return web.Bad("messages", "at least one message is needed")
	}
	for i := range messages {
		m, err := readMessage(&messages[i], fmt.Sprintf("messages[%d]", i), r.Original)
		if err != nil {
			return err
		}
		r.Messages = append(r.Messages, m)
	}
	return nil
}

func readMessage(w *wireMessage, path string, original *forward.Original) (chat.Message, error) {
	m := chat.Message{Role: roles[w.Role], ToolCallID: w.ToolCallID}
	if m.Role == "" {
		return m, web.Bad(path+".role", "%q is not known; use system, developer, user, assistant or tool", w.Role)
	}
	var err error
	if m.Parts, err = readContent(w.Content, path+".content", original); err != nil {
		return m, err
	}
	if w.Refusal != "" {
		m.Parts = append(m.Parts, chat.Part{Text: w.Refusal})
	}
	for i, c := range w.ToolCalls {
		if c.Type != "" && c.Type != "function" {
			original.Beyond = append(original.Beyond, fmt.Sprintf("%s.tool_calls[%d].type %q", path, i, c.Type))
			continue
		}
		m.ToolCalls = append(m.ToolCalls, chat.ToolCall{ID: c.ID, Name: c.Function.Name, Arguments: c.Function.Arguments})
	}
	if len(m.Parts) == 0 && len(m.ToolCalls) == 0 && m.Role == chat.Assistant {
		m.Parts = []chat.Part{{}} // an answer without a word is still one
	}
	return m, nil
}

// readContent reads a text, or a list of parts.
func readContent(raw json.RawMessage, path string, original *forward.Original) ([]chat.Part, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return []chat.Part{{Text: text}}, nil
	}
	var list []wirePart
	if json.Unmarshal(raw, &list) != nil {
		return nil, web.Bad(path, "must be a text or a list of parts")
	}
	var parts []chat.Part
	for i, p := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		switch p.Type {
		case "text":
			parts = append(parts, chat.Part{Text: p.Text})
		case "refusal":
			parts = append(parts, chat.Part{Text: p.Refusal})
		case "image_url":
			image, err := web.ReadImage(p.ImageURL.URL, at+".image_url.url")
			if err != nil {
				return nil, err
			}
			parts = append(parts, chat.Part{Image: image})
		case "":
			return nil, web.Bad(at+".type", "is missing")
		default:
			parts = append(parts, chat.Part{Other: p.Type})
			original.Beyond = append(original.Beyond, fmt.Sprintf("%s of type %q", at, p.Type))
		}
	}
	return parts, nil
}
