package openai

import (
	"encoding/json"
	"slices"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/ingress"
	"github.com/semroute/semroute/ingress/internal/openaierr"
	"github.com/semroute/semroute/ingress/internal/web"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// chatRequest is a request for a chat completion, read.
type chatRequest struct {
	ask          ingress.Ask
	model        string // as the caller wrote it
	stream       bool
	includeUsage bool
	logProbs     bool
}

// hints are fields that an upstream of another protocol may do without: what they
// say is read here, changes at most how fast or how dear an answer is, or is what
// all do anyway.
var hints = []string{
	"model", "messages", "stream", "stream_options", "n", "user", "metadata", "store", "service_tier", "prompt_cache_key",
	"prompt_cache_retention", "safety_identifier", "reasoning_effort", "verbosity", "parallel_tool_calls",
	"max_tokens", "max_completion_tokens", "temperature", "top_p", "seed", "stop", "tools", "tool_choice", "response_format", "logprobs",
}

// neutral are values with which a field asks for nothing.
var neutral = map[string][]string{
	"presence_penalty": {"0", "0.0"}, "frequency_penalty": {"0", "0.0"}, "top_logprobs": {"0"}, "logit_bias": {"{}"},
	"modalities": {`["text"]`},
}

// readChat reads a request. Its errors are web.ErrRequest, openaierr.NoModel or
// forward.ErrInvalid.
func readChat(fields map[string]json.RawMessage, catalog *routes.Catalog) (*chatRequest, error) {
	c := &chatRequest{}
	target, err := readTarget(fields, catalog, &c.model)
	if err != nil {
		return nil, err
	}
	request, err := c.readRequest(fields)
	if err != nil {
		return nil, err
	}
	c.ask = askFor(request, target)
	return c, nil
}

// readTarget reads whom the caller means.
func readTarget(fields map[string]json.RawMessage, catalog *routes.Catalog, model *string) (routes.Target, error) {
	if err := web.Read(fields, "model", model); err != nil {
		return routes.Target{}, err
	}
	if *model == "" {
		return routes.Target{}, web.Bad("model", "is missing: use auto, route:NAME, model:NAME or an alias of the catalog")
	}
	target, known := catalog.Target(*model)
	if !known {
		return routes.Target{}, openaierr.NoModel(*model)
	}
	return target, nil
}

// askFor is what the router and the forwarder are asked. Candidates and matches
// have no place in the protocol.
func askFor(request *forward.Request, target routes.Target) ingress.Ask {
	return ingress.Ask{
		Prompt: router.Prompt{Messages: request.Messages, Metadata: request.Metadata, User: router.User{ID: request.User}},
		Limits: router.Limits{Candidates: router.None, Matches: router.None}, Target: target,
		Request: func() (forward.Request, error) { return *request, nil },
	}
}

// readRequest reads what the model is to be asked.
func (c *chatRequest) readRequest(fields map[string]json.RawMessage) (*forward.Request, error) {
	r := &forward.Request{Original: &forward.Original{Protocol: routes.OpenAI, Fields: fields}}
	var options struct {
		IncludeUsage bool `json:"include_usage"`
	}
	n, maxTokens, maxCompletion := 1, 0, 0
	for _, f := range []struct {
		name   string
		target any
	}{
		{"stream", &c.stream}, {"stream_options", &options}, {"n", &n}, {"temperature", &r.Temperature}, {"top_p", &r.TopP},
		{"seed", &r.Seed}, {"max_tokens", &maxTokens}, {"max_completion_tokens", &maxCompletion}, {"user", &r.User},
		{"metadata", &r.Metadata}, {"logprobs", &c.logProbs},
	} {
		if err := web.Read(fields, f.name, f.target); err != nil {
			return nil, err
		}
	}
	switch {
	case n != 1:
		return nil, web.Bad("n", "only one answer is given for a request")
	case maxTokens < 0 || maxCompletion < 0:
		return nil, web.Bad("max_tokens", "must not be negative")
	}
	c.includeUsage, r.LogProbs, r.MaxTokens = options.IncludeUsage, c.logProbs, max(maxTokens, maxCompletion)
	for _, read := range []func(map[string]json.RawMessage, *forward.Request) error{readStop, readMessages, readTools, readToolChoice, readFormat} {
		if err := read(fields, r); err != nil {
			return nil, err
		}
	}
	noteBeyond(r.Original, hints)
	if err := r.Validate(); err != nil {
		return nil, err
	}
	return r, nil
}

// noteBeyond notes the fields that no other protocol has a word for.
func noteBeyond(o *forward.Original, hints []string) {
	for name, value := range o.Fields {
		if !slices.Contains(hints, name) && string(value) != "null" && !slices.Contains(neutral[name], string(value)) {
			o.Beyond = append(o.Beyond, name)
		}
	}
	slices.Sort(o.Beyond)
}

// readStop reads one text, or a list of them.
func readStop(fields map[string]json.RawMessage, r *forward.Request) error {
	var one string
	if json.Unmarshal(fields["stop"], &one) == nil && one != "" {
		r.Stop = []string{one}
		return nil
	}
	return web.Read(fields, "stop", &r.Stop)
}

// readFormat reads the shape that the answer is to have.
func readFormat(fields map[string]json.RawMessage, r *forward.Request) error {
	var format struct {
		Type       string `json:"type"`
		JSONSchema *struct {
			Name   string          `json:"name"`
			Schema json.RawMessage `json:"schema"`
			Strict bool            `json:"strict"`
		} `json:"json_schema"`
	}
	if err := web.Read(fields, "response_format", &format); err != nil {
		return err
	}
	switch format.Type {
	case "", "text":
	case "json_object":
		r.Schema = &forward.Schema{}
	case "json_schema":
		s := format.JSONSchema
		if s == nil || len(s.Schema) == 0 {
			return web.Bad("response_format.json_schema", "needs a schema")
		}
		r.Schema = &forward.Schema{Name: s.Name, JSON: s.Schema, Strict: s.Strict}
	default:
		return web.Bad("response_format.type", "%q is not known; use text, json_object or json_schema", format.Type)
	}
	return nil
}
