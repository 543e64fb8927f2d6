// Package ollama calls models of an Ollama server over its own chat protocol.
// It promises what forward.Provider does and leaves retries, deadlines and
// costs to the forwarder.
package ollama

import (
	"bytes"
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
	model   string
	address string
	secret  string
	client  *http.Client
	guard   *wire.Guard
}

var _ forward.Provider = (*Provider)(nil)

// New makes the provider of a catalog model. A missing secret is
// forward.ErrSecret, an unusable address forward.ErrConfig.
func New(m routes.Model, config Config) (*Provider, error) {
	if config.LookupEnv == nil {
		config.LookupEnv = os.LookupEnv
	}
	if config.Transport == nil {
		config.Transport = wire.NewTransport()
	}
	secret, err := wire.Secret(m, config.LookupEnv)
	if err != nil {
		return nil, err
	}
	address, err := wire.Address(m, config.BaseURL, defaultAddress)
	if err != nil {
		return nil, err
	}
	guard := &wire.Guard{Next: config.Transport, ContentTypes: []string{"application/x-ndjson", "application/json"}, Secret: secret}
	return &Provider{
		model: m.Model, address: address.JoinPath("api", "chat").String(), secret: secret,
		guard: guard, client: guard.Client(),
	}, nil
}

// Close implements forward.Provider.
func (p *Provider) Close() error {
	p.client.CloseIdleConnections()
	return nil
}

// Stream implements forward.Provider.
func (p *Provider) Stream(ctx context.Context, req forward.Request, emit func(forward.Piece) error) (forward.End, error) {
	payload, err := p.encode(req)
	if err != nil {
		return forward.End{}, err
	}
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, p.address, bytes.NewReader(payload))
	if err != nil {
		return forward.End{}, err
	}
	post.Header.Set("Content-Type", "application/json")
	post.Header.Set("Accept", "application/x-ndjson")
	if p.secret != "" {
		post.Header.Set("Authorization", "Bearer "+p.secret)
	}
	res, err := p.client.Do(post)
	if err != nil {
		return forward.End{}, wire.Unwrap(err)
	}
	defer func() { _ = res.Body.Close() }()
	return p.read(res.Body, emit)
}

// chunk is one line of an answer; a failure in mid-answer has Error only.
type chunk struct {
	api.ChatResponse
	Error string `json:"error"`
}

// UnmarshalJSON keeps the embedded type's own decoding from hiding Error.
func (c *chunk) UnmarshalJSON(raw []byte) error {
	var failure struct {
		Error string `json:"error"`
	}
	if err := json.Unmarshal(raw, &c.ChatResponse); err != nil {
		return err
	}
	if c.Message.Role != "" {
		return nil
	}
	err := json.Unmarshal(raw, &failure)
	c.Error = failure.Error
	return err
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
			return forward.End{}, &forward.UpstreamError{Class: forward.ServerError, Message: wire.Clean(c.Error, p.secret)}
		}
		if c.Message.Role == "" && !c.Done {
			return forward.End{}, wire.Garbled("the answer is not of Ollama's protocol", line)
		}
		if err := emitChunk(&c.ChatResponse, &tools, emit); err != nil {
			return end(&c.ChatResponse, tools), err
		}
		if c.Done {
			return end(&c.ChatResponse, tools), nil
		}
	}
}

// emitChunk hands on a line's text and tool calls; Ollama sends every call whole.
func emitChunk(c *api.ChatResponse, tools *int, emit func(forward.Piece) error) error {
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

func end(c *api.ChatResponse, tools int) forward.End {
	e := forward.End{
		Finish: forward.FinishStop,
		Usage:  forward.Usage{InputTokens: int64(c.PromptEvalCount), OutputTokens: int64(c.EvalCount)},
	}
	switch {
	case c.DoneReason == "length":
		e.Finish = forward.FinishLength
	case tools > 0:
		e.Finish = forward.FinishToolCalls
	}
	return e
}
