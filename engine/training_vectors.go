package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/index/memory"
)

// extraKey is the route under which the vectors of texts are kept that the
// classifier learns from but no search may find: route names, and what fits
// no route.
const extraKey = "extra"

// extras are vectors of texts that are no utterances, from build to build. It is
// safe for concurrent use; nil keeps nothing.
type extras struct {
	mu      sync.Mutex
	vectors map[extraText][]float32
}

// extraText is a text and the embedder's fingerprint.
type extraText struct{ embedder, text string }

// of are the vectors of the texts if all are there, else nil.
func (x *extras) of(e embed.Embedder, texts []string) map[string][]float32 {
	if x == nil {
		return nil
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	found := make(map[string][]float32, len(texts))
	for _, text := range texts {
		vector, ok := x.vectors[extraText{e.Fingerprint(), text}]
		if !ok && text != "" {
			return nil
		}
		if ok {
			found[text] = vector
		}
	}
	return found
}

// known are all vectors of the embedder.
func (x *extras) known(e embed.Embedder) (entries []index.Entry) {
	if x == nil {
		return nil
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for key, vector := range x.vectors {
		if key.embedder == e.Fingerprint() {
			entries = append(entries, index.Entry{Key: index.Key{Route: extraKey, Utterance: key.text}, Vector: vector})
		}
	}
	return entries
}

// maxExtras bounds what is remembered; beyond it starts anew.
const maxExtras = 100_000

// add remembers vectors.
func (x *extras) add(e embed.Embedder, vectors map[string][]float32) {
	if x == nil {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.vectors == nil || len(x.vectors) > maxExtras {
		x.vectors = map[extraText][]float32{}
	}
	for text, vector := range vectors {
		x.vectors[extraText{e.Fingerprint(), text}] = vector
	}
}

// extraVectors are the vectors of route names and of what fits no route. Empty
// texts have none.
func (t *trainer) extraVectors(ctx context.Context, e embed.Embedder, texts []string) (map[string][]float32, error) {
	vectors, err := t.embedExtras(ctx, e, texts, nil)
	var some *extraError
	if errors.As(err, &some) {
		return nil, fmt.Errorf("the route name or `none` text %q cannot be embedded: %w", some.first.Utterance, some.first.Err)
	}
	return vectors, err
}

// extraError: some texts cannot be embedded; the others have their vectors.
type extraError struct{ first FailedUtterance }

func (e *extraError) Error() string {
	return fmt.Sprintf("%q cannot be embedded: %v", e.first.Utterance, e.first.Err)
}

// embedExtras embeds the texts, except those that were embedded before: a
// snapshot beside the models keeps them, and extras does.
func (t *trainer) embedExtras(ctx context.Context, e embed.Embedder, texts []string, progress Progress) (map[string][]float32, error) {
	if known := t.extras.of(e, texts); known != nil {
		return known, nil
	}
	store, err := openMemory(IndexConfig{CacheDir: t.vectorDir, Name: extraKey}, e, t.log)
	if errors.Is(err, memory.ErrNotKept) && !t.mustKeep {
		store, err = openMemory(IndexConfig{}, e, t.log)
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = store.Close() }()
	held, err := store.Entries(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading kept vectors: %w", err)
	}
	held = append(held, t.extras.known(e)...)
	var want []index.Key
	for _, text := range texts {
		if text != "" {
			want = append(want, index.Key{Route: extraKey, Utterance: text})
		}
	}
	missing, _ := index.Plan(index.Keys(held), want)
	fresh, failed, err := embedKeys(ctx, e, missing, progress)
	if err != nil {
		return nil, err
	}
	if len(fresh) > 0 {
		if err := store.Upsert(ctx, fresh); err != nil && (t.mustKeep || !errors.Is(err, memory.ErrNotKept)) {
			return nil, fmt.Errorf("keeping vectors: %w", err)
		}
	}
	vectors := make(map[string][]float32, len(want))
	for _, entry := range append(held, fresh...) {
		vectors[entry.Utterance] = entry.Vector
	}
	t.extras.add(e, vectors)
	if len(failed) > 0 {
		return vectors, &extraError{failed[0]}
	}
	return vectors, nil
}
