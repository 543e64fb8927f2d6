package engine

import (
	"context"

	"github.com/semroute/semroute/routes"
)

// Serving is the catalog of the generation in place; before the first one, the
// catalog that is being built. Unlike Catalog it never waits for a build.
func (e *Engine) Serving() *routes.Catalog {
	if g := e.router.Generation(); g != nil {
		return g.Catalog()
	}
	return e.first
}

// Embed gives the vectors by which the texts would be ranked, and the fingerprint
// of the embedder that made them. It fails as router.Router's Embed does.
func (e *Engine) Embed(ctx context.Context, texts []string) ([][]float32, string, error) {
	return e.router.Embed(ctx, texts)
}
