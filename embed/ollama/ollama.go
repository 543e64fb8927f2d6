// Package ollama is an embedder that asks an Ollama server.
//
// It promises unit vectors in the order of the texts, the right prefix for
// queries and documents, requests bounded in number, size and time, a
// fingerprint made of the model's content digest, and errors that say what to
// do. It notices within Config.RecheckEvery when the model's name comes to
// stand for another model. Texts beyond the model's context are shortened and
// reported as truncated. Caching, and gathering texts of several callers into
// one request, are left to others.
package ollama

import (
	"context"
	"fmt"
	"net/url"

	"github.com/ollama/ollama/api"
	"golang.org/x/sync/errgroup"

	"github.com/semroute/semroute/embed"
)

// Embedder embeds through an Ollama server. It is safe for concurrent use.
type Embedder struct {
	config      Config
	base        *url.URL
	client      *api.Client
	prefixes    prefixPair
	slots       chan struct{} // one for each request under way
	opened      string        // digest when it was opened
	fingerprint string
	context     int // tokens
	dimension   int
	check       modelCheck
}

var _ embed.Embedder = (*Embedder)(nil)

// New connects to the server, looks the model up and embeds one text to learn
// the dimension, which also loads the model.
func New(ctx context.Context, config Config) (*Embedder, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	base, err := config.base()
	if err != nil {
		return nil, err
	}
	e := &Embedder{
		config: config, base: base, prefixes: config.prefixes(),
		client: newClient(base, config.Transport),
		slots:  make(chan struct{}, config.Concurrency),
	}
	if e.opened, err = e.digest(ctx); err != nil {
		return nil, err
	}
	e.check.saw(e.opened)
	e.fingerprint = fingerprintOf(e.opened, e.prefixes)
	if e.context, err = e.contextTokens(ctx); err != nil {
		return nil, err
	}
	first, err := e.request(ctx, []string{"dimension"}, false)
	if err != nil {
		return nil, e.explain(ctx, err)
	}
	e.dimension = len(first[0])
	return e, nil
}

// Dimension implements embed.Embedder.
func (e *Embedder) Dimension() int { return e.dimension }

// Fingerprint implements embed.Embedder.
func (e *Embedder) Fingerprint() string { return e.fingerprint }

// EmbedQueries implements embed.Embedder.
func (e *Embedder) EmbedQueries(ctx context.Context, texts []string) (embed.Batch, error) {
	return e.embed(ctx, e.prefixes.query, texts)
}

// EmbedDocuments implements embed.Embedder.
func (e *Embedder) EmbedDocuments(ctx context.Context, texts []string) (embed.Batch, error) {
	return e.embed(ctx, e.prefixes.document, texts)
}

func (e *Embedder) embed(ctx context.Context, prefix string, texts []string) (embed.Batch, error) {
	batch := embed.Batch{Vectors: make([][]float32, len(texts)), Truncated: make([]bool, len(texts))}
	if len(texts) == 0 {
		return batch, nil
	}
	if err := ctx.Err(); err != nil {
		return embed.Batch{}, fmt.Errorf("ollama embedding: %w", err)
	}
	if err := e.checkModel(ctx, e.config.RecheckEvery); err != nil {
		return embed.Batch{}, err
	}
	if len(texts) <= e.config.Batch {
		all := job{prefix: prefix, texts: texts, vectors: batch.Vectors, truncated: batch.Truncated}
		if err := e.run(ctx, all); err != nil {
			return embed.Batch{}, e.explain(ctx, err)
		}
		return batch, nil
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(e.config.Concurrency)
	for start := 0; start < len(texts); start += e.config.Batch {
		end := min(start+e.config.Batch, len(texts))
		part := job{prefix: prefix, texts: texts[start:end], vectors: batch.Vectors[start:end], truncated: batch.Truncated[start:end]}
		group.Go(func() error { return e.explain(ctx, e.run(groupCtx, part)) })
	}
	if err := group.Wait(); err != nil {
		return embed.Batch{}, err
	}
	return batch, nil
}
