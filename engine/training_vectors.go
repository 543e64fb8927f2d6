package engine

import (
	"context"
	"fmt"

	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/index"
)

// extraKey is the route under which the vectors of texts are kept that the
// classifier learns from but no search may find: route names, and what fits
// no route.
const extraKey = "extra"

// extraVectors embeds the texts, except those that were embedded before: a
// snapshot beside the models keeps them. Empty texts have no vector.
func (t *trainer) extraVectors(ctx context.Context, e embed.Embedder, texts []string) (map[string][]float32, error) {
	store, err := openMemory(IndexConfig{CacheDir: t.vectorDir, Name: extraKey}, e, t.log)
	if err != nil {
		return nil, err
	}
	defer func() { _ = store.Close() }()
	held, err := store.Entries(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading kept vectors: %w", err)
	}
	var want []index.Key
	for _, text := range texts {
		if text != "" {
			want = append(want, index.Key{Route: extraKey, Utterance: text})
		}
	}
	missing, _ := index.Plan(index.Keys(held), want)
	fresh, failed, err := embedKeys(ctx, e, missing, nil)
	if err != nil {
		return nil, err
	}
	if len(failed) > 0 {
		return nil, fmt.Errorf("the route name or `none` text %q cannot be embedded: %w", failed[0].Utterance, failed[0].Err)
	}
	if len(fresh) > 0 {
		if err := store.Upsert(ctx, fresh); err != nil {
			return nil, fmt.Errorf("keeping vectors: %w", err)
		}
	}
	vectors := make(map[string][]float32, len(want))
	for _, entry := range append(held, fresh...) {
		vectors[entry.Utterance] = entry.Vector
	}
	return vectors, nil
}
