// Package ollama calls models of an Ollama server over its own chat protocol.
// It promises what forward.Provider does and leaves retries, deadlines and
// costs to the forwarder.
package ollama

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/ollama/ollama/api"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/internal/wire"
	"github.com/semroute/semroute/routes"
)

const (
	name           = "ollama"
	defaultAddress = "http://127.0.0.1:11434"
)

// Config says how the server is reached; the zero value is good.
type Config struct {
	// BaseURL is used where the model has none; "" is Ollama's usual address.
	BaseURL string
	// Transport carries the calls; nil makes one.
	Transport http.RoundTripper
	// LookupEnv reads the environment; nil is os.LookupEnv.
	LookupEnv func(string) (string, bool)
}

// Provider calls one model of an Ollama server.
type Provider struct {
	model  string
	caller *wire.Caller
}

var _ forward.Provider = (*Provider)(nil)

// New makes the provider of a catalog model. A missing secret is
// forward.ErrSecret, an unusable address forward.ErrConfig.
func New(m routes.Model, config Config) (*Provider, error) {
	if config.LookupEnv == nil {
		config.LookupEnv = os.LookupEnv
	}
	usual := config.BaseURL
	if usual == "" {
		usual = defaultAddress
	}
	caller, err := wire.NewCaller(m, wire.Config{
		Transport: config.Transport, LookupEnv: config.LookupEnv, Usual: usual, Path: []string{"api", "chat"},
		Accept: []string{"application/x-ndjson", "application/json"}, Authorize: wire.Bearer,
	})
	if err != nil {
		return nil, err
	}
	return &Provider{model: m.Model, caller: caller}, nil
}

// Close implements forward.Provider.
func (p *Provider) Close() error { return p.caller.Close() }

// Stream implements forward.Provider.
func (p *Provider) Stream(ctx context.Context, req forward.Request, emit func(forward.Piece) error) (forward.End, error) {
	payload, err := p.encode(req)
	if err != nil {
		return forward.End{}, err
	}
	res, err := p.caller.Post(ctx, payload)
	if err != nil {
		return forward.End{}, err
	}
	defer func() { _ = res.Body.Close() }()
	return p.read(res.Body, emit)
}

// chunk is what is read of one line of an answer; a failure in mid-answer has
// Error only. api.ChatResponse decodes more than is needed for every piece.
type chunk struct {
	Message *struct {
		Content   string         `json:"content"`
		ToolCalls []api.ToolCall `json:"tool_calls"`
	} `json:"message"`
	Done            bool          `json:"done"`
	DoneReason      string        `json:"done_reason"`
	PromptEvalCount int64         `json:"prompt_eval_count"`
	EvalCount       int64         `json:"eval_count"`
	Logprobs        []api.Logprob `json:"logprobs"`
	Error           string        `json:"error"`
}

func (p *Provider) read(r io.Reader, emit func(forward.Piece) error) (forward.End, error) {
	lines := wire.NewLines(r)
	tools := 0
	for {
		line, err := lines.Next()
		switch {
		case errors.Is(err, io.EOF):
			return forward.End{}, wire.Broken()
		case err != nil:
			return forward.End{}, err
		case len(line) == 0:
			continue
		}
		var c chunk
		if err := json.Unmarshal(line, &c); err != nil {
			return forward.End{}, wire.Garbled("the answer is not of Ollama's protocol", line)
		}
		if c.Error != "" {
			return forward.End{}, &forward.UpstreamError{Class: forward.ServerError, Message: p.caller.Clean(c.Error)}
		}
		if c.Message == nil && !c.Done {
			return forward.End{}, wire.Garbled("the answer is not of Ollama's protocol", line)
		}
		if err := c.emit(&tools, emit); err != nil {
			return c.end(tools), err
		}
		if c.Done {
			return c.end(tools), nil
		}
	}
}

// emit hands on a line's text and tool calls; Ollama sends every call whole.
func (c *chunk) emit(tools *int, emit func(forward.Piece) error) error {
	if c.Message == nil {
		return nil
	}
	piece := forward.Piece{Text: c.Message.Content}
	for _, l := range c.Logprobs {
		piece.LogProbs = append(piece.LogProbs, l.Logprob)
	}
	if err := emit(piece); err != nil {
		return err
	}
	for _, call := range c.Message.ToolCalls {
		arguments, err := json.Marshal(call.Function.Arguments)
		if err != nil {
			return fmt.Errorf("tool call %q: %w", call.Function.Name, err)
		}
		id := call.ID
		if id == "" {
			id = fmt.Sprintf("call_%d", *tools)
		}
		part := forward.ToolPiece{Index: *tools, ID: id, Name: call.Function.Name, Arguments: string(arguments)}
		if err := emit(forward.Piece{Tool: &part}); err != nil {
			return err
		}
		*tools++
	}
	return nil
}

func (c *chunk) end(tools int) forward.End {
	e := forward.End{
		Finish: forward.FinishStop,
		Usage:  forward.Usage{InputTokens: c.PromptEvalCount, OutputTokens: c.EvalCount},
	}
	switch {
	case c.DoneReason == "length":
		e.Finish = forward.FinishLength
	case tools > 0:
		e.Finish = forward.FinishToolCalls
	}
	return e
}
