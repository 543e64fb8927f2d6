package ollama

import (
	"encoding/json"

	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/internal/wire"
	"github.com/semroute/semroute/routes"
)

// chatRequest is what /api/chat takes. The tools are kept as they were given:
// api.Tool would drop the parts of a schema that it does not know.
type chatRequest struct {
	Model    string          `json:"model"`
	Messages []message       `json:"messages"`
	Stream   bool            `json:"stream"`
	Format   json.RawMessage `json:"format,omitempty"`
	Tools    []tool          `json:"tools,omitempty"`
	Options  map[string]any  `json:"options,omitempty"`
	Logprobs bool            `json:"logprobs,omitempty"`
	// Truncate false makes a server that knows it refuse a prompt that is too
	// long, where it would otherwise drop the beginning in silence.
	Truncate bool `json:"truncate"`
}

type message struct {
	Role       string     `json:"role"`
	Content    string     `json:"content"`
	Images     [][]byte   `json:"images,omitempty"`
	ToolCalls  []toolCall `json:"tool_calls,omitempty"`
	ToolName   string     `json:"tool_name,omitempty"`
	ToolCallID string     `json:"tool_call_id,omitempty"`
}

type toolCall struct {
	ID       string       `json:"id,omitempty"`
	Function functionCall `json:"function"`
}

type functionCall struct {
	Name      string          `json:"name"`
	Arguments json.RawMessage `json:"arguments"`
}

type tool struct {
	Type     string   `json:"type"`
	Function function `json:"function"`
}

type function struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Parameters  json.RawMessage `json:"parameters"`
}

// anyObject is the schema of a tool that was given without one.
var anyObject = json.RawMessage(`{"type":"object","properties":{}}`)

// encode writes the request in Ollama's words. What Ollama has no word for is
// an *forward.UnsupportedError. User and Metadata are for providers that
// account for them, and are left out.
func encode(model string, req *forward.Request) ([]byte, error) {
	if err := unsupported(req); err != nil {
		return nil, err
	}
	if _, err := req.Original.For(routes.Ollama); err != nil {
		return nil, err
	}
	out := chatRequest{Model: model, Stream: true, Options: options(req), Logprobs: req.LogProbs}
	system, rest := wire.Head(req)
	if system != "" {
		out.Messages = append(out.Messages, message{Role: string(chat.System), Content: system})
	}
	for i := range rest {
		out.Messages = append(out.Messages, encodeMessage(&rest[i]))
	}
	for _, t := range req.Tools {
		f := function{Name: t.Name, Description: t.Description, Parameters: t.Parameters}
		if len(f.Parameters) == 0 {
			f.Parameters = anyObject
		}
		out.Tools = append(out.Tools, tool{Type: "function", Function: f})
	}
	if req.ToolChoice.Mode == forward.NoTool {
		out.Tools = nil
	}
	if req.Schema != nil {
		out.Format = req.Schema.JSON
		if len(out.Format) == 0 {
			out.Format = json.RawMessage(`"json"`)
		}
	}
	return json.Marshal(out)
}

func unsupported(req *forward.Request) error {
	switch req.ToolChoice.Mode {
	case forward.MustTool, forward.OneTool:
		return &forward.UnsupportedError{Provider: name, Field: "tool_choice", Why: "a model of Ollama decides by itself whether it uses a tool"}
	}
	for _, m := range req.Messages {
		for _, part := range m.Parts {
			if part.Image != nil && len(part.Image.Data) == 0 {
				return &forward.UnsupportedError{Provider: name, Field: "image.url", Why: "send the image's bytes"}
			}
		}
	}
	return nil
}

func options(req *forward.Request) map[string]any {
	o := map[string]any{}
	if req.Temperature != nil {
		o["temperature"] = *req.Temperature
	}
	if req.TopP != nil {
		o["top_p"] = *req.TopP
	}
	if req.MaxTokens > 0 {
		o["num_predict"] = req.MaxTokens
	}
	if len(req.Stop) > 0 {
		o["stop"] = req.Stop
	}
	if req.Seed != nil {
		o["seed"] = *req.Seed
	}
	return o
}

func encodeMessage(m *chat.Message) message {
	out := message{Role: string(m.Role), Content: m.Text(), ToolName: m.ToolName, ToolCallID: m.ToolCallID}
	for _, part := range m.Parts {
		if part.Image != nil {
			out.Images = append(out.Images, part.Image.Data)
		}
	}
	for _, c := range m.ToolCalls {
		arguments := json.RawMessage(c.Arguments)
		if len(arguments) == 0 {
			arguments = json.RawMessage("{}")
		}
		out.ToolCalls = append(out.ToolCalls, toolCall{ID: c.ID, Function: functionCall{Name: c.Name, Arguments: arguments}})
	}
	return out
}
