// Package ollama calls models of an Ollama server over its own chat protocol.
// It promises what forward.Provider does and leaves retries, deadlines and
// costs to the forwarder.
package ollama

import (
	"context"
	"net/http"
	"os"

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
		Accept: "application/x-ndjson", Authorize: wire.Bearer,
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
	payload, err := encode(p.model, &req)
	if err != nil {
		return forward.End{}, err
	}
	return p.caller.Stream(ctx, wire.Post{Payload: payload}, emit, func(emit wire.Emit) wire.Protocol { return newReader(emit, req.Tools) })
}
