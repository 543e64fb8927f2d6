package router

import (
	"context"
	"fmt"
)

// Embed gives the vectors by which the texts would be ranked, and the fingerprint
// of the embedder that made them. It fails with ErrNotReady, ErrEmbedder or the
// error of ctx. The vectors may be shared: they are to be read, not changed.
func (r *Router) Embed(ctx context.Context, texts []string) (vectors [][]float32, fingerprint string, err error) {
	g := r.acquire()
	if g == nil {
		return nil, "", ErrNotReady
	}
	defer g.release()
	batch, err := g.semantic.Embedder.EmbedQueries(ctx, texts)
	switch {
	case ctx.Err() != nil:
		return nil, "", ctx.Err()
	case err != nil:
		return nil, "", fmt.Errorf("%w: %w", ErrEmbedder, err)
	}
	return batch.Vectors, g.semantic.Embedder.Fingerprint(), nil
}
