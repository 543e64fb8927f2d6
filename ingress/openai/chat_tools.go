package openai

import (
	"encoding/json"
	"fmt"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/ingress/internal/web"
)

// readTools reads the functions that the model may ask for. A tool of another
// kind is one that only this protocol knows.
func readTools(fields map[string]json.RawMessage, r *forward.Request) error {
	var tools []struct {
		Type     string `json:"type"`
		Function struct {
			Name        string          `json:"name"`
			Description string          `json:"description"`
			Parameters  json.RawMessage `json:"parameters"`
		} `json:"function"`
	}
	if err := web.Read(fields, "tools", &tools); err != nil {
		return err
	}
	for i, t := range tools {
		if t.Type != "function" {
			r.Original.Beyond = append(r.Original.Beyond, fmt.Sprintf("tools[%d].type %q", i, t.Type))
			continue
		}
		tool := forward.Tool{Name: t.Function.Name, Description: t.Function.Description, Parameters: t.Function.Parameters}
		if string(tool.Parameters) == "null" {
			tool.Parameters = nil
		}
		r.Tools = append(r.Tools, tool)
	}
	return nil
}

// readToolChoice reads a word, or the one function that must be used.
func readToolChoice(fields map[string]json.RawMessage, r *forward.Request) error {
	raw, given := fields["tool_choice"]
	if !given || string(raw) == "null" {
		return nil
	}
	var word string
	if json.Unmarshal(raw, &word) == nil {
		mode, known := toolModes[word]
		if !known {
			return web.Bad("tool_choice", "%q is not known; use auto, none, required or a function", word)
		}
		r.ToolChoice.Mode = mode
		return nil
	}
	var one struct {
		Type     string `json:"type"`
		Function struct {
			Name string `json:"name"`
		} `json:"function"`
	}
	if err := web.Read(fields, "tool_choice", &one); err != nil {
		return err
	}
	if one.Type != "function" {
		r.Original.Beyond = append(r.Original.Beyond, fmt.Sprintf("tool_choice.type %q", one.Type))
		return nil
	}
	r.ToolChoice = forward.ToolChoice{Mode: forward.OneTool, Name: one.Function.Name}
	return nil
}

// toolModes are the words for the ways of choosing tools.
var toolModes = map[string]forward.ToolMode{"auto": forward.AutoTool, "none": forward.NoTool, "required": forward.MustTool}
