package engine

import (
	"context"

	"github.com/semroute/semroute/embed"
)

// openEmbedder is an embedder that is open, with what hangs on it: whether its
// model is still the same one, and the file of its cache.
type openEmbedder struct {
	*Watched
	cacheFile *CacheFile // nil without one
}

// open opens the embedder that the settings name.
func open(ctx context.Context, c Config) (*openEmbedder, error) {
	bare, err := OpenEmbedder(ctx, c.Embedder)
	if err != nil {
		return nil, err
	}
	return &openEmbedder{Watched: WatchModel(bare), cacheFile: OpenCacheFile(bare, c.EmbedCacheFile, c.Log)}, nil
}

// isChanged says that the model behind the embedder has become another one.
func (o *openEmbedder) isChanged() bool {
	select {
	case <-o.Changed():
		return true
	default:
		return false
	}
}

// save writes the cache of prompts' vectors, unless it is of a model that is gone.
func (o *openEmbedder) save() {
	if o != nil && !o.isChanged() {
		o.cacheFile.Save()
	}
}

var _ embed.Embedder = (*openEmbedder)(nil)
