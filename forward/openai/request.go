package openai

import (
	"encoding/base64"
	"maps"
	"slices"

	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/internal/wire"
)

// encode writes the request in OpenAI's words. What they have no word for is
// an *forward.UnsupportedError. A test holds that the client library reads the
// same out of it.
func (p *Provider) encode(req *forward.Request) ([]byte, error) {
	var j wire.JSON
	j.Object()
	j.Field("model", p.model)
	j.Key("stream").Bool(true)
	j.Key("stream_options")
	j.Object()
	j.Key("include_usage").Bool(true)
	j.EndObject()
	p.encodeNumbers(&j, req)
	encodeTexts(&j, req)
	if err := encodeMessages(&j, req); err != nil {
		return nil, err
	}
	encodeTools(&j, req)
	encodeSchema(&j, req.Schema)
	j.EndObject()
	return j.Bytes()
}

func (p *Provider) encodeNumbers(j *wire.JSON, req *forward.Request) {
	if req.Temperature != nil {
		j.Key("temperature").Float(*req.Temperature)
	}
	if req.TopP != nil {
		j.Key("top_p").Float(*req.TopP)
	}
	if req.Seed != nil {
		j.Key("seed").Int(*req.Seed)
	}
	if req.MaxTokens > 0 {
		word := "max_tokens" // the only word that other servers all know
		if p.modern {
			word = "max_completion_tokens"
		}
		j.Key(word).Int(int64(req.MaxTokens))
	}
	if req.LogProbs {
		j.Key("logprobs").Bool(true)
	}
}

func encodeTexts(j *wire.JSON, req *forward.Request) {
	if len(req.Stop) > 0 {
		j.Key("stop").List()
		for _, s := range req.Stop {
			j.Text(s)
		}
		j.EndList()
	}
	if req.User != "" {
		j.Field("user", req.User)
	}
	if len(req.Metadata) > 0 {
		j.Key("metadata").Object()
		for _, key := range slices.Sorted(maps.Keys(req.Metadata)) {
			j.Field(key, req.Metadata[key])
		}
		j.EndObject()
	}
}

func encodeMessages(j *wire.JSON, req *forward.Request) error {
	j.Key("messages").List()
	if req.System != "" {
		j.Object()
		j.Field("role", "system")
		j.Field("content", req.System)
		j.EndObject()
	}
	for i := range req.Messages {
		m := &req.Messages[i]
		if m.Role == chat.Tool && m.ToolCallID == "" {
			return &forward.UnsupportedError{Provider: name, Field: "messages.tool_name", Why: "a tool message needs tool_call_id"}
		}
		encodeMessage(j, m)
	}
	j.EndList()
	return nil
}

func encodeMessage(j *wire.JSON, m *chat.Message) {
	j.Object()
	j.Field("role", string(m.Role))
	switch {
	case m.Role == chat.User && (len(m.Parts) != 1 || m.Parts[0].Image != nil):
		encodeParts(j, m.Parts)
	case m.Role != chat.Assistant || len(m.Parts) > 0:
		j.Field("content", m.Text())
	}
	if m.Role == chat.Tool {
		j.Field("tool_call_id", m.ToolCallID)
	}
	if m.Role == chat.Assistant && len(m.ToolCalls) > 0 {
		encodeCalls(j, m.ToolCalls)
	}
	j.EndObject()
}

func encodeParts(j *wire.JSON, parts []chat.Part) {
	j.Key("content").List()
	for _, part := range parts {
		j.Object()
		if part.Image == nil {
			j.Field("type", "text")
			j.Field("text", part.Text)
		} else {
			j.Field("type", "image_url")
			j.Key("image_url").Object()
			j.Field("url", address(part.Image))
			j.EndObject()
		}
		j.EndObject()
	}
	j.EndList()
}

// address is where the picture is; its bytes can stand in an address, too.
func address(image *chat.Image) string {
	if image.URL != "" {
		return image.URL
	}
	return "data:" + image.MediaType + ";base64," + base64.StdEncoding.EncodeToString(image.Data)
}

func encodeCalls(j *wire.JSON, calls []chat.ToolCall) {
	j.Key("tool_calls").List()
	for _, c := range calls {
		arguments := c.Arguments
		if arguments == "" {
			arguments = "{}"
		}
		j.Object()
		j.Field("id", c.ID)
		j.Field("type", "function")
		j.Key("function").Object()
		j.Field("name", c.Name)
		j.Field("arguments", arguments)
		j.EndObject()
		j.EndObject()
	}
	j.EndList()
}

func encodeTools(j *wire.JSON, req *forward.Request) {
	if len(req.Tools) > 0 {
		j.Key("tools").List()
		for i := range req.Tools {
			encodeTool(j, &req.Tools[i])
		}
		j.EndList()
	}
	switch req.ToolChoice.Mode {
	case forward.AutoTool, forward.NoTool, forward.MustTool:
		if len(req.Tools) > 0 { // without tools the field is refused
			j.Field("tool_choice", string(req.ToolChoice.Mode))
		}
	case forward.OneTool:
		j.Key("tool_choice").Object()
		j.Field("type", "function")
		j.Key("function").Object()
		j.Field("name", req.ToolChoice.Name)
		j.EndObject()
		j.EndObject()
	}
}

func encodeTool(j *wire.JSON, t *forward.Tool) {
	j.Object()
	j.Field("type", "function")
	j.Key("function").Object()
	j.Field("name", t.Name)
	if t.Description != "" {
		j.Field("description", t.Description)
	}
	if len(t.Parameters) > 0 {
		j.Key("parameters").Raw(t.Parameters)
	}
	j.EndObject()
	j.EndObject()
}

func encodeSchema(j *wire.JSON, s *forward.Schema) {
	if s == nil {
		return
	}
	j.Key("response_format").Object()
	defer j.EndObject()
	if len(s.JSON) == 0 {
		j.Field("type", "json_object")
		return
	}
	j.Field("type", "json_schema")
	j.Key("json_schema").Object()
	schemaName := s.Name
	if schemaName == "" {
		schemaName = "answer"
	}
	j.Field("name", schemaName)
	j.Key("schema").Raw(s.JSON)
	if s.Strict {
		j.Key("strict").Bool(true)
	}
	j.EndObject()
}
