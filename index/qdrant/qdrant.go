// Package qdrant is the index in a Qdrant server, for catalogs that outgrow
// one process or are shared by several.
//
// An embedder and dimension have one collection, named by their fingerprint,
// and its points have ids made of route and utterance. So vectors of two
// embedders never meet, and a restart finds what it wrote before. An alias
// with the plain prefix as name points to the collection in service, and moves
// in one step once a new one is complete; until then the new one is not
// searched.
//
// Qdrant has no snapshots: a search scores one part of a collection after the
// other and reads payloads last, while others write. So a point is written
// once, never overwritten, and removed in two steps, and each Index knows by
// their ids which points are its own: it asks for ids and scores, drops what it
// does not hold, and moves from one state to the next by swapping the list of
// its ids. Searches therefore see whole states of the Index they are asked of,
// whatever other processes write or remove.
//
// Removing lists the point in a small collection beside, named with the suffix
// "_removed", which an Index reads when it is opened. The point itself is
// deleted an hour later. An Index that still holds a point on that list says so
// every five minutes and thereby keeps it, so a replica that serves a former
// catalog goes on finding all of it for as long as it runs. Clocks of replicas
// may be half an hour apart.
//
// It leaves to Qdrant how exact a search is (see Config.EF), and to who knows
// all replicas when the collections of former embedders go: see Prune.
package qdrant

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/semroute/semroute/index"
)

// Index is one embedder's index in a Qdrant server; it is safe for concurrent
// use. It holds what was there when it was opened and what it wrote itself.
// Writers of several processes may write at once: what they add is added once.
type Index struct {
	config     Config
	collection string
	server     *connections

	state   atomic.Pointer[state]
	lost    atomic.Bool // points that it holds are gone from the server
	writing sync.Mutex  // held by the one writer
	leftOut leftOut     // the writer's

	stop    context.CancelFunc // ends the upkeep
	stopped chan struct{}      // closed when that has ended
}

var (
	_ index.Index     = (*Index)(nil)
	_ index.KeyLister = (*Index)(nil)
	_ index.Narrower  = (*Index)(nil)
)

// Open connects and reads which entries the server holds for this embedder; it
// changes nothing there. It reports ErrUnreachable when nobody answers.
func Open(ctx context.Context, config Config) (*Index, error) {
	config, err := config.complete()
	if err != nil {
		return nil, err
	}
	server, err := connect(config)
	if err != nil {
		return nil, err
	}
	x := &Index{config: config, collection: collectionName(config), server: server}
	held, twins, err := x.load(ctx)
	if err != nil {
		_ = server.close() // the first error counts
		return nil, err
	}
	x.state.Store(held)
	x.leftOut = twins
	upkeep, stop := context.WithCancel(context.WithoutCancel(ctx))
	x.stop, x.stopped = stop, make(chan struct{})
	go x.keepUp(upkeep)
	return x, nil
}

// Dimension is the length of every vector.
func (x *Index) Dimension() int { return x.config.Dimension }

// Collection is the name of this embedder's collection.
func (x *Index) Collection() string { return x.collection }

// Close implements index.Index. The server keeps everything.
func (x *Index) Close() error {
	x.stop()
	err := x.server.close()
	<-x.stopped
	return err
}

// usable is the error of a call that can do nothing.
func (x *Index) usable(ctx context.Context) error {
	if x.server.closed.Load() {
		return index.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("qdrant index: %w", err)
	}
	return nil
}

// errLost is ErrLost with what is known of it.
func (x *Index) errLost(what string) error {
	return fmt.Errorf("%w: %w: collection %s at %s: %s", index.ErrUnavailable, index.ErrLost, x.collection, x.config.Address, what)
}
