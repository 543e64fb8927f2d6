// Package openai calls models over OpenAI's chat completions, which OpenAI
// itself and many other servers speak, each in its own way: vLLM, LiteLLM,
// OpenRouter, llama.cpp, Ollama. It reads as widely as they write, promises what
// forward.Provider does, and leaves retries, deadlines and costs to the
// forwarder.
package openai

import (
	"context"
	"net/http"
	"os"
	"sync/atomic"

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
	caller  *wire.Caller
	fixed   fixed
	dialect atomic.Pointer[dialect]
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
		Accept: "text/event-stream", Authorize: wire.Bearer,
	})
	if err != nil {
		return nil, err
	}
	p := &Provider{model: m.Model, caller: caller, fixed: fixed{maxTokens: m.MaxTokensField != "", streamOptions: m.StreamOptions != nil}}
	p.dialect.Store(dialectOf(m, caller.Host() == officialHost))
	return p, nil
}

// Close implements forward.Provider.
func (p *Provider) Close() error { return p.caller.Close() }

// Stream implements forward.Provider. A refusal that names a field for which
// there is another word, or that can be left out, is answered by asking once
// more in the other words, which are kept for later calls when they are taken.
func (p *Provider) Stream(ctx context.Context, req forward.Request, emit func(forward.Piece) error) (forward.End, error) {
	words := *p.dialect.Load()
	begun := false
	note := func(piece forward.Piece) error {
		begun = begun || !piece.Empty()
		return emit(piece)
	}
	for {
		end, err := p.once(ctx, &req, words, note)
		if err == nil || begun {
			p.learn(words)
			return end, err
		}
		other, ok := words.without(wire.FieldOf(err), p.fixed)
		if !ok {
			return end, err
		}
		words = other
	}
}

func (p *Provider) once(ctx context.Context, req *forward.Request, words dialect, emit wire.Emit) (forward.End, error) {
	payload, err := encode(p.model, req, words)
	if err != nil {
		return forward.End{}, err
	}
	return p.caller.Stream(ctx, wire.Post{Payload: payload}, emit, func(emit wire.Emit) wire.Protocol { return newReader(emit, req.Tools) })
}

// learn keeps words that were not refused.
func (p *Provider) learn(words dialect) {
	if words.changed {
		words.changed = false
		p.dialect.Store(&words)
	}
}
