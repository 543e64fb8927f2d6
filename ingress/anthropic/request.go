package anthropic

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/ingress"
	"github.com/semroute/semroute/ingress/internal/web"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// request is a request for a message, read.
type request struct {
	model  string // as the caller wrote it
	stream bool
	target routes.Target
	asked  *forward.Request
}

// hints are fields that an upstream of another protocol may do without.
var hints = []string{
	"model", "messages", "system", "max_tokens", "stream", "metadata", "stop_sequences", "temperature", "top_p", "tools",
	"tool_choice", "thinking", "service_tier", "output_config", "context_management",
}

// headers are those that belong to the protocol: which version of it is spoken, and
// which of its trials are taken part in. Keys are not among them.
var headers = []string{"Anthropic-Version", "Anthropic-Beta"}

// headersOf are the protocol's headers of a request.
func headersOf(r *http.Request) http.Header {
	out := http.Header{}
	for _, name := range headers {
		if values := r.Header.Values(name); len(values) > 0 {
			out[name] = values
		}
	}
	return out
}

// read reads a request. Its errors are web.ErrRequest, errNoModel, errThread or
// forward.ErrInvalid.
func read(fields map[string]json.RawMessage, catalog *routes.Catalog) (*request, error) {
	if thread, given := fields["thread"]; given && string(thread) != "null" {
		return nil, errThread
	}
	out := &request{asked: &forward.Request{Original: &forward.Original{Protocol: routes.Anthropic, Fields: fields}}}
	if err := web.Read(fields, "model", &out.model); err != nil {
		return nil, err
	}
	if out.model == "" {
		return nil, web.Bad("model", "is missing: use auto, route:NAME, model:NAME or an alias of the catalog")
	}
	var known bool
	if out.target, known = catalog.Target(out.model); !known {
		return nil, errNoModel(out.model)
	}
	if err := out.readAsked(fields); err != nil {
		return nil, err
	}
	return out, nil
}

func (q *request) readAsked(fields map[string]json.RawMessage) error {
	r := q.asked
	var metadata struct {
		UserID string `json:"user_id"`
	}
	for _, f := range []struct {
		name   string
		target any
	}{
		{"stream", &q.stream}, {"max_tokens", &r.MaxTokens}, {"temperature", &r.Temperature}, {"top_p", &r.TopP},
		{"stop_sequences", &r.Stop}, {"metadata", &metadata},
	} {
		if err := web.Read(fields, f.name, f.target); err != nil {
			return err
		}
	}
	r.User = metadata.UserID
	for _, read := range []func(map[string]json.RawMessage, *forward.Request) error{readSystem, readMessages, readTools, readToolChoice, readFormat} {
		if err := read(fields, r); err != nil {
			return err
		}
	}
	for name, value := range fields {
		if !slices.Contains(hints, name) && string(value) != "null" {
			r.Original.Beyond = append(r.Original.Beyond, name)
		}
	}
	slices.Sort(r.Original.Beyond)
	return r.Validate()
}

// ask is what the router and the forwarder are asked. Candidates and matches have
// no place in the protocol.
func (q *request) ask() ingress.Ask {
	return ingress.Ask{
		Prompt: router.Prompt{Messages: q.asked.Messages, User: router.User{ID: q.asked.User}},
		Limits: router.Limits{Candidates: router.None, Matches: router.None}, Target: q.target,
		Request: func() (forward.Request, error) { return *q.asked, nil },
	}
}

// readSystem reads a text or a list of text blocks.
func readSystem(fields map[string]json.RawMessage, r *forward.Request) error {
	if json.Unmarshal(fields["system"], &r.System) == nil {
		return nil
	}
	var blocks []block
	if err := web.Read(fields, "system", &blocks); err != nil {
		return err
	}
	var texts []string
	for i, b := range blocks {
		if b.Type != "text" {
			return web.Bad(fmt.Sprintf("system[%d].type", i), "must be text")
		}
		texts = append(texts, b.Text)
	}
	r.System = strings.Join(texts, "\n\n")
	return nil
}

// readTools reads the functions that the model may ask for; those that Anthropic
// runs itself only its own servers have.
func readTools(fields map[string]json.RawMessage, r *forward.Request) error {
	var tools []struct {
		Type        string          `json:"type"`
		Name        string          `json:"name"`
		Description string          `json:"description"`
		InputSchema json.RawMessage `json:"input_schema"`
	}
	if err := web.Read(fields, "tools", &tools); err != nil {
		return err
	}
	for i, t := range tools {
		if t.Type != "" && t.Type != "custom" {
			r.Original.Beyond = append(r.Original.Beyond, fmt.Sprintf("tools[%d].type %q", i, t.Type))
			continue
		}
		r.Tools = append(r.Tools, forward.Tool{Name: t.Name, Description: t.Description, Parameters: t.InputSchema})
	}
	return nil
}

func readToolChoice(fields map[string]json.RawMessage, r *forward.Request) error {
	var choice struct {
		Type string `json:"type"`
		Name string `json:"name"`
	}
	if err := web.Read(fields, "tool_choice", &choice); err != nil {
		return err
	}
	switch choice.Type {
	case "":
	case "auto":
		r.ToolChoice.Mode = forward.AutoTool
	case "any":
		r.ToolChoice.Mode = forward.MustTool
	case "none":
		r.ToolChoice.Mode = forward.NoTool
	case "tool":
		r.ToolChoice = forward.ToolChoice{Mode: forward.OneTool, Name: choice.Name}
	default:
		return web.Bad("tool_choice.type", "%q is not known; use auto, any, tool or none", choice.Type)
	}
	return nil
}

// readFormat reads the shape that the answer is to have.
func readFormat(fields map[string]json.RawMessage, r *forward.Request) error {
	var config struct {
		Format struct {
			Type   string          `json:"type"`
			Schema json.RawMessage `json:"schema"`
		} `json:"format"`
	}
	if err := web.Read(fields, "output_config", &config); err != nil {
		return err
	}
	if config.Format.Type == "json_schema" {
		r.Schema = &forward.Schema{JSON: config.Format.Schema, Strict: true}
	}
	return nil
}
