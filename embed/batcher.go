package embed

import (
	"context"
	"fmt"
	"sync"
)

// Batcher lets prompts that arrive at the same time share one call of an
// embedder whose calls cost more than their texts, such as a remote one. An
// idle embedder is called at once; while a call is under way the prompts that
// arrive gather, and go out together when it returns. Long prompts have a lane
// of their own and hold nobody up. Each caller keeps its own deadline: one that
// gives up leaves the others' call alone.
type Batcher struct {
	Embedder
	short, long lane
}

var _ Embedder = (*Batcher)(nil)

const (
	// maxShared is how many texts share a call at most.
	maxShared = 64
	// longText is the length in bytes from which a prompt takes the long lane.
	longText = 2048
)

// NewBatcher puts a batcher in front of an embedder.
func NewBatcher(e Embedder) *Batcher {
	b := &Batcher{Embedder: e}
	b.short.embed, b.long.embed = e.EmbedQueries, e.EmbedQueries
	return b
}

// EmbedQueries implements Embedder. A call that already brings many texts goes
// straight through.
func (b *Batcher) EmbedQueries(ctx context.Context, texts []string) (Batch, error) {
	if len(texts) > maxShared/2 {
		return b.Embedder.EmbedQueries(ctx, texts)
	}
	for _, text := range texts {
		if len(text) > longText {
			return b.long.join(ctx, texts)
		}
	}
	return b.short.join(ctx, texts)
}

// lane is a queue with at most one call under way.
type lane struct {
	embed func(context.Context, []string) (Batch, error)

	mu      sync.Mutex // protects the fields below
	busy    bool
	waiting []*ride
}

// ride is one caller's texts.
type ride struct {
	ctx   context.Context //nolint:containedctx // a ride is the caller's call, waiting
	texts []string
	done  chan struct{}
	batch Batch
	err   error
}

func (l *lane) join(ctx context.Context, texts []string) (Batch, error) {
	r := &ride{ctx: ctx, texts: texts, done: make(chan struct{})}
	l.mu.Lock()
	l.waiting = append(l.waiting, r)
	if !l.busy {
		l.busy = true
		go l.run()
	}
	l.mu.Unlock()
	select {
	case <-r.done:
		return r.batch, r.err
	case <-ctx.Done():
		return Batch{}, ctx.Err()
	}
}

// run makes calls until nobody waits.
func (l *lane) run() {
	for {
		rides := l.next()
		if len(rides) == 0 {
			return
		}
		l.call(rides)
	}
}

// next takes the rides of the next call: those still wanted, in order, as many
// as fit. Without any the lane is idle again.
func (l *lane) next() []*ride {
	l.mu.Lock()
	defer l.mu.Unlock()
	var rides []*ride
	size, taken := 0, 0
	for _, r := range l.waiting {
		if len(rides) > 0 && size+len(r.texts) > maxShared {
			break
		}
		taken++
		if r.ctx.Err() != nil {
			continue // its caller has left already
		}
		rides = append(rides, r)
		size += len(r.texts)
	}
	l.waiting = l.waiting[taken:]
	if len(rides) == 0 {
		l.busy, l.waiting = false, nil
	}
	return rides
}

// call embeds the rides' texts in one call and deals out the result.
func (l *lane) call(rides []*ride) {
	var texts []string
	for _, r := range rides {
		texts = append(texts, r.texts...)
	}
	ctx, cancel := whileWanted(rides)
	defer cancel()
	batch, err := l.guarded(ctx, texts)
	if err == nil && len(batch.Vectors) != len(texts) {
		err = fmt.Errorf("%w: %d vectors for %d texts", ErrEmbed, len(batch.Vectors), len(texts))
	}
	at := 0
	for _, r := range rides {
		if r.err = err; err == nil {
			end := at + len(r.texts)
			r.batch = Batch{Vectors: batch.Vectors[at:end:end], Truncated: batch.Truncated[at:end:end]}
			at = end
		}
		close(r.done)
	}
}

// guarded keeps a panic of the embedder from ending the process: it runs in a
// goroutine of the lane, where no handler of the server would catch it.
func (l *lane) guarded(ctx context.Context, texts []string) (batch Batch, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: panic: %v", ErrEmbed, p)
		}
	}()
	return l.embed(ctx, texts)
}

// whileWanted is a context that lives as long as any of the callers waits.
func whileWanted(rides []*ride) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(rides[0].ctx))
	var mu sync.Mutex
	left := len(rides)
	stops := make([]func() bool, len(rides))
	for i, r := range rides {
		stops[i] = context.AfterFunc(r.ctx, func() {
			mu.Lock()
			defer mu.Unlock()
			if left--; left == 0 {
				cancel()
			}
		})
	}
	return ctx, func() {
		for _, stop := range stops {
			stop()
		}
		cancel()
	}
}
