package embed

import "context"

// Batcher lets prompts that arrive at the same time share one call of an
// embedder whose calls cost more than their texts, such as a remote one. An
// idle embedder is called at once, by the caller itself; while a call is under
// way the prompts that arrive are batched, and go out together when it returns.
// After a shared call the next lingers a moment for as many as shared that one.
// Long prompts have a queue of their own and hold nobody up. Each caller keeps
// its own deadline: one that gives up leaves the others' call alone. A text
// that cannot be embedded fails its own caller only.
type Batcher struct {
	Embedder
	short, long *queue
}

var _ Embedder = (*Batcher)(nil)

const (
	// maxShared is how many texts share a call at most.
	maxShared = 64
	// longText is the length in bytes from which a prompt takes the queue of long ones.
	longText = 2048
)

// NewBatcher puts a batcher in front of an embedder.
func NewBatcher(e Embedder) *Batcher {
	return &Batcher{Embedder: e, short: newQueue(e), long: newQueue(e)}
}

// EmbedQueries implements Embedder. A call that already brings many texts goes
// straight through.
func (b *Batcher) EmbedQueries(ctx context.Context, texts []string) (Batch, error) {
	if len(texts) > maxShared/2 {
		return b.Embedder.EmbedQueries(ctx, texts)
	}
	for _, text := range texts {
		if len(text) > longText {
			return b.long.submit(ctx, texts)
		}
	}
	return b.short.submit(ctx, texts)
}
