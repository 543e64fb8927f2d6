package openai

import (
	"encoding/base64"
	"encoding/json"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/shared"

	"github.com/semroute/semroute/forward"
)

// encode is the request as it is sent.
func (p *Provider) encode(req *forward.Request) ([]byte, error) {
	params, err := p.params(*req)
	if err != nil {
		return nil, err
	}
	return params.MarshalJSON()
}

// params writes the request in OpenAI's words. What they have no word for is
// an *forward.UnsupportedError.
func (p *Provider) params(req forward.Request) (openai.ChatCompletionNewParams, error) {
	out := openai.ChatCompletionNewParams{
		Model:         p.model,
		StreamOptions: openai.ChatCompletionStreamOptionsParam{IncludeUsage: param.NewOpt(true)},
	}
	out.SetExtraFields(map[string]any{"stream": true})
	p.encodeNumbers(req, &out)
	if req.System != "" {
		out.Messages = append(out.Messages, openai.SystemMessage(req.System))
	}
	for _, m := range req.Messages {
		message, err := encodeMessage(m)
		if err != nil {
			return out, err
		}
		out.Messages = append(out.Messages, message)
	}
	if err := encodeTools(req, &out); err != nil {
		return out, err
	}
	encodeSchema(req.Schema, &out)
	return out, nil
}

func (p *Provider) encodeNumbers(req forward.Request, out *openai.ChatCompletionNewParams) {
	if req.Temperature != nil {
		out.Temperature = param.NewOpt(*req.Temperature)
	}
	if req.TopP != nil {
		out.TopP = param.NewOpt(*req.TopP)
	}
	if req.Seed != nil {
		out.Seed = param.NewOpt(*req.Seed)
	}
	if req.MaxTokens > 0 && p.modern {
		out.MaxCompletionTokens = param.NewOpt(int64(req.MaxTokens))
	} else if req.MaxTokens > 0 { // the only word that other servers all know
		out.MaxTokens = param.NewOpt(int64(req.MaxTokens))
	}
	if len(req.Stop) > 0 {
		out.Stop = openai.ChatCompletionNewParamsStopUnion{OfStringArray: req.Stop}
	}
	if req.User != "" {
		out.User = param.NewOpt(req.User)
	}
	if len(req.Metadata) > 0 {
		out.Metadata = req.Metadata
	}
	if req.LogProbs {
		out.Logprobs = param.NewOpt(true)
	}
}

func encodeMessage(m forward.Message) (openai.ChatCompletionMessageParamUnion, error) {
	switch m.Role {
	case forward.SystemRole:
		return openai.SystemMessage(m.Text()), nil
	case forward.AssistantRole:
		return encodeAssistant(m), nil
	case forward.ToolRole:
		if m.ToolCallID == "" {
			return openai.ChatCompletionMessageParamUnion{}, &forward.UnsupportedError{
				Provider: name, Field: "messages.tool_name", Why: "a tool message needs tool_call_id",
			}
		}
		return openai.ToolMessage(m.Text(), m.ToolCallID), nil
	}
	if len(m.Parts) == 1 && m.Parts[0].Image == nil {
		return openai.UserMessage(m.Parts[0].Text), nil
	}
	parts := make([]openai.ChatCompletionContentPartUnionParam, len(m.Parts))
	for i, part := range m.Parts {
		if part.Image == nil {
			parts[i] = openai.TextContentPart(part.Text)
			continue
		}
		address := part.Image.URL
		if address == "" {
			address = "data:" + part.Image.MediaType + ";base64," + base64.StdEncoding.EncodeToString(part.Image.Data)
		}
		parts[i] = openai.ImageContentPart(openai.ChatCompletionContentPartImageImageURLParam{URL: address})
	}
	return openai.UserMessage(parts), nil
}

func encodeAssistant(m forward.Message) openai.ChatCompletionMessageParamUnion {
	var out openai.ChatCompletionAssistantMessageParam
	if len(m.Parts) > 0 {
		out.Content.OfString = param.NewOpt(m.Text())
	}
	for _, c := range m.ToolCalls {
		arguments := c.Arguments
		if arguments == "" {
			arguments = "{}"
		}
		out.ToolCalls = append(out.ToolCalls, openai.ChatCompletionMessageToolCallUnionParam{
			OfFunction: &openai.ChatCompletionMessageFunctionToolCallParam{
				ID:       c.ID,
				Function: openai.ChatCompletionMessageFunctionToolCallFunctionParam{Name: c.Name, Arguments: arguments},
			},
		})
	}
	return openai.ChatCompletionMessageParamUnion{OfAssistant: &out}
}

func encodeTools(req forward.Request, out *openai.ChatCompletionNewParams) error {
	for _, t := range req.Tools {
		f := shared.FunctionDefinitionParam{Name: t.Name}
		if t.Description != "" {
			f.Description = param.NewOpt(t.Description)
		}
		if len(t.Parameters) > 0 {
			if err := json.Unmarshal(t.Parameters, &f.Parameters); err != nil {
				return err
			}
		}
		out.Tools = append(out.Tools, openai.ChatCompletionFunctionTool(f))
	}
	switch req.ToolChoice.Mode {
	case forward.AutoTool, forward.NoTool, forward.MustTool:
		if len(req.Tools) > 0 { // without tools the field is refused
			out.ToolChoice.OfAuto = param.NewOpt(string(req.ToolChoice.Mode))
		}
	case forward.OneTool:
		out.ToolChoice = openai.ToolChoiceOptionFunctionToolChoice(
			openai.ChatCompletionNamedToolChoiceFunctionParam{Name: req.ToolChoice.Name})
	}
	return nil
}

func encodeSchema(s *forward.Schema, out *openai.ChatCompletionNewParams) {
	if s == nil {
		return
	}
	if len(s.JSON) == 0 {
		out.ResponseFormat.OfJSONObject = &shared.ResponseFormatJSONObjectParam{}
		return
	}
	format := shared.ResponseFormatJSONSchemaJSONSchemaParam{Name: s.Name, Schema: s.JSON}
	if format.Name == "" {
		format.Name = "answer"
	}
	if s.Strict {
		format.Strict = param.NewOpt(true)
	}
	out.ResponseFormat.OfJSONSchema = &shared.ResponseFormatJSONSchemaParam{JSONSchema: format}
}
