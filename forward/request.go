package forward

import (
	"encoding/json"
	"fmt"

	"github.com/semroute/semroute/chat"
)

// Tool is a function that a model may ask for. Parameters is a JSON schema.
type Tool struct {
	Name        string
	Description string
	Parameters  json.RawMessage
}

// ToolChoice says whether tools are to be used.
type ToolChoice struct {
	Mode ToolMode
	// Name is the tool that must be used, with OneTool only.
	Name string
}

// ToolMode is one way of choosing tools; the empty one is the provider's default.
type ToolMode string

// The ways of choosing tools.
const (
	AnyChoice ToolMode = ""         // what the provider does by itself
	AutoTool  ToolMode = "auto"     // the model decides
	NoTool    ToolMode = "none"     // no tool is used
	MustTool  ToolMode = "required" // some tool must be used
	OneTool   ToolMode = "tool"     // the named tool must be used
)

// Schema asks for an answer that is JSON of this shape.
type Schema struct {
	// Name is what the schema is called, letters, digits, - and _.
	Name string
	// JSON is the schema; empty asks for any JSON object.
	JSON json.RawMessage
	// Strict asks the provider to enforce it to the letter.
	Strict bool
}

// Request is what a model is asked, in no provider's words. Unset numbers
// (nil, 0) leave the choice to the provider.
type Request struct {
	System      string
	Messages    []chat.Message
	Tools       []Tool
	ToolChoice  ToolChoice
	Schema      *Schema
	Temperature *float64 // 0..2
	TopP        *float64 // 0..1
	MaxTokens   int      // of the answer
	Stop        []string
	Seed        *int64
	// User is an opaque key of the end user, sent where the provider takes one.
	User string
	// Metadata is sent where the provider takes it.
	Metadata map[string]string
	// LogProbs asks for the log-probability of every token of the answer, where
	// the provider gives them; one that does not sends none.
	LogProbs bool
	// Original is what the caller wrote where that was in a provider's words; nil
	// where it was not.
	Original *Original
}

// SessionKey of Metadata names the conversation: it is for whoever keeps models to
// conversations, and nothing is lost for a provider that does not take it.
const SessionKey = "session_id"

// Ask is the Request of a single prompt.
func Ask(prompt string) Request {
	return Request{Messages: []chat.Message{chat.Say(chat.User, prompt)}}
}

// Validate reports the first thing that no provider could make sense of, with
// the path of the field. The error wraps ErrInvalid.
func (r Request) Validate() error {
	if len(r.Messages) == 0 {
		return invalid("messages", "at least one message is needed")
	}
	for i := range r.Messages {
		if err := r.validateMessage(&r.Messages[i], fmt.Sprintf("messages[%d]", i)); err != nil {
			return err
		}
	}
	if err := r.validateTools(); err != nil {
		return err
	}
	return r.validateNumbers()
}

func (r Request) validateTools() error {
	names := map[string]bool{}
	for i, t := range r.Tools {
		path := fmt.Sprintf("tools[%d]", i)
		switch {
		case t.Name == "":
			return invalid(path+".name", "a tool needs a name")
		case names[t.Name]:
			return invalid(path+".name", fmt.Sprintf("the tool %q is given twice", t.Name))
		case len(t.Parameters) > 0 && !isObject(t.Parameters):
			return invalid(path+".parameters", "must be a JSON object")
		}
		names[t.Name] = true
	}
	switch r.ToolChoice.Mode {
	case AnyChoice, AutoTool, NoTool:
	case MustTool:
		if len(r.Tools) == 0 {
			return invalid("tool_choice", "a tool is required, but none is given")
		}
	case OneTool:
		if !names[r.ToolChoice.Name] {
			return invalid("tool_choice", fmt.Sprintf("the tool %q is not among the tools", r.ToolChoice.Name))
		}
	default:
		return invalid("tool_choice", fmt.Sprintf("unknown mode %q", r.ToolChoice.Mode))
	}
	if r.Schema != nil && len(r.Schema.JSON) > 0 && !isObject(r.Schema.JSON) {
		return invalid("schema", "must be a JSON object")
	}
	return nil
}

func (r Request) validateNumbers() error {
	switch {
	case r.Temperature != nil && !(*r.Temperature >= 0 && *r.Temperature <= 2):
		return invalid("temperature", "must be between 0 and 2")
	case r.TopP != nil && !(*r.TopP >= 0 && *r.TopP <= 1):
		return invalid("top_p", "must be between 0 and 1")
	case r.MaxTokens < 0:
		return invalid("max_tokens", "must not be negative")
	}
	return nil
}

func (r Request) validateMessage(m *chat.Message, path string) error {
	switch m.Role {
	case chat.System, chat.User, chat.Assistant:
	case chat.Tool:
		if m.ToolCallID == "" && m.ToolName == "" {
			return invalid(path, "a tool message must say which call it answers")
		}
	default:
		return invalid(path+".role", fmt.Sprintf("unknown role %q", m.Role))
	}
	if len(m.Parts) == 0 && len(m.ToolCalls) == 0 && m.Role != chat.Tool {
		return invalid(path, "has no content")
	}
	if len(m.ToolCalls) > 0 && m.Role != chat.Assistant {
		return invalid(path+".tool_calls", "only an assistant makes tool calls")
	}
	for i, c := range m.ToolCalls {
		at := fmt.Sprintf("%s.tool_calls[%d]", path, i)
		if c.Name == "" {
			return invalid(at+".name", "a tool call needs a name")
		}
		if c.Arguments != "" && !isObject([]byte(c.Arguments)) {
			return invalid(at+".arguments", "must be a JSON object")
		}
	}
	for i, p := range m.Parts {
		if p.Other != "" {
			if r.Original != nil {
				continue // a provider of the same protocol sends it on
			}
			return invalid(fmt.Sprintf("%s.parts[%d]", path, i), fmt.Sprintf("a part of kind %q cannot be sent to a model", p.Other))
		}
		if p.Image == nil {
			continue
		}
		at := fmt.Sprintf("%s.parts[%d].image", path, i)
		switch {
		case m.Role != chat.User:
			return invalid(at, "only a user message may carry an image")
		case (len(p.Image.Data) == 0) == (p.Image.URL == ""):
			return invalid(at, "needs either data or an address")
		case len(p.Image.Data) > 0 && p.Image.MediaType == "":
			return invalid(at, "data needs a media type")
		}
	}
	return nil
}

func isObject(raw []byte) bool {
	var object map[string]json.RawMessage
	return json.Unmarshal(raw, &object) == nil && object != nil
}
