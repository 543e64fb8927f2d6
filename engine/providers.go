package engine

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/semroute/semroute/embed/static"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/anthropic"
	"github.com/semroute/semroute/forward/ollama"
	"github.com/semroute/semroute/forward/openai"
	"github.com/semroute/semroute/internal/ollamahost"
	"github.com/semroute/semroute/internal/outbound"
	"github.com/semroute/semroute/routes"
)

// ProviderConfig says how models are reached; the zero value is good.
type ProviderConfig struct {
	// OllamaHost is the address of Ollama's models that have no base_url; empty
	// means OLLAMA_HOST, then the default.
	OllamaHost string
	// LookupEnv reads the environment; nil is os.LookupEnv.
	LookupEnv func(string) (string, bool)
	// PlainKeys lets keys go to other machines over http, which is unencrypted.
	PlainKeys bool
	// Transport carries the calls; nil makes one, which OpenForwarding gives to
	// all models of a catalog.
	Transport http.RoundTripper
}

// OpenProvider makes the provider of a model. A key that is missing is
// forward.ErrSecret.
func OpenProvider(m routes.Model, c ProviderConfig) (forward.Provider, error) {
	address, err := ollamahost.Resolve(c.OllamaHost)
	if err != nil && m.Provider == routes.Ollama {
		return nil, fmt.Errorf("%w: %w", forward.ErrConfig, err)
	}
	to := m.BaseURL
	if to == "" && m.Provider == routes.Ollama {
		to = address.String()
	}
	if !c.PlainKeys && leaksKey(m, to) {
		return nil, fmt.Errorf("%w: model %q: its key would go to %s unencrypted: use https, leave the key out, or allow it with --plain-keys", forward.ErrConfig, m.Name, to)
	}
	switch m.Provider {
	case routes.Ollama:
		return ollama.New(m, ollama.Config{BaseURL: address.String(), LookupEnv: c.LookupEnv, Transport: c.Transport})
	case routes.OpenAI:
		return openai.New(m, openai.Config{LookupEnv: c.LookupEnv, Transport: c.Transport})
	case routes.Anthropic:
		return anthropic.New(m, anthropic.Config{LookupEnv: c.LookupEnv, Transport: c.Transport})
	}
	return nil, fmt.Errorf("%w: model %q: unknown provider %q", forward.ErrConfig, m.Name, m.Provider)
}

// leaksKey says whether a model's key would go over http to another machine.
func leaksKey(m routes.Model, to string) bool {
	u, err := url.Parse(to)
	return err == nil && u.Scheme == "http" && !outbound.ThisMachine(u.Hostname()) && (m.APIKeyEnv != "" || m.APIKeyFile != "")
}

// Reachable are the catalog's models that a call can get to: by a route, a
// rule, a judge or the fallback. Only these need their keys.
func Reachable(catalog *routes.Catalog) []routes.Model {
	names := slices.Clone(catalog.Fallback.Models)
	for i := range catalog.Routes {
		names = append(names, catalog.Routes[i].Models...)
		names = append(names, judges(catalog.Routes[i].Forwarding.Cascade)...)
	}
	for i := range catalog.Rules {
		names = append(names, catalog.Rules[i].Model)
	}
	var models []routes.Model
	for _, m := range catalog.Models {
		if slices.Contains(names, m.Name) {
			models = append(models, m)
		}
	}
	return models
}

func judges(cascade *routes.Cascade) []string {
	if cascade == nil {
		return nil
	}
	var names []string
	for _, check := range cascade.Accept {
		if check.Judge != nil {
			names = append(names, check.Judge.Model)
		}
	}
	return names
}

// Counter counts tokens with the tokenizer of the static embedder. It is near
// what models count, not equal to it.
type Counter struct{ tokenizer *static.Tokenizer }

var _ forward.Counter = Counter{}

// NewCounter opens the tokenizer.
func NewCounter() (Counter, error) {
	e, err := static.New(static.Config{})
	if err != nil {
		return Counter{}, fmt.Errorf("tokenizer: %w", err)
	}
	return Counter{tokenizer: e.Tokenizer()}, nil
}

// CountTokens implements forward.Counter.
func (c Counter) CountTokens(text string) int { return c.tokenizer.Count(text) }
