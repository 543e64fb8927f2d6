// Package openai calls models over OpenAI's chat completions, which OpenAI
// itself and many other servers speak: vLLM, LiteLLM, OpenRouter, llama.cpp,
// Ollama. It promises what forward.Provider does and leaves retries, deadlines
// and costs to the forwarder.
package openai

import (
	"context"
	"net/http"
	"os"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/internal/wire"
	"github.com/semroute/semroute/routes"
)

const (
	name           = "openai"
	officialHost   = "api.openai.com"
	defaultAddress = "https://" + officialHost + "/v1"
)

// Config says how the server is reached; the zero value is good.
type Config struct {
	// Transport carries the calls; nil makes one.
	Transport http.RoundTripper
	// LookupEnv reads the environment; nil is os.LookupEnv.
	LookupEnv func(string) (string, bool)
}

// Provider calls one model of a server that speaks OpenAI's protocol.
type Provider struct {
	model  string
	modern bool // OpenAI itself, which has new words for some fields
	caller *wire.Caller
}

var _ forward.Provider = (*Provider)(nil)

// New makes the provider of a catalog model. A missing secret is
// forward.ErrSecret, an unusable address forward.ErrConfig. No key is sent
// when the catalog names none, whatever the environment holds.
func New(m routes.Model, config Config) (*Provider, error) {
	if config.LookupEnv == nil {
		config.LookupEnv = os.LookupEnv
	}
	caller, err := wire.NewCaller(m, wire.Config{
		Transport: config.Transport, LookupEnv: config.LookupEnv, Usual: defaultAddress, Path: []string{"chat", "completions"},
		Accept: []string{"text/event-stream"}, Authorize: wire.Bearer,
	})
	if err != nil {
		return nil, err
	}
	return &Provider{model: m.Model, modern: caller.Host() == officialHost, caller: caller}, nil
}

// Close implements forward.Provider.
func (p *Provider) Close() error { return p.caller.Close() }

// Stream implements forward.Provider. The client library is not used: it would
// take keys and addresses from the environment, needs a third of the time that
// forwarding adds for the form of the request alone, and keeps several times as
// much memory for a stream.
func (p *Provider) Stream(ctx context.Context, req forward.Request, emit func(forward.Piece) error) (forward.End, error) {
	payload, err := p.encode(&req)
	if err != nil {
		return forward.End{}, err
	}
	res, err := p.caller.Post(ctx, payload)
	if err != nil {
		return forward.End{}, err
	}
	defer func() { _ = res.Body.Close() }()
	s := stream{events: wire.NewEvents(res.Body), emit: emit, clean: p.caller.Clean}
	err = s.run()
	return s.end, err
}
