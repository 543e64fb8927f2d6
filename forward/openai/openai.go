// Package openai calls models over OpenAI's chat completions, which OpenAI
// itself and many other servers speak: vLLM, LiteLLM, OpenRouter, llama.cpp,
// Ollama. It promises what forward.Provider does and leaves retries, deadlines
// and costs to the forwarder.
package openai

import (
	"context"
	"net/http"
	"net/url"
	"os"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

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
	model   string
	secret  string
	modern  bool // OpenAI itself, which has new words for some fields
	client  *http.Client
	service openai.ChatCompletionService
}

var _ forward.Provider = (*Provider)(nil)

// New makes the provider of a catalog model. A missing secret is
// forward.ErrSecret, an unusable address forward.ErrConfig. No key is sent
// when the catalog names none, whatever the environment holds.
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
	address, err := wire.Address(m, "", defaultAddress)
	if err != nil {
		return nil, err
	}
	guard := &wire.Guard{Next: config.Transport, ContentTypes: []string{"text/event-stream"}, Secret: secret}
	p := &Provider{model: m.Model, secret: secret, modern: address.Hostname() == officialHost, client: guard.Client()}
	p.service = openai.NewChatCompletionService(p.options(address)...)
	return p, nil
}

// options builds the client without the defaults that it would otherwise take
// from the environment: a key meant for another server must not be sent here.
func (p *Provider) options(address *url.URL) []option.RequestOption {
	options := []option.RequestOption{
		option.WithBaseURL(address.String()),
		option.WithHTTPClient(p.client),
		option.WithMaxRetries(0),
		option.WithJSONSet("stream", true),
		option.WithHeader("Accept", "text/event-stream"),
	}
	if p.secret != "" {
		options = append(options, option.WithAPIKey(p.secret))
	}
	return options
}

// Close implements forward.Provider.
func (p *Provider) Close() error {
	p.client.CloseIdleConnections()
	return nil
}

// Stream implements forward.Provider.
func (p *Provider) Stream(ctx context.Context, req forward.Request, emit func(forward.Piece) error) (forward.End, error) {
	params, err := p.encode(req)
	if err != nil {
		return forward.End{}, err
	}
	var res *http.Response
	if _, err := p.service.New(ctx, params, option.WithResponseBodyInto(&res)); err != nil {
		return forward.End{}, wire.Unwrap(err)
	}
	defer func() { _ = res.Body.Close() }()
	s := stream{events: wire.NewEvents(res.Body), emit: emit, secret: p.secret}
	err = s.run()
	return s.end, err
}
