package responses

import (
	"encoding/json"
	"fmt"

	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/ingress/internal/web"
)

// item is one item of the input as the protocol has it.
type item struct {
	Type      string          `json:"type"`
	Role      string          `json:"role"`
	Content   json.RawMessage `json:"content"`
	CallID    string          `json:"call_id"`
	Name      string          `json:"name"`
	Arguments string          `json:"arguments"`
	Output    json.RawMessage `json:"output"`
}

// part is one part of an item's content.
type part struct {
	Type     string          `json:"type"`
	Text     string          `json:"text"`
	Refusal  string          `json:"refusal"`
	ImageURL json.RawMessage `json:"image_url"`
}

// roles are the protocol's words for who speaks.
var roles = map[string]chat.Role{"user": chat.User, "assistant": chat.Assistant, "system": chat.System, "developer": chat.System}

// readInput reads a text or a list of items.
func (q *request) readInput(fields map[string]json.RawMessage) error {
	var text string
	if json.Unmarshal(fields["input"], &text) == nil && text != "" {
		q.said = []chat.Message{chat.Say(chat.User, text)}
		return nil
	}
	var items []item
	if err := web.Read(fields, "input", &items); err != nil {
		return web.Bad("input", "must be a text or a list of items")
	}
	if len(items) == 0 {
		return web.Bad("input", "is missing or empty")
	}
	for i := range items {
		if err := q.readItem(&items[i], fmt.Sprintf("input[%d]", i)); err != nil {
			return err
		}
	}
	return nil
}

func (q *request) readItem(it *item, path string) error {
	switch it.Type {
	case "", "message":
		role := roles[it.Role]
		if role == "" {
			return web.Bad(path+".role", "%q is not known; use user, assistant, system or developer", it.Role)
		}
		parts, err := readParts(it.Content, path+".content")
		if err != nil {
			return err
		}
		q.said = append(q.said, chat.Message{Role: role, Parts: parts})
	case "function_call":
		call := chat.ToolCall{ID: it.CallID, Name: it.Name, Arguments: it.Arguments}
		if last := len(q.said) - 1; last >= 0 && q.said[last].Role == chat.Assistant { // calls at once are one turn
			q.said[last].ToolCalls = append(q.said[last].ToolCalls, call)
			return nil
		}
		q.said = append(q.said, chat.Message{Role: chat.Assistant, ToolCalls: []chat.ToolCall{call}})
	case "function_call_output":
		parts, err := readParts(it.Output, path+".output")
		if err != nil {
			return err
		}
		q.said = append(q.said, chat.Message{Role: chat.Tool, ToolCallID: it.CallID, Parts: parts})
	case "reasoning": // thoughts are for the model that had them
	default:
		return web.Bad(path+".type", "%q is not known; use message, function_call, function_call_output or reasoning", it.Type)
	}
	return nil
}

// readParts reads a text or a list of parts.
func readParts(raw json.RawMessage, path string) ([]chat.Part, error) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return []chat.Part{{Text: text}}, nil
	}
	var list []part
	if json.Unmarshal(raw, &list) != nil {
		return nil, web.Bad(path, "must be a text or a list of parts")
	}
	parts := []chat.Part{}
	for i, p := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		switch p.Type {
		case "input_text", "output_text", "text":
			parts = append(parts, chat.Part{Text: p.Text})
		case "refusal":
			parts = append(parts, chat.Part{Text: p.Refusal})
		case "input_image":
			var url string
			if json.Unmarshal(p.ImageURL, &url) != nil {
				return nil, web.Bad(at+".image_url", "must be an address; files are not kept here")
			}
			image, err := web.ReadImage(url, at+".image_url")
			if err != nil {
				return nil, err
			}
			parts = append(parts, chat.Part{Image: image})
		default:
			return nil, web.Bad(at+".type", "%q is not known; use input_text, output_text, refusal or input_image", p.Type)
		}
	}
	return parts, nil
}
