package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/embed/ollama"
	"github.com/semroute/semroute/embed/static"
	"github.com/semroute/semroute/embed/transformer"
	"github.com/semroute/semroute/embed/transformer/bgesmall"
)

// Kinds of embedders.
const (
	Static      = "static"
	Transformer = "transformer"
	Ollama      = "ollama"
)

// ErrNoModel is for a transformer without a path in a program without a model.
var ErrNoModel = errors.New("this program was built without a model (tag nomodel): name one by --model-path, or use --embedder static")

// EmbedderConfig says which embedder is wanted.
type EmbedderConfig struct {
	// Kind is Static, Transformer or Ollama. With Open it only names what Open gives.
	Kind string
	// Open opens an embedder of the caller's own in place of those that Kind
	// names; it is called again when that one answers embed.ErrModelChanged.
	Open func(ctx context.Context) (embed.Embedder, error)
	// Host, Model and Timeout are Ollama's. Host empty means OLLAMA_HOST, then the
	// default.
	Host    string
	Model   string
	Timeout time.Duration
	// ModelPath and CacheDir are the transformer's: a folder of Hugging Face, a
	// GGUF file or "ollama:NAME", empty for the compiled-in model, and where the
	// converted model is kept; empty converts it every time.
	ModelPath, CacheDir string
	// QueryPrefix and DocumentPrefix are of both; nil is what the model wants.
	QueryPrefix, DocumentPrefix *string
	// CacheBytes bounds the cache of prompts' vectors; 0 is no cache.
	CacheBytes int64
}

// mustKeep says that vectors are so dear that a start which cannot keep them is an
// error: a server makes them.
func (c *EmbedderConfig) mustKeep() bool { return c.Kind == Ollama }

// OpenEmbedder opens the embedder, with a cache in front of it and, for a
// remote one, a batcher, as they stand in an engine. An Ollama that does not answer or lacks the model is
// an error that says what to do.
func OpenEmbedder(ctx context.Context, c EmbedderConfig) (embed.Embedder, error) {
	e, err := openBare(ctx, c)
	if err != nil {
		return nil, err
	}
	return c.cached(c.batched(e))
}

// batched lets the calls of a remote embedder share requests.
func (c *EmbedderConfig) batched(e embed.Embedder) embed.Embedder {
	if c.Kind == Ollama {
		return embed.NewBatcher(e)
	}
	return e
}

// cached puts the cache in front of all else.
func (c *EmbedderConfig) cached(e embed.Embedder) (embed.Embedder, error) {
	if c.CacheBytes > 0 {
		return embed.NewCache(e, c.CacheBytes)
	}
	return e, nil
}

func openBare(ctx context.Context, c EmbedderConfig) (embed.Embedder, error) {
	if c.Open != nil {
		return c.Open(ctx)
	}
	switch c.Kind {
	case Static:
		return static.New(static.Config{})
	case Transformer:
		model := transformer.Config{Path: c.ModelPath, CacheDir: c.CacheDir, QueryPrefix: c.QueryPrefix, DocumentPrefix: c.DocumentPrefix}
		if c.ModelPath == "" {
			if model.Compiled = bgesmall.Compiled(); model.Compiled == nil {
				return nil, ErrNoModel
			}
		}
		return transformer.Open(ctx, model)
	case Ollama:
		return ollama.New(ctx, ollama.Config{
			Address: c.Host, Model: c.Model, Timeout: c.Timeout,
			QueryPrefix: c.QueryPrefix, DocumentPrefix: c.DocumentPrefix,
		})
	}
	return nil, fmt.Errorf("unknown embedder %q: it is %q, %q or %q", c.Kind, Static, Transformer, Ollama)
}
