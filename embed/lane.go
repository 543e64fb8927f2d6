package embed

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// gatherShare is the part of a call's time that the next may wait for company.
// Eight callers that ask again as soon as they are answered got a tenth more
// through with it, and more callers as much as without; twice and four times
// the window gained nothing.
const gatherShare = 32

// lane is a queue with at most one call under way.
type lane struct {
	embedder Embedder
	complete chan struct{} // told when as many wait as are awaited

	mu      sync.Mutex // protects the fields below
	busy    bool
	waiting []*ride
	awaited int // so many make the next call worth starting; 0 while nobody gathers
}

func newLane(e Embedder) *lane { return &lane{embedder: e, complete: make(chan struct{}, 1)} }

// ride is one caller's texts.
type ride struct {
	ctx   context.Context //nolint:containedctx // a ride is the caller's call, waiting
	texts []string
	done  chan struct{}
	batch Batch
	err   error
}

func (l *lane) join(ctx context.Context, texts []string) (Batch, error) {
	l.mu.Lock()
	if !l.busy {
		l.busy = true
		l.mu.Unlock()
		defer l.handOver()
		return l.embed(ctx, texts)
	}
	r := &ride{ctx: ctx, texts: texts, done: make(chan struct{})}
	l.waiting = append(l.waiting, r)
	if len(l.waiting) == l.awaited {
		select {
		case l.complete <- struct{}{}:
		default:
		}
	}
	l.mu.Unlock()
	select {
	case <-r.done:
		return r.batch, r.err
	case <-ctx.Done():
		return Batch{}, ctx.Err()
	}
}

// handOver ends a call that its caller made itself: whoever waits is called
// for by a goroutine of the lane.
func (l *lane) handOver() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) > 0 {
		go l.run()
	} else {
		l.busy = false
	}
}

// run makes calls until nobody waits.
func (l *lane) run() {
	for {
		rides := l.next()
		if len(rides) == 0 {
			return
		}
		start := time.Now()
		l.call(rides)
		l.gather(len(rides), time.Since(start)/gatherShare)
	}
}

// gather waits until as many are there again as shared the last call, and no
// longer than the window. One caller alone shares with nobody and never waits.
func (l *lane) gather(crowd int, window time.Duration) {
	l.mu.Lock()
	if crowd < 2 || len(l.waiting) >= crowd {
		l.mu.Unlock()
		return
	}
	l.awaited = crowd
	l.mu.Unlock()
	timer := time.NewTimer(window)
	defer timer.Stop()
	select {
	case <-l.complete:
	case <-timer.C:
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.awaited = 0
	select {
	case <-l.complete: // told just as the window closed
	default:
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
	batch, err := l.embed(ctx, texts)
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

// embed checks what comes back. It keeps a panic of the embedder from ending
// the process: in a goroutine of the lane no handler of the server would catch
// it.
func (l *lane) embed(ctx context.Context, texts []string) (batch Batch, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: panic: %v", ErrEmbed, p)
		}
	}()
	batch, err = l.embedder.EmbedQueries(ctx, texts)
	if err == nil && (len(batch.Vectors) != len(texts) || len(batch.Truncated) != len(texts)) {
		return Batch{}, fmt.Errorf("%w: %d vectors and %d marks of truncation for %d texts", ErrEmbed, len(batch.Vectors), len(batch.Truncated), len(texts))
	}
	return batch, err
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
