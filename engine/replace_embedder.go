package engine

import "context"

// replaceEmbedder is ReplaceBy with another embedder.
func (e *Engine) replaceEmbedder(ctx context.Context, r Replacement) error {
	return e.locked(ctx, func(ctx context.Context) error {
		other := e.config
		other.Embedder = *r.Embedder
		opened, err := open(ctx, other)
		if err != nil {
			return err
		}
		config, was := e.config.Embedder, e.opened
		e.forgetComplete() // their vectors are of the embedder before
		e.config.Embedder, e.opened = *r.Embedder, opened
		if err := e.build(ctx, r, true); err != nil {
			e.config.Embedder, e.opened = config, was
			opened.close()
			return err
		}
		e.forgetComplete()
		was.close()
		e.catalog.Store(r.Catalog)
		if !r.Back {
			e.replaced = r.Catalog.Fingerprint()
		}
		select {
		case e.embedder <- struct{}{}:
		default: // Run has not looked yet
		}
		return nil
	})
}
