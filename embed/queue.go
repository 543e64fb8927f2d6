package embed

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// lingerShare is the part of a call's time that the next may linger for company.
// Eight callers that ask again as soon as they are answered got a tenth more
// through with it, and more callers as much as without; twice and four times
// the window gained nothing.
const lingerShare = 32

// queue batches texts: while one call is under way, those that arrive wait and
// share the next.
type queue struct {
	embedder Embedder
	complete chan struct{} // told when as many wait as are awaited

	mu      sync.Mutex // protects the fields below
	busy    bool
	waiting []*request
	awaited int // so many make the next call worth starting; 0 while nobody lingers
}

func newQueue(e Embedder) *queue { return &queue{embedder: e, complete: make(chan struct{}, 1)} }

// request is one caller's texts, waiting.
type request struct {
	ctx   context.Context //nolint:containedctx // it is the caller's call, waiting
	texts []string
	done  chan struct{}
	batch Batch
	err   error
}

func (q *queue) submit(ctx context.Context, texts []string) (Batch, error) {
	q.mu.Lock()
	if !q.busy {
		q.busy = true
		q.mu.Unlock()
		defer q.handOver()
		return q.embed(ctx, texts)
	}
	r := &request{ctx: ctx, texts: texts, done: make(chan struct{})}
	q.waiting = append(q.waiting, r)
	if len(q.waiting) == q.awaited {
		select {
		case q.complete <- struct{}{}:
		default:
		}
	}
	q.mu.Unlock()
	select {
	case <-r.done:
		return r.batch, r.err
	case <-ctx.Done():
		return Batch{}, ctx.Err()
	}
}

// handOver ends a call that its caller made itself: whoever waits is called
// for by a goroutine of the queue.
func (q *queue) handOver() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) > 0 {
		go q.run()
	} else {
		q.busy = false
	}
}

// run makes calls until nobody waits.
func (q *queue) run() {
	for {
		requests := q.next()
		if len(requests) == 0 {
			return
		}
		start := time.Now()
		q.call(requests)
		q.linger(len(requests), time.Since(start)/lingerShare)
	}
}

// linger waits until as many are there again as shared the last call, and no
// longer than the window. One caller alone shares with nobody and never waits.
func (q *queue) linger(crowd int, window time.Duration) {
	q.mu.Lock()
	if crowd < 2 || len(q.waiting) >= crowd {
		q.mu.Unlock()
		return
	}
	q.awaited = crowd
	q.mu.Unlock()
	timer := time.NewTimer(window)
	defer timer.Stop()
	select {
	case <-q.complete:
	case <-timer.C:
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.awaited = 0
	select {
	case <-q.complete: // told just as the window closed
	default:
	}
}

// next takes the requests of the next call: those still wanted, in order, as many
// as fit. Without any the queue is idle again.
func (q *queue) next() []*request {
	q.mu.Lock()
	defer q.mu.Unlock()
	var requests []*request
	size, taken := 0, 0
	for _, r := range q.waiting {
		if len(requests) > 0 && size+len(r.texts) > maxShared {
			break
		}
		taken++
		if r.ctx.Err() != nil {
			continue // its caller has left already
		}
		requests = append(requests, r)
		size += len(r.texts)
	}
	q.waiting = q.waiting[taken:]
	if len(requests) == 0 {
		q.busy, q.waiting = false, nil
	}
	return requests
}

// call embeds the requests' texts in one call and deals out the result.
func (q *queue) call(requests []*request) {
	var texts []string
	for _, r := range requests {
		texts = append(texts, r.texts...)
	}
	ctx, cancel := whileWanted(requests)
	defer cancel()
	batch, err := q.embed(ctx, texts)
	some := textsFailed(err)
	at := 0
	for _, r := range requests {
		end := at + len(r.texts)
		switch {
		case err == nil || some != nil:
			r.batch = Batch{Vectors: batch.Vectors[at:end:end], Truncated: batch.Truncated[at:end:end]}
			r.err = some.Within(at, end)
		default:
			r.err = err
		}
		at = end
		close(r.done)
	}
}

// embed checks what comes back. It keeps a panic of the embedder from ending
// the process: in a goroutine of the queue no handler of the server would catch
// it.
func (q *queue) embed(ctx context.Context, texts []string) (batch Batch, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: panic: %v", ErrEmbed, p)
		}
	}()
	batch, err = q.embedder.EmbedQueries(ctx, texts)
	if err == nil && (len(batch.Vectors) != len(texts) || len(batch.Truncated) != len(texts)) {
		return Batch{}, fmt.Errorf("%w: %d vectors and %d marks of truncation for %d texts", ErrEmbed, len(batch.Vectors), len(batch.Truncated), len(texts))
	}
	return batch, err
}

// whileWanted is a context that lives as long as any of the callers waits.
func whileWanted(requests []*request) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(requests[0].ctx))
	var mu sync.Mutex
	left := len(requests)
	stops := make([]func() bool, len(requests))
	for i, r := range requests {
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
