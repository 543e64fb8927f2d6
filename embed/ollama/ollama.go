// Package ollama is an embedder that asks an Ollama server.
//
// It promises unit vectors in the order of the texts, the right prefix for
// queries and documents, requests bounded in number, size and time, a
// fingerprint made of the model's content digest, and errors that say what to
// do. It notices within Config.RecheckEvery, and at the end of every call for
// documents, when the model's name comes to stand for another model. Texts
// beyond the model's context are shortened and reported as truncated. A slow
// model gets as few texts at once as it needs; a text that cannot be embedded,
// or kills the model's runner, is found and reported, and the others go on
// (embed.TextsError). Caching, batching texts of several callers, and retrying
// a server that is down are left to others.
package ollama

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/ollama/ollama/api"
	"golang.org/x/sync/semaphore"

	"github.com/semroute/semroute/embed"
)

// Embedder embeds through an Ollama server. It is safe for concurrent use.
type Embedder struct {
	config      Config
	base        *url.URL
	client      *api.Client
	prefixes    prefixPair
	slots       *semaphore.Weighted // one for each request under way
	batchSize   *batchSize
	opened      string // digest when it was opened
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
		client:    newClient(base, config.Transport),
		slots:     semaphore.NewWeighted(int64(config.Concurrency)),
		batchSize: newBatchSize(config.Batch, config.Timeout),
	}
	if e.opened, err = e.digest(ctx); err != nil {
		return nil, err
	}
	e.check.saw(e.opened)
	e.fingerprint = fingerprintOf(e.opened, e.prefixes)
	if e.context, err = e.contextTokens(ctx); err != nil {
		return nil, err
	}
	first, err := e.send(ctx, []string{probeText}, false, config.LoadTimeout)
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
	return e.embed(ctx, e.prefixes.query, texts, false)
}

// EmbedDocuments implements embed.Embedder.
func (e *Embedder) EmbedDocuments(ctx context.Context, texts []string) (embed.Batch, error) {
	batch, err := e.embed(ctx, e.prefixes.document, texts, true)
	if len(batch.Vectors) > 0 { // the first and the last must be of the same model
		if changed := e.checkModel(ctx, 0); changed != nil {
			return embed.Batch{}, changed
		}
	}
	return batch, err
}

func (e *Embedder) embed(ctx context.Context, prefix string, texts []string, documents bool) (embed.Batch, error) {
	if len(texts) == 0 {
		return embed.Batch{}, nil
	}
	if err := ctx.Err(); err != nil {
		return embed.Batch{}, fmt.Errorf("ollama embedding: %w", err)
	}
	if err := e.checkModel(ctx, e.config.RecheckEvery); err != nil {
		return embed.Batch{}, err
	}
	c := e.newCall(prefix, texts, documents)
	err := c.run(ctx)
	var some *embed.TextsError
	if err != nil && !errors.As(err, &some) {
		return embed.Batch{}, err
	}
	return c.batch, err
}
