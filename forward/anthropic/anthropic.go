// Package anthropic calls models over Anthropic's messages. It promises what
// forward.Provider does and leaves retries, deadlines and costs to the
// forwarder.
package anthropic

import (
	"context"
	"net/http"
	"os"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/internal/wire"
	"github.com/semroute/semroute/routes"
)

const (
	name           = "anthropic"
	defaultAddress = "https://api.anthropic.com"
	// version is that of the protocol.
	version = "2023-06-01"
	// defaultMaxTokens bounds an answer where the request does not: the protocol
	// demands a bound.
	defaultMaxTokens = 4096
)

// Config says how the server is reached; the zero value is good.
type Config struct {
	// Transport carries the calls; nil makes one.
	Transport http.RoundTripper
	// LookupEnv reads the environment; nil is os.LookupEnv.
	LookupEnv func(string) (string, bool)
}

// Provider calls one model of a server that speaks Anthropic's protocol.
type Provider struct {
	model  string
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
		Transport: config.Transport, LookupEnv: config.LookupEnv, Usual: defaultAddress, Path: []string{"v1", "messages"},
		Accept: "text/event-stream", Header: http.Header{"Anthropic-Version": {version}},
		Authorize: func(h http.Header, secret string) { h.Set("X-Api-Key", secret) },
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
	send := wire.Post{Payload: payload, Header: req.Original.HeaderFor(routes.Anthropic)}
	return p.caller.Stream(ctx, send, emit, func(emit wire.Emit) wire.Protocol { return newReader(emit) })
}
