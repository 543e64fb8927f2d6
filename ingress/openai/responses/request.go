package responses

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/ingress"
	"github.com/semroute/semroute/ingress/internal/openaierr"
	"github.com/semroute/semroute/ingress/internal/web"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// request is a request for a response, read.
type request struct {
	model    string // as the caller wrote it
	target   routes.Target
	stream   bool
	store    bool
	previous string
	asked    *forward.Request
	said     []chat.Message // of this request, without what was said before
	echo     map[string]json.RawMessage
}

// along are the fields that go along to an upstream that speaks chat completions,
// by what they are called there. All of them are hints for others.
var along = map[string]string{
	"parallel_tool_calls": "parallel_tool_calls", "prompt_cache_key": "prompt_cache_key", "safety_identifier": "safety_identifier",
	"service_tier": "service_tier", "user": "user",
}

// read fields are those that this package knows.
var known = []string{
	"model", "input", "instructions", "stream", "stream_options", "store", "previous_response_id", "tools", "tool_choice",
	"temperature", "top_p", "max_output_tokens", "text", "reasoning", "metadata", "truncation", "include", "background",
	"max_tool_calls", "top_logprobs", "presence_penalty", "frequency_penalty",
}

// read reads a request. Its errors are web.ErrRequest, openaierr.NoModel or
// forward.ErrInvalid.
func read(fields map[string]json.RawMessage, catalog *routes.Catalog) (*request, error) {
	q := &request{store: true, echo: fields, asked: &forward.Request{
		Original: &forward.Original{Protocol: routes.OpenAI, Fields: map[string]json.RawMessage{}},
	}}
	if err := web.Read(fields, "model", &q.model); err != nil {
		return nil, err
	}
	if q.model == "" {
		return nil, web.Bad("model", "is missing: use auto, route:NAME, model:NAME or an alias of the catalog")
	}
	var ok bool
	if q.target, ok = catalog.Target(q.model); !ok {
		return nil, openaierr.NoModel(q.model)
	}
	for name, value := range fields {
		switch to, goes := along[name]; {
		case string(value) == "null" || slices.Contains(known, name):
		case goes:
			q.asked.Original.Fields[to] = value
		default:
			return nil, web.Bad(name, "is not known here")
		}
	}
	for _, read := range []func(map[string]json.RawMessage) error{q.readSettings, q.readShape, q.readTools, q.readToolChoice, q.readInput} {
		if err := read(fields); err != nil {
			return nil, err
		}
	}
	return q, nil
}

func (q *request) readSettings(fields map[string]json.RawMessage) error {
	r := q.asked
	background, penalty, truncation := false, map[string]*float64{"presence_penalty": new(float64), "frequency_penalty": new(float64)}, ""
	var reasoning struct {
		Effort json.RawMessage `json:"effort"`
	}
	for _, f := range []struct {
		name   string
		target any
	}{
		{"stream", &q.stream}, {"store", &q.store}, {"previous_response_id", &q.previous}, {"instructions", &r.System},
		{"temperature", &r.Temperature}, {"top_p", &r.TopP}, {"max_output_tokens", &r.MaxTokens}, {"metadata", &r.Metadata},
		{"user", &r.User}, {"background", &background}, {"reasoning", &reasoning}, {"truncation", &truncation},
		{"presence_penalty", penalty["presence_penalty"]}, {"frequency_penalty", penalty["frequency_penalty"]},
	} {
		if err := web.Read(fields, f.name, f.target); err != nil {
			return err
		}
	}
	switch {
	case background:
		return web.Bad("background", "responses are not made in the background here")
	case truncation != "" && truncation != "disabled":
		return web.Bad("truncation", "the conversation is not cut here; leave it out, or disabled")
	case r.MaxTokens < 0:
		return web.Bad("max_output_tokens", "must not be negative")
	}
	if len(reasoning.Effort) > 0 && string(reasoning.Effort) != "null" {
		r.Original.Fields["reasoning_effort"] = reasoning.Effort
	}
	for name, value := range penalty {
		if *value != 0 {
			r.Original.Fields[name] = fields[name]
			r.Original.Beyond = append(r.Original.Beyond, name)
		}
	}
	return nil
}

// readShape reads what the text is to be like.
func (q *request) readShape(fields map[string]json.RawMessage) error {
	var text struct {
		Format struct {
			Type   string          `json:"type"`
			Name   string          `json:"name"`
			Schema json.RawMessage `json:"schema"`
			Strict *bool           `json:"strict"`
		} `json:"format"`
		Verbosity json.RawMessage `json:"verbosity"`
	}
	if err := web.Read(fields, "text", &text); err != nil {
		return err
	}
	if len(text.Verbosity) > 0 && string(text.Verbosity) != "null" {
		q.asked.Original.Fields["verbosity"] = text.Verbosity
	}
	switch f := text.Format; f.Type {
	case "", "text":
	case "json_object":
		q.asked.Schema = &forward.Schema{}
	case "json_schema":
		if len(f.Schema) == 0 {
			return web.Bad("text.format.schema", "is missing")
		}
		q.asked.Schema = &forward.Schema{Name: f.Name, JSON: f.Schema, Strict: f.Strict != nil && *f.Strict}
	default:
		return web.Bad("text.format.type", "%q is not known; use text, json_object or json_schema", f.Type)
	}
	return nil
}

func (q *request) readTools(fields map[string]json.RawMessage) error {
	var tools []struct {
		Type        string          `json:"type"`
		Name        string          `json:"name"`
		Description string          `json:"description"`
		Parameters  json.RawMessage `json:"parameters"`
	}
	if err := web.Read(fields, "tools", &tools); err != nil {
		return err
	}
	for i, t := range tools {
		if t.Type != "function" {
			return web.Bad(fmt.Sprintf("tools[%d].type", i), "%q is a tool that OpenAI runs itself; only functions can be given to every model", t.Type)
		}
		if string(t.Parameters) == "null" {
			t.Parameters = nil
		}
		q.asked.Tools = append(q.asked.Tools, forward.Tool{Name: t.Name, Description: t.Description, Parameters: t.Parameters})
	}
	return nil
}

func (q *request) readToolChoice(fields map[string]json.RawMessage) error {
	var word string
	if json.Unmarshal(fields["tool_choice"], &word) == nil {
		modes := map[string]forward.ToolMode{"": forward.AnyChoice, "auto": forward.AutoTool, "none": forward.NoTool, "required": forward.MustTool}
		mode, known := modes[word]
		if !known {
			return web.Bad("tool_choice", "%q is not known; use auto, none, required or a function", word)
		}
		q.asked.ToolChoice.Mode = mode
		return nil
	}
	var one struct {
		Type string `json:"type"`
		Name string `json:"name"`
	}
	if err := web.Read(fields, "tool_choice", &one); err != nil {
		return err
	}
	switch one.Type {
	case "":
	case "function":
		q.asked.ToolChoice = forward.ToolChoice{Mode: forward.OneTool, Name: one.Name}
	default:
		return web.Bad("tool_choice.type", "%q is not known; use function", one.Type)
	}
	return nil
}

// ask is what the router and the forwarder are asked. Candidates and matches have
// no place in the protocol.
func (q *request) ask() ingress.Ask {
	return ingress.Ask{
		Prompt: router.Prompt{Messages: q.asked.Messages, Metadata: q.asked.Metadata, User: router.User{ID: q.asked.User}},
		Limits: router.Limits{Candidates: router.None, Matches: router.None}, Target: q.target,
		Request: func() (forward.Request, error) { return *q.asked, q.asked.Validate() },
	}
}
