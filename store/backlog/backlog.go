// Package backlog is the queue of records that wait for a store: bounded in
// number and bytes, never waited for, and honest about what it loses.
package backlog

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/semroute/semroute/store"
)

// maxBatch bounds what is written at once.
const maxBatch = 4096

// Pauses between attempts while writing fails and records wait.
const (
	firstPause = 100 * time.Millisecond
	longPause  = 5 * time.Second
)

// Writer is what writes for a backlog. Its methods are called by one goroutine.
type Writer interface {
	// Write keeps all records or none. An error that is a *RefusedError is for
	// ever; any other may pass. An empty batch comes with every flush, for what
	// else is to be kept.
	Write(batch []*store.Record) error
	// Prune is called at the start and then every Config.PruneEvery.
	Prune() error
}

// RefusedError says that a batch will not be taken however often it is tried.
type RefusedError struct{ Err error }

func (e *RefusedError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *RefusedError) Unwrap() error { return e.Err }

// Backlog is such a queue. It is safe for concurrent use.
type Backlog struct {
	config  store.Config
	key     []byte // for hashes of prompts
	writer  Writer
	queue   chan *store.Record
	held    atomic.Int64 // bytes of what is queued or being written
	taken   atomic.Int64 // records out of the queue that are not written yet
	syncs   chan chan error
	stop    chan struct{}
	stopped chan struct{}

	// gate lets Close wait for those that are appending.
	gate   sync.RWMutex
	closed bool

	written, lost    atomic.Int64
	lastErr, failing atomic.Pointer[string]

	// For the goroutine that writes:
	batch []*store.Record
	pause time.Duration
	again time.Time // not before, after a failure
}

// Start begins to write. The key is that of the store, for hashes of prompts;
// the configuration has its defaults.
func Start(config store.Config, key []byte, w Writer) *Backlog {
	b := &Backlog{
		config: config, key: key, writer: w, queue: make(chan *store.Record, config.Queue),
		syncs: make(chan chan error), stop: make(chan struct{}), stopped: make(chan struct{}),
	}
	go b.run()
	return b
}

// Append implements store.Ledger. What may not be stored of a prompt is let go
// of here.
func (b *Backlog) Append(r store.Record) {
	r = r.Allowed(b.config.Prompts, b.key)
	b.gate.RLock()
	defer b.gate.RUnlock()
	if b.closed {
		b.lost.Add(1)
		return
	}
	size := r.Bytes()
	if b.held.Add(size) > b.config.QueueBytes {
		b.full(size)
		return
	}
	select {
	case b.queue <- &r:
	default:
		b.full(size)
	}
}

// full counts a record that finds no room.
func (b *Backlog) full(size int64) {
	waiting := b.held.Add(-size)
	b.lost.Add(1)
	err := fmt.Errorf("no room in the queue: %d records of %d bytes wait to be stored, at most %d of %d bytes may",
		len(b.queue)+int(b.taken.Load()), waiting, b.config.Queue, b.config.QueueBytes)
	if cause := b.failing.Load(); cause != nil {
		err = fmt.Errorf("%w: %s", err, *cause)
	}
	b.keepError(err)
}

// keepError keeps the reason of a loss or failure.
func (b *Backlog) keepError(err error) {
	text := err.Error()
	b.lastErr.Store(&text)
}

// Sync implements store.Ledger. While writing fails its error says so, and the
// records wait on.
func (b *Backlog) Sync(ctx context.Context) error {
	done := make(chan error, 1)
	select {
	case b.syncs <- done:
	case <-b.stopped:
		return store.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Stats implements store.Ledger.
func (b *Backlog) Stats() store.Stats {
	stats := store.Stats{
		Written: b.written.Load(), Lost: b.lost.Load(),
		Waiting: len(b.queue) + int(b.taken.Load()), WaitingBytes: b.held.Load(),
	}
	if text := b.lastErr.Load(); text != nil {
		stats.LastError = *text
	}
	if text := b.failing.Load(); text != nil {
		stats.Failing = *text
	}
	return stats
}

// Close writes what is queued, once more where that has failed, and says so
// when records were lost. It is for one call.
func (b *Backlog) Close() error {
	b.gate.Lock()
	b.closed = true
	b.gate.Unlock()
	close(b.stop)
	<-b.stopped
	if stats := b.Stats(); stats.Lost > 0 {
		return fmt.Errorf("%d records were lost: %s", stats.Lost, stats.LastError)
	}
	return nil
}

// run writes until the backlog is closed, then what is left.
func (b *Backlog) run() {
	defer close(b.stopped)
	flush, prune := time.NewTicker(b.config.FlushEvery), time.NewTicker(b.config.PruneEvery)
	defer flush.Stop()
	defer prune.Stop()
	b.prune()
	for {
		select {
		case now := <-flush.C:
			if now.After(b.again) {
				_ = b.drain()
			}
		case <-prune.C:
			b.prune()
		case done := <-b.syncs:
			done <- b.drain()
		case <-b.stop:
			if err := b.drain(); err != nil {
				b.giveUp(err)
			}
			return
		}
	}
}

func (b *Backlog) prune() {
	if err := b.writer.Prune(); err != nil {
		b.keepError(err)
	}
}

// drain writes what waited before, then what was queued when it began.
func (b *Backlog) drain() error {
	var refused []error
	for left := len(b.queue); ; {
		for ; left > 0 && len(b.batch) < maxBatch; left-- {
			b.batch = append(b.batch, <-b.queue)
			b.taken.Add(1)
		}
		done, err := b.write(b.batch)
		b.release(done)
		switch {
		case err != nil && !refusal(err), len(b.batch) > 0:
			return errors.Join(append(refused, b.wait(err))...)
		case err != nil:
			refused = append(refused, err)
		}
		b.recovered()
		if left == 0 {
			return errors.Join(refused...)
		}
	}
}

// write keeps a batch and says how many of its first records are done with,
// kept or lost. Of a batch that is refused, all records are kept that can be.
func (b *Backlog) write(batch []*store.Record) (done int, err error) {
	err = b.writer.Write(batch)
	switch {
	case err == nil:
		b.written.Add(int64(len(batch)))
		return len(batch), nil
	case len(batch) == 0 || !refusal(err):
		return 0, err
	case len(batch) == 1:
		b.lost.Add(1)
		b.keepError(err)
		return 1, err
	}
	half := len(batch) / 2
	first, one := b.write(batch[:half])
	if first < half {
		return first, one
	}
	second, two := b.write(batch[half:])
	return half + second, errors.Join(one, two)
}

func refusal(err error) bool {
	var never *RefusedError
	return errors.As(err, &never)
}

// wait keeps the batch for another attempt after a pause.
func (b *Backlog) wait(err error) error {
	text := err.Error()
	b.failing.Store(&text)
	b.lastErr.Store(&text)
	b.pause = min(max(2*b.pause, firstPause), longPause)
	b.again = time.Now().Add(b.pause)
	return err
}

func (b *Backlog) recovered() {
	b.failing.Store(nil)
	b.pause, b.again = 0, time.Time{}
}

// release frees the memory of the first records of the batch, which are done
// with.
func (b *Backlog) release(done int) {
	var size int64
	for _, r := range b.batch[:done] {
		size += r.Bytes()
	}
	b.held.Add(-size)
	b.taken.Add(-int64(done))
	rest := copy(b.batch, b.batch[done:])
	clear(b.batch[rest:])
	b.batch = b.batch[:rest]
}

// giveUp counts what waits as lost.
func (b *Backlog) giveUp(err error) {
	lost := len(b.batch) + len(b.queue)
	b.release(len(b.batch))
	for len(b.queue) > 0 {
		b.held.Add(-(<-b.queue).Bytes())
	}
	b.lost.Add(int64(lost))
	b.keepError(err)
}
