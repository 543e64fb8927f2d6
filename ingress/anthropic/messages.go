package anthropic

import (
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/ingress/internal/web"
)

// block is a part of a message as the protocol has it.
type block struct {
	Type   string `json:"type"`
	Text   string `json:"text"`
	Source struct {
		Type      string `json:"type"`
		MediaType string `json:"media_type"`
		Data      string `json:"data"`
		URL       string `json:"url"`
	} `json:"source"`
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Input     json.RawMessage `json:"input"`
	ToolUseID string          `json:"tool_use_id"`
	Content   json.RawMessage `json:"content"`
}

// readMessages reads the conversation. The results of tools, which the protocol
// has within a user's message, become messages of their own.
func readMessages(fields map[string]json.RawMessage, r *forward.Request) error {
	var messages []struct {
		Role    string          `json:"role"`
		Content json.RawMessage `json:"content"`
	}
	if err := web.Read(fields, "messages", &messages); err != nil {
		return err
	}
	if len(messages) == 0 {
		return web.Bad("messages", "at least one message is needed")
	}
	for i, m := range messages {
		path := fmt.Sprintf("messages[%d]", i)
		blocks, err := readBlocks(m.Content, path+".content")
		if err != nil {
			return err
		}
		switch m.Role {
		case "user":
			err = readUser(blocks, path+".content", r)
		case "assistant":
			readAssistant(blocks, path+".content", r)
		default:
			err = web.Bad(path+".role", "%q is not known; use user or assistant", m.Role)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readBlocks reads a text or a list of blocks.
func readBlocks(raw json.RawMessage, path string) ([]block, error) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return []block{{Type: "text", Text: text}}, nil
	}
	var blocks []block
	if json.Unmarshal(raw, &blocks) != nil {
		return nil, web.Bad(path, "must be a text or a list of blocks")
	}
	return blocks, nil
}

func readUser(blocks []block, path string, r *forward.Request) error {
	said := chat.Message{Role: chat.User}
	for i, b := range blocks {
		at := fmt.Sprintf("%s[%d]", path, i)
		switch b.Type {
		case "text":
			said.Parts = append(said.Parts, chat.Part{Text: b.Text})
		case "image":
			image, err := readImage(&b, at+".source")
			if err != nil {
				return err
			}
			said.Parts = append(said.Parts, chat.Part{Image: image})
		case "tool_result":
			result, err := readResult(&b, at, r.Original)
			if err != nil {
				return err
			}
			r.Messages = append(r.Messages, result)
		default:
			said.Parts = append(said.Parts, other(&b, at, r.Original))
		}
	}
	if len(said.Parts) > 0 || len(blocks) == 0 {
		r.Messages = append(r.Messages, said)
	}
	return nil
}

// other is a block that nobody here can read.
func other(b *block, path string, original *forward.Original) chat.Part {
	original.Beyond = append(original.Beyond, fmt.Sprintf("%s of type %q", path, b.Type))
	return chat.Part{Other: b.Type + " block"}
}

func readImage(b *block, path string) (*chat.Image, error) {
	switch b.Source.Type {
	case "url":
		return &chat.Image{URL: b.Source.URL}, nil
	case "base64":
		data, err := base64.StdEncoding.DecodeString(b.Source.Data)
		if err != nil || len(data) == 0 {
			return nil, web.Bad(path+".data", "is no base64")
		}
		return &chat.Image{MediaType: b.Source.MediaType, Data: data}, nil
	}
	return nil, web.Bad(path+".type", "%q is not known; use base64 or url", b.Source.Type)
}

// readResult reads what a tool gave. A picture in it is for Anthropic's servers
// alone.
func readResult(b *block, path string, original *forward.Original) (chat.Message, error) {
	m := chat.Message{Role: chat.Tool, ToolCallID: b.ToolUseID}
	if b.ToolUseID == "" {
		return m, web.Bad(path+".tool_use_id", "is missing")
	}
	if len(b.Content) == 0 || string(b.Content) == "null" {
		return m, nil
	}
	parts, err := readBlocks(b.Content, path+".content")
	if err != nil {
		return m, err
	}
	for i := range parts {
		if parts[i].Type == "text" {
			m.Parts = append(m.Parts, chat.Part{Text: parts[i].Text})
			continue
		}
		m.Parts = append(m.Parts, other(&parts[i], fmt.Sprintf("%s.content[%d]", path, i), original))
	}
	return m, nil
}

// readAssistant reads what a model has said before. Its thoughts are for the
// servers that made them.
func readAssistant(blocks []block, path string, r *forward.Request) {
	said := chat.Message{Role: chat.Assistant}
	for i, b := range blocks {
		switch b.Type {
		case "text":
			said.Parts = append(said.Parts, chat.Part{Text: b.Text})
		case "thinking", "redacted_thinking":
		case "tool_use":
			said.ToolCalls = append(said.ToolCalls, chat.ToolCall{ID: b.ID, Name: b.Name, Arguments: string(b.Input)})
		default:
			said.Parts = append(said.Parts, other(&b, fmt.Sprintf("%s[%d]", path, i), r.Original))
		}
	}
	if len(said.Parts) == 0 && len(said.ToolCalls) == 0 {
		said.Parts = []chat.Part{{}} // an answer without a word is still one
	}
	r.Messages = append(r.Messages, said)
}
