package revision

import (
	"bytes"
	"context"
	"errors"

	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/store"
)

// Promote serves a whole other catalog, and where embedder is not nil with another
// embedder: in a store as a new revision, from files until they change. The
// embedder is this process' alone, until it ends. It fails as Apply does, but not
// with ErrFiles.
func (s *Source) Promote(ctx context.Context, catalog *routes.Catalog, embedder *engine.EmbedderConfig, author, cause string) (Applied, error) {
	if err := s.lock(ctx); err != nil {
		return Applied{}, err
	}
	defer s.unlock()
	if s.FromFiles() {
		next := served{catalog: catalog}
		return s.serve(ctx, &next, engine.Replacement{Catalog: catalog, Back: true, Embedder: embedder, Commit: func(context.Context) error {
			next = s.noted(catalog, author, cause)
			return nil
		}})
	}
	yaml, err := s.yamlOf(&served{catalog: catalog})
	if err != nil {
		return Applied{}, err
	}
	for range maxTries {
		head, err := s.head(ctx)
		if err != nil {
			return Applied{}, err
		}
		if embedder != nil && bytes.Equal(yaml, head.yaml) { // the same revision by another embedder
			return s.serve(ctx, &head, engine.Replacement{Catalog: head.catalog, Embedder: embedder})
		}
		applied, err := s.putBy(ctx, head, catalog, yaml, author, cause, embedder)
		if !errors.Is(err, store.ErrStale) {
			return applied, err
		}
	}
	head, err := s.head(ctx)
	if err != nil {
		return Applied{}, err
	}
	return Applied{}, &StaleError{Head: head.Revision}
}
