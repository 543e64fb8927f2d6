package anthropic

import (
	"encoding/base64"
	"encoding/json"

	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/internal/wire"
	"github.com/semroute/semroute/routes"
)

// userKey is the one metadata that Anthropic takes, besides Request.User.
const userKey = "user_id"

// request is what messages take.
type request struct {
	Model         string        `json:"model"`
	MaxTokens     int           `json:"max_tokens"`
	Stream        bool          `json:"stream"`
	System        []block       `json:"system,omitempty"`
	Messages      []message     `json:"messages"`
	Temperature   *float64      `json:"temperature,omitempty"`
	TopP          *float64      `json:"top_p,omitempty"`
	StopSequences []string      `json:"stop_sequences,omitempty"`
	Metadata      *metadata     `json:"metadata,omitempty"`
	Tools         []tool        `json:"tools,omitempty"`
	ToolChoice    *toolChoice   `json:"tool_choice,omitempty"`
	OutputConfig  *outputConfig `json:"output_config,omitempty"`
}

type metadata struct {
	UserID string `json:"user_id"`
}

type message struct {
	Role    string  `json:"role"`
	Content []block `json:"content"`
}

// block is a part of a message: a text, a picture, a call of a tool or its
// result.
type block struct {
	Type      string          `json:"type"`
	Text      string          `json:"text,omitempty"`
	Source    *source         `json:"source,omitempty"`
	ID        string          `json:"id,omitempty"`
	Name      string          `json:"name,omitempty"`
	Input     json.RawMessage `json:"input,omitempty"`
	ToolUseID string          `json:"tool_use_id,omitempty"`
	Content   []block         `json:"content,omitempty"`
}

type source struct {
	Type      string `json:"type"`
	MediaType string `json:"media_type,omitempty"`
	Data      string `json:"data,omitempty"`
	URL       string `json:"url,omitempty"`
}

type tool struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	InputSchema json.RawMessage `json:"input_schema"`
}

type toolChoice struct {
	Type string `json:"type"`
	Name string `json:"name,omitempty"`
}

type outputConfig struct {
	Format format `json:"format"`
}

type format struct {
	Type   string          `json:"type"`
	Schema json.RawMessage `json:"schema"`
}

// encode writes the request in Anthropic's words. What they have no word for is
// an *forward.UnsupportedError. All system texts stand before the conversation.
func encode(model string, req *forward.Request) ([]byte, error) {
	original, err := req.Original.For(routes.Anthropic)
	if err != nil {
		return nil, err
	}
	system, rest := wire.Hoist(req)
	if err := unsupported(req, rest); err != nil {
		return nil, err
	}
	out := request{
		Model: model, MaxTokens: req.MaxTokens, Stream: true, Temperature: req.Temperature, TopP: req.TopP, StopSequences: req.Stop,
		ToolChoice: encodeChoice(req),
	}
	if out.MaxTokens == 0 {
		out.MaxTokens = defaultMaxTokens
	}
	if system != "" {
		out.System = []block{{Type: "text", Text: system}}
	}
	if id := req.User; id != "" {
		out.Metadata = &metadata{UserID: id}
	} else if id := req.Metadata[userKey]; id != "" {
		out.Metadata = &metadata{UserID: id}
	}
	for i := range rest {
		out.Messages = append(out.Messages, encodeMessage(&rest[i]))
	}
	for _, t := range req.Tools {
		schema, err := encodeParameters(t)
		if err != nil {
			return nil, err
		}
		out.Tools = append(out.Tools, tool{Name: t.Name, Description: t.Description, InputSchema: schema})
	}
	if req.Schema != nil {
		out.OutputConfig = &outputConfig{Format: format{Type: "json_schema", Schema: req.Schema.JSON}}
	}
	return forward.Merge(out, original, "model", "stream")
}

func unsupported(req *forward.Request, rest []chat.Message) error {
	no := func(field, why string) error {
		return &forward.UnsupportedError{Provider: name, Field: field, Why: why}
	}
	switch {
	case req.Seed != nil:
		return no("seed", "the provider has none")
	case req.Temperature != nil && *req.Temperature > 1:
		return no("temperature", "the provider's highest is 1")
	case req.Schema != nil && len(req.Schema.JSON) == 0:
		return no("schema", "the provider needs the schema itself, not only JSON")
	case len(rest) == 0:
		return no("messages.role", "a conversation needs more than system messages")
	}
	for key := range req.Metadata {
		if key != userKey && key != forward.SessionKey {
			return no("metadata."+key, "the provider takes "+userKey+" only")
		}
	}
	for _, m := range rest {
		if m.Role == chat.Tool && m.ToolCallID == "" {
			return no("messages.tool_name", "a tool message needs tool_call_id")
		}
	}
	return nil
}

func encodeMessage(m *chat.Message) message {
	if m.Role == chat.Tool {
		result := block{Type: "tool_result", ToolUseID: m.ToolCallID}
		if text := m.Text(); text != "" { // an empty text block is refused
			result.Content = []block{{Type: "text", Text: text}}
		}
		return message{Role: string(chat.User), Content: []block{result}}
	}
	blocks := []block{}
	for _, part := range m.Parts {
		switch {
		case part.Image != nil:
			blocks = append(blocks, block{Type: "image", Source: encodeImage(part.Image)})
		case part.Text != "": // an empty text block is refused
			blocks = append(blocks, block{Type: "text", Text: part.Text})
		}
	}
	for _, c := range m.ToolCalls {
		arguments := c.Arguments
		if arguments == "" {
			arguments = "{}"
		}
		blocks = append(blocks, block{Type: "tool_use", ID: c.ID, Name: c.Name, Input: json.RawMessage(arguments)})
	}
	return message{Role: string(m.Role), Content: blocks}
}

func encodeImage(image *chat.Image) *source {
	if image.URL != "" {
		return &source{Type: "url", URL: image.URL}
	}
	return &source{Type: "base64", MediaType: image.MediaType, Data: base64.StdEncoding.EncodeToString(image.Data)}
}

func encodeChoice(req *forward.Request) *toolChoice {
	if len(req.Tools) == 0 { // without tools the field is refused
		return nil
	}
	switch req.ToolChoice.Mode {
	case forward.AutoTool:
		return &toolChoice{Type: "auto"}
	case forward.NoTool:
		return &toolChoice{Type: "none"}
	case forward.MustTool:
		return &toolChoice{Type: "any"}
	case forward.OneTool:
		return &toolChoice{Type: "tool", Name: req.ToolChoice.Name}
	}
	return nil
}

// encodeParameters keeps every key of a tool's schema, whose type must be
// object.
func encodeParameters(t forward.Tool) (json.RawMessage, error) {
	if len(t.Parameters) == 0 {
		return json.RawMessage(`{"type":"object","properties":{}}`), nil
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(t.Parameters, &keys); err != nil {
		return nil, err
	}
	switch kind, given := keys["type"]; {
	case !given:
		keys["type"] = json.RawMessage(`"object"`)
		return json.Marshal(keys)
	case string(kind) != `"object"`:
		return nil, &forward.UnsupportedError{Provider: name, Field: "tools." + t.Name + ".parameters", Why: "must be of type object"}
	}
	return t.Parameters, nil
}
