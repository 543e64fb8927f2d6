package engine

import (
	"errors"
	"io/fs"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/embed"
)

// CacheFile keeps an embedder's cache of prompts' vectors in a file. It belongs
// to one goroutine. A file that cannot be used or written costs only the
// embedding that it would have saved, and a warning. nil keeps nothing.
type CacheFile struct {
	cache *embed.Cache
	path  string
	log   zerolog.Logger
	saved uint64 // what the cache had stored when the file was written last
}

// OpenCacheFile fills the cache of an embedder that OpenEmbedder gave from the
// file; nil without a path or a cache.
func OpenCacheFile(e embed.Embedder, path string, log zerolog.Logger) *CacheFile {
	cache, ok := e.(*embed.Cache)
	if path == "" || !ok {
		return nil
	}
	texts, err := cache.Load(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		log.Warn().Err(err).Str("file", path).Msg("the embedding cache starts empty")
	default:
		log.Info().Int("texts", texts).Str("file", path).Msg("embedding cache read")
	}
	return &CacheFile{cache: cache, path: path, log: log}
}

// Save writes the file if anything was remembered since it was written last.
func (f *CacheFile) Save() {
	if f == nil {
		return
	}
	stored := f.cache.Stored()
	if stored == f.saved {
		return
	}
	if err := f.cache.Save(f.path); err != nil {
		f.log.Warn().Err(err).Str("file", f.path).Msg("the embedding cache is not kept")
		return
	}
	f.saved = stored
}
