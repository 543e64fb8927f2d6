package engine

import (
	"context"
	"errors"

	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/index/memory"
	"github.com/semroute/semroute/routes"
)

// Candidate builds a generation of another catalog that is not put in place and
// that nothing but its Decider reaches. It embeds what the engine has no vectors
// of, searches them in memory, and keeps nothing on disk. The caller closes it.
func (e *Engine) Candidate(ctx context.Context, catalog *routes.Catalog) (*Assembly, error) {
	c, opened, err := e.candidateConfig(ctx)
	if err != nil {
		return nil, err
	}
	built, err := BuildWith(ctx, catalog, c, opened)
	return built, errors.Join(err, c.before.close())
}

// candidateConfig is by what a candidate is built: with vectors of its own, so
// that the generation in place may go meanwhile.
func (e *Engine) candidateConfig(ctx context.Context) (Config, *openEmbedder, error) {
	e.building.Lock()
	defer e.building.Unlock()
	if err := e.reopen(ctx); err != nil {
		return Config{}, nil, err
	}
	c := e.config
	c.Index, c.CacheDir, c.Progress = IndexConfig{Kind: Memory}, "", nil
	var err error
	c.before, err = e.beginning().copied(ctx)
	return c, e.opened, err
}

// copied is the same with the vectors of the generation in place in an index of
// its own.
func (b *beginning) copied(ctx context.Context) (*beginning, error) {
	if b == nil {
		return nil, nil
	}
	now := *b.now
	own, err := copyOf(ctx, now.semantic)
	if err != nil {
		return nil, err
	}
	now.semantic = own
	if now.static != nil {
		if now.static, err = copyOf(ctx, now.static); err != nil {
			return nil, errors.Join(err, own.close())
		}
	}
	return &beginning{now: &now, held: []index.Index{own.index}}, nil
}

func copyOf(ctx context.Context, s *space) (*space, error) {
	entries, err := s.synced.Entries(ctx)
	if err != nil {
		return nil, err
	}
	idx, err := memory.Open(memory.Config{Fingerprint: s.embedder.Fingerprint(), Dimension: s.embedder.Dimension()})
	if err != nil {
		return nil, err
	}
	if err := idx.Replace(ctx, entries); err != nil {
		return nil, errors.Join(err, idx.Close())
	}
	own := *s
	own.index, own.copied = idx, nil
	return &own, nil
}

// close frees the indexes of a copy; nil has none.
func (b *beginning) close() error {
	if b == nil {
		return nil
	}
	return errors.Join(b.now.semantic.close(), b.now.static.close())
}
