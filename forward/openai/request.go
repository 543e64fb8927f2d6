package openai

import (
	"encoding/base64"
	"encoding/json"

	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/internal/wire"
	"github.com/semroute/semroute/routes"
)

// request is what chat completions take.
type request struct {
	Model               string            `json:"model"`
	Messages            []message         `json:"messages"`
	Stream              bool              `json:"stream"`
	StreamOptions       *streamOptions    `json:"stream_options,omitempty"`
	Temperature         *float64          `json:"temperature,omitempty"`
	TopP                *float64          `json:"top_p,omitempty"`
	Seed                *int64            `json:"seed,omitempty"`
	MaxTokens           int               `json:"max_tokens,omitempty"`
	MaxCompletionTokens int               `json:"max_completion_tokens,omitempty"`
	LogProbs            bool              `json:"logprobs,omitempty"`
	Stop                []string          `json:"stop,omitempty"`
	User                string            `json:"user,omitempty"`
	Metadata            map[string]string `json:"metadata,omitempty"`
	Tools               []tool            `json:"tools,omitempty"`
	ToolChoice          any               `json:"tool_choice,omitempty"`
	ResponseFormat      *responseFormat   `json:"response_format,omitempty"`
}

type streamOptions struct {
	IncludeUsage bool `json:"include_usage"`
}

type message struct {
	Role       string     `json:"role"`
	Content    any        `json:"content,omitempty"` // a text or []part
	ToolCallID string     `json:"tool_call_id,omitempty"`
	ToolCalls  []toolCall `json:"tool_calls,omitempty"`
}

type part struct {
	Type     string    `json:"type"`
	Text     string    `json:"text,omitempty"`
	ImageURL *imageURL `json:"image_url,omitempty"`
}

type imageURL struct {
	URL string `json:"url"`
}

type toolCall struct {
	ID       string       `json:"id"`
	Type     string       `json:"type"`
	Function functionCall `json:"function"`
}

type functionCall struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

type tool struct {
	Type     string   `json:"type"`
	Function function `json:"function"`
}

type function struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Parameters  json.RawMessage `json:"parameters,omitempty"`
}

type oneTool struct {
	Type     string `json:"type"`
	Function struct {
		Name string `json:"name"`
	} `json:"function"`
}

type responseFormat struct {
	Type       string  `json:"type"`
	JSONSchema *schema `json:"json_schema,omitempty"`
}

type schema struct {
	Name   string          `json:"name"`
	Schema json.RawMessage `json:"schema"`
	Strict bool            `json:"strict,omitempty"`
}

// encode writes the request in OpenAI's words. What they have no word for is
// an *forward.UnsupportedError.
func encode(model string, req *forward.Request, words dialect) ([]byte, error) {
	original, err := req.Original.For(routes.OpenAI)
	if err != nil {
		return nil, err
	}
	messages, err := encodeMessages(req)
	if err != nil {
		return nil, err
	}
	out := request{
		Model: model, Messages: messages, Stream: true, Temperature: req.Temperature, TopP: req.TopP, Seed: req.Seed,
		LogProbs: req.LogProbs, Stop: req.Stop, User: req.User, Metadata: req.Metadata,
		ToolChoice: encodeChoice(req), ResponseFormat: encodeSchema(req.Schema),
	}
	if words.streamOptions {
		out.StreamOptions = &streamOptions{IncludeUsage: true}
	}
	if words.maxTokens == routes.MaxCompletionTokens {
		out.MaxCompletionTokens = req.MaxTokens
	} else {
		out.MaxTokens = req.MaxTokens
	}
	for _, t := range req.Tools {
		out.Tools = append(out.Tools, tool{Type: "function", Function: function{Name: t.Name, Description: t.Description, Parameters: t.Parameters}})
	}
	own := []string{"model", "stream", "stream_options", "max_tokens", "max_completion_tokens"}
	if req.LogProbs {
		own = append(own, "logprobs")
	}
	return forward.Merge(out, original, own...)
}

func encodeMessages(req *forward.Request) ([]message, error) {
	var out []message
	system, rest := wire.Head(req)
	if system != "" {
		out = append(out, message{Role: string(chat.System), Content: system})
	}
	for i := range rest {
		if rest[i].Role == chat.Tool && rest[i].ToolCallID == "" {
			return nil, &forward.UnsupportedError{Provider: name, Field: "messages.tool_name", Why: "a tool message needs tool_call_id"}
		}
		out = append(out, encodeMessage(&rest[i]))
	}
	return out, nil
}

func encodeMessage(m *chat.Message) message {
	out := message{Role: string(m.Role)}
	switch {
	case m.Role == chat.User && (len(m.Parts) != 1 || m.Parts[0].Image != nil):
		out.Content = encodeParts(m.Parts)
	case m.Role != chat.Assistant || len(m.Parts) > 0:
		out.Content = m.Text()
	}
	if m.Role == chat.Tool {
		out.ToolCallID = m.ToolCallID
	}
	if m.Role == chat.Assistant {
		for _, c := range m.ToolCalls {
			arguments := c.Arguments
			if arguments == "" {
				arguments = "{}"
			}
			out.ToolCalls = append(out.ToolCalls, toolCall{ID: c.ID, Type: "function", Function: functionCall{Name: c.Name, Arguments: arguments}})
		}
	}
	return out
}

func encodeParts(parts []chat.Part) []part {
	out := []part{}
	for _, p := range parts {
		if p.Image == nil {
			out = append(out, part{Type: "text", Text: p.Text})
		} else {
			out = append(out, part{Type: "image_url", ImageURL: &imageURL{URL: address(p.Image)}})
		}
	}
	return out
}

// address is where the picture is; its bytes can stand in an address, too.
func address(image *chat.Image) string {
	if image.URL != "" {
		return image.URL
	}
	return "data:" + image.MediaType + ";base64," + base64.StdEncoding.EncodeToString(image.Data)
}

func encodeChoice(req *forward.Request) any {
	switch req.ToolChoice.Mode {
	case forward.AutoTool, forward.NoTool, forward.MustTool:
		if len(req.Tools) > 0 { // without tools the field is refused
			return string(req.ToolChoice.Mode)
		}
	case forward.OneTool:
		one := oneTool{Type: "function"}
		one.Function.Name = req.ToolChoice.Name
		return one
	}
	return nil
}

func encodeSchema(s *forward.Schema) *responseFormat {
	switch {
	case s == nil:
		return nil
	case len(s.JSON) == 0:
		return &responseFormat{Type: "json_object"}
	}
	out := &schema{Name: s.Name, Schema: s.JSON, Strict: s.Strict}
	if out.Name == "" {
		out.Name = "answer"
	}
	return &responseFormat{Type: "json_schema", JSONSchema: out}
}
