package embed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/maypok86/otter/v2"
)

// entryOverhead is what a cached text costs besides its bytes and vector: 160
// bytes of the cache's own, and what users usually keep in the memo.
const entryOverhead = 160 + 480

// Cache remembers the vectors of prompts, bounded by bytes. It belongs to one
// embedder, so it never serves a vector of another one; when that embedder's
// model changes, the embedder says so and is replaced, cache and all. Equal
// prompts at the same time are embedded once. Documents are not remembered:
// an index does that. Save and Load let it outlive the process.
type Cache struct {
	Embedder
	vectors *otter.Cache[string, cached]
	stored  atomic.Uint64

	mu      sync.Mutex // protects flights
	flights map[string]*flight
}

// cached is a remembered vector.
type cached struct {
	vector    []float32
	truncated bool
	memo      *Memo
}

// flight is a text that somebody is embedding right now.
type flight struct {
	done   chan struct{}
	result cached
	err    error // of the call
	failed error // of this text alone
}

var _ Embedder = (*Cache)(nil)

// NewCache puts a cache of at most maxBytes in front of an embedder.
func NewCache(e Embedder, maxBytes int64) (*Cache, error) {
	if maxBytes <= 0 {
		return nil, fmt.Errorf("embedding cache: %d bytes is no size; give more than 0, or use no cache", maxBytes)
	}
	vectors, err := otter.New(&otter.Options[string, cached]{
		MaximumWeight: uint64(maxBytes),
		Weigher:       weigh,
	})
	if err != nil {
		return nil, fmt.Errorf("embedding cache: %w", err)
	}
	return &Cache{Embedder: e, vectors: vectors, flights: map[string]*flight{}}, nil
}

// weigh is about what an entry takes, in bytes.
func weigh(text string, c cached) uint32 { return uint32(len(text) + 4*len(c.vector) + entryOverhead) }

// Stored counts what was ever remembered.
func (c *Cache) Stored() uint64 { return c.stored.Load() }

// Bytes is about how much the cache holds.
func (c *Cache) Bytes() int64 { return int64(c.vectors.WeightedSize()) }

// EmbedQuery implements router.SingleEmbedder: a remembered vector is shared, not
// copied.
func (c *Cache) EmbedQuery(ctx context.Context, text string, _ *[]float32) (Embedded, error) {
	if found, ok := c.vectors.GetIfPresent(text); ok {
		return Embedded{Vector: found.vector, Truncated: found.truncated, Cached: true, Memo: found.memo}, nil
	}
	b, err := c.EmbedQueries(ctx, []string{text})
	if err != nil {
		return Embedded{}, err
	}
	return b.At(0), nil
}

// EmbedQueries implements Embedder. Batch.Cached says what was remembered.
func (c *Cache) EmbedQueries(ctx context.Context, texts []string) (Batch, error) {
	b := Batch{Vectors: make([][]float32, len(texts)), Truncated: make([]bool, len(texts)), Cached: make([]bool, len(texts))}
	var missing []int
	for i, text := range texts {
		if found, ok := c.vectors.GetIfPresent(text); ok {
			b.Vectors[i], b.Truncated[i], b.Cached[i] = found.vector, found.truncated, true
		} else {
			missing = append(missing, i)
		}
	}
	var failed TextsError
	for len(missing) > 0 {
		var err error
		if missing, err = c.embedMissing(ctx, texts, missing, &b, &failed); err != nil {
			return Batch{}, err
		}
	}
	if len(failed.Failed) > 0 {
		slices.SortFunc(failed.Failed, func(a, b FailedText) int { return cmp.Compare(a.Index, b.Index) })
		return b, &failed
	}
	return b, nil
}

// embedMissing embeds the texts that nobody is embedding in one call, and
// waits for the others. It returns those whose other caller gave up.
func (c *Cache) embedMissing(ctx context.Context, texts []string, missing []int, b *Batch, failed *TextsError) ([]int, error) {
	own, theirs, flights := c.take(texts, missing)
	if err := c.lead(ctx, own, texts, b, failed); err != nil {
		return nil, err
	}
	var again []int
	for k, i := range theirs {
		f := flights[k]
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-f.done:
		}
		switch {
		case f.failed != nil:
			failed.Failed = append(failed.Failed, FailedText{Index: i, Err: f.failed})
		case f.err == nil:
			b.Vectors[i], b.Truncated[i] = f.result.vector, f.result.truncated
		case errors.Is(f.err, context.Canceled) || errors.Is(f.err, context.DeadlineExceeded):
			again = append(again, i) // the other caller's end is not ours
		default:
			return nil, f.err
		}
	}
	return again, nil
}

// take divides the missing texts into those that this call embeds and those
// that another one is embedding.
func (c *Cache) take(texts []string, missing []int) (own, theirs []int, waits []*flight) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, i := range missing {
		if f, ok := c.flights[texts[i]]; ok {
			theirs, waits = append(theirs, i), append(waits, f)
			continue
		}
		c.flights[texts[i]] = &flight{done: make(chan struct{})}
		own = append(own, i)
	}
	return own, theirs, waits
}

// lead embeds the texts of this call and tells those who wait for them.
func (c *Cache) lead(ctx context.Context, own []int, texts []string, b *Batch, failed *TextsError) error {
	if len(own) == 0 {
		return nil
	}
	var batch Batch
	err := ErrEmbed // of a panic below: nobody may wait for ever
	defer func() { c.land(own, texts, batch, err) }()
	list := make([]string, len(own))
	for k, i := range own {
		list[k] = texts[i]
	}
	batch, err = c.Embedder.EmbedQueries(ctx, list)
	some := textsFailed(err)
	if err != nil && some == nil {
		return err
	}
	for k, i := range own {
		if reason := some.Of(k); reason != nil {
			failed.Failed = append(failed.Failed, FailedText{Index: i, Err: reason})
		} else {
			b.Vectors[i], b.Truncated[i] = batch.Vectors[k], batch.Truncated[k]
		}
	}
	return nil
}

// land ends the flights of a call: vectors are remembered, failures are not.
func (c *Cache) land(own []int, texts []string, batch Batch, err error) {
	some := textsFailed(err)
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, i := range own {
		f := c.flights[texts[i]]
		delete(c.flights, texts[i])
		switch {
		case err != nil && some == nil:
			f.err = err
		case some.Of(k) != nil:
			f.failed = some.Of(k)
		default:
			f.result = c.remember(texts[i], batch.Vectors[k], batch.Truncated[k])
			c.stored.Add(1)
		}
		close(f.done)
	}
}

func (c *Cache) remember(text string, vector []float32, truncated bool) cached {
	entry := cached{vector: vector, truncated: truncated, memo: &Memo{}}
	c.vectors.Set(text, entry)
	return entry
}
