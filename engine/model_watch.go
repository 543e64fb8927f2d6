package engine

import (
	"context"
	"errors"
	"sync"

	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/router"
)

// Watched is an embedder that tells when its model has changed.
type Watched struct {
	embed.Embedder
	once    sync.Once
	changed chan struct{}
}

// WatchModel watches the embedder's errors.
func WatchModel(e embed.Embedder) *Watched {
	return &Watched{Embedder: e, changed: make(chan struct{})}
}

// Changed is closed once the embedder has answered embed.ErrModelChanged.
func (w *Watched) Changed() <-chan struct{} { return w.changed }

// EmbedQueries implements embed.Embedder.
func (w *Watched) EmbedQueries(ctx context.Context, texts []string) (embed.Batch, error) {
	batch, err := w.Embedder.EmbedQueries(ctx, texts)
	w.observe(err)
	return batch, err
}

// EmbedQuery implements router.SingleEmbedder, as well as the embedder can.
func (w *Watched) EmbedQuery(ctx context.Context, text string, room *[]float32) (embed.Embedded, error) {
	if single, ok := w.Embedder.(router.SingleEmbedder); ok {
		embedded, err := single.EmbedQuery(ctx, text, room)
		w.observe(err)
		return embedded, err
	}
	batch, err := w.EmbedQueries(ctx, []string{text})
	if err != nil {
		return embed.Embedded{}, err
	}
	return batch.At(0), nil
}

// EmbedDocuments implements embed.Embedder.
func (w *Watched) EmbedDocuments(ctx context.Context, texts []string) (embed.Batch, error) {
	batch, err := w.Embedder.EmbedDocuments(ctx, texts)
	w.observe(err)
	return batch, err
}

func (w *Watched) observe(err error) {
	if errors.Is(err, embed.ErrModelChanged) {
		w.once.Do(func() { close(w.changed) })
	}
}
