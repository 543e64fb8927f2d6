package openai

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"github.com/semroute/semroute/ingress"
	"github.com/semroute/semroute/ingress/internal/openaierr"
)

// Embedder makes vectors of texts, as the router makes those of prompts;
// *engine.Engine is one.
type Embedder interface {
	// Embed gives a vector for each text, and the name of the model that made them.
	Embed(ctx context.Context, texts []string) (vectors [][]float32, model string, err error)
}

// Counter counts the tokens of a text, roughly as a model would.
type Counter interface{ CountTokens(text string) int }

// Config is what a Handler works with.
type Config struct {
	Calls *ingress.Service
	// Embedder nil answers no embeddings.
	Embedder Embedder
	// Tokens counts the tokens of texts to embed.
	Tokens Counter
	Log    zerolog.Logger
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Handler answers the protocol. It is safe for concurrent use.
type Handler struct {
	Config
	errors openaierr.Teller
}

// New makes a handler.
func New(c Config) *Handler {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Handler{c, openaierr.Teller{Log: c.Log, Now: c.Now}}
}

// Routes are the patterns of http.ServeMux with their handlers.
func (h *Handler) Routes() map[string]ingress.Route {
	routes := map[string]ingress.Route{
		"POST /v1/chat/completions": {Handle: h.chatCompletions, Fail: h.errors.Fail},
		"GET /v1/models":            {Handle: h.models, Fail: h.errors.Fail},
		"GET /v1/models/{name...}":  {Handle: h.model, Fail: h.errors.Fail},
	}
	if h.Embedder != nil {
		routes["POST /v1/embeddings"] = ingress.Route{Handle: h.embeddings, Fail: h.errors.Fail}
	}
	return routes
}
