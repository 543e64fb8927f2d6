package anthropic

import (
	"encoding/base64"
	"encoding/json"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/packages/param"

	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/forward"
)

// userKey is the one metadata that Anthropic takes, besides Request.User.
const userKey = "user_id"

// encode is the request as it is sent.
func (p *Provider) encode(req *forward.Request) ([]byte, error) {
	params, err := p.params(*req)
	if err != nil {
		return nil, err
	}
	return params.MarshalJSON()
}

// params writes the request in Anthropic's words. What they have no word for
// is an *forward.UnsupportedError.
func (p *Provider) params(req forward.Request) (anthropic.MessageNewParams, error) {
	out := anthropic.MessageNewParams{Model: p.model, MaxTokens: int64(req.MaxTokens), StopSequences: req.Stop}
	out.SetExtraFields(map[string]any{"stream": true})
	if err := unsupported(req); err != nil {
		return out, err
	}
	if out.MaxTokens == 0 {
		out.MaxTokens = defaultMaxTokens
	}
	if req.System != "" {
		out.System = []anthropic.TextBlockParam{{Text: req.System}}
	}
	if req.Temperature != nil {
		out.Temperature = param.NewOpt(*req.Temperature)
	}
	if req.TopP != nil {
		out.TopP = param.NewOpt(*req.TopP)
	}
	if req.User != "" {
		out.Metadata.UserID = param.NewOpt(req.User)
	} else if id := req.Metadata[userKey]; id != "" {
		out.Metadata.UserID = param.NewOpt(id)
	}
	for _, m := range req.Messages {
		out.Messages = append(out.Messages, encodeMessage(m))
	}
	if err := encodeTools(req, &out); err != nil {
		return out, err
	}
	if req.Schema != nil {
		return out, json.Unmarshal(req.Schema.JSON, &out.OutputConfig.Format.Schema)
	}
	return out, nil
}

func unsupported(req forward.Request) error {
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
	}
	for key := range req.Metadata {
		if key != userKey {
			return no("metadata."+key, "the provider takes "+userKey+" only")
		}
	}
	for _, m := range req.Messages {
		if m.Role == chat.System {
			return no("messages.role", "a system text stands before the conversation only")
		}
		if m.Role == chat.Tool && m.ToolCallID == "" {
			return no("messages.tool_name", "a tool message needs tool_call_id")
		}
	}
	return nil
}

func encodeMessage(m chat.Message) anthropic.MessageParam {
	if m.Role == chat.Tool {
		result := anthropic.ToolResultBlockParam{ToolUseID: m.ToolCallID}
		if text := m.Text(); text != "" { // an empty text block is refused
			result.Content = []anthropic.ToolResultBlockParamContentUnion{{OfText: &anthropic.TextBlockParam{Text: text}}}
		}
		return anthropic.NewUserMessage(anthropic.ContentBlockParamUnion{OfToolResult: &result})
	}
	var blocks []anthropic.ContentBlockParamUnion
	for _, part := range m.Parts {
		switch {
		case part.Image == nil && part.Text == "": // an empty text block is refused
		case part.Image == nil:
			blocks = append(blocks, anthropic.NewTextBlock(part.Text))
		case part.Image.URL != "":
			blocks = append(blocks, anthropic.NewImageBlock(anthropic.URLImageSourceParam{URL: part.Image.URL}))
		default:
			blocks = append(blocks, anthropic.NewImageBlockBase64(part.Image.MediaType, base64.StdEncoding.EncodeToString(part.Image.Data)))
		}
	}
	for _, c := range m.ToolCalls {
		arguments := c.Arguments
		if arguments == "" {
			arguments = "{}"
		}
		blocks = append(blocks, anthropic.NewToolUseBlock(c.ID, json.RawMessage(arguments), c.Name))
	}
	if m.Role == chat.Assistant {
		return anthropic.NewAssistantMessage(blocks...)
	}
	return anthropic.NewUserMessage(blocks...)
}

func encodeTools(req forward.Request, out *anthropic.MessageNewParams) error {
	for _, t := range req.Tools {
		schema, err := encodeParameters(t)
		if err != nil {
			return err
		}
		encoded := anthropic.ToolParam{Name: t.Name, InputSchema: schema}
		if t.Description != "" {
			encoded.Description = param.NewOpt(t.Description)
		}
		out.Tools = append(out.Tools, anthropic.ToolUnionParam{OfTool: &encoded})
	}
	if len(req.Tools) == 0 { // without tools the field is refused
		return nil
	}
	switch req.ToolChoice.Mode {
	case forward.AutoTool:
		out.ToolChoice.OfAuto = &anthropic.ToolChoiceAutoParam{}
	case forward.NoTool:
		out.ToolChoice.OfNone = &anthropic.ToolChoiceNoneParam{}
	case forward.MustTool:
		out.ToolChoice.OfAny = &anthropic.ToolChoiceAnyParam{}
	case forward.OneTool:
		out.ToolChoice = anthropic.ToolChoiceParamOfTool(req.ToolChoice.Name)
	}
	return nil
}

// encodeParameters keeps every key of a tool's schema.
func encodeParameters(t forward.Tool) (anthropic.ToolInputSchemaParam, error) {
	var out anthropic.ToolInputSchemaParam
	if len(t.Parameters) == 0 {
		out.Properties = map[string]any{}
		return out, nil
	}
	var keys map[string]any
	if err := json.Unmarshal(t.Parameters, &keys); err != nil {
		return out, err
	}
	if kind, given := keys["type"]; given && kind != "object" {
		return out, &forward.UnsupportedError{Provider: name, Field: "tools." + t.Name + ".parameters", Why: "must be of type object"}
	}
	delete(keys, "type")
	out.ExtraFields = keys
	return out, nil
}
