package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// Engine decides on the current generation of a catalog. Build, Replace or Run
// put one in place; replacing it never disturbs the prompts that are under way.
// All methods are safe for concurrent use, except that Close comes last.
type Engine struct {
	config Config
	router *router.Router
	lost   chan struct{} // filled when the index has lost entries
	first  *routes.Catalog
	// embedder is filled when a replacement has brought another one.
	embedder chan struct{}

	catalog  atomic.Pointer[routes.Catalog] // written under building
	building sync.Mutex                     // one build at a time; protects the fields below
	replaced string                         // the fingerprint of the catalog that Replace took last
	earlier  []earlier                      // to which Rollback returns, the oldest first
	opened   *openEmbedder                  // nil until an embedder could be opened
	current  *Assembly                      // nil until a generation is in place
	untrain  func()                         // ends the training beside; nil where there was none
	training sync.WaitGroup                 // beside
	retiring sync.WaitGroup
	retired  chan struct{} // closed when all that were replaced are gone; nil before the first
	order    atomic.Pointer[modelOrder]
	searched atomic.Pointer[string] // the collection on a shared server
	running  sync.WaitGroup         // Run, where Open has started it
	stop     context.CancelFunc     // ends it; nil where Open has not

	mu      sync.Mutex // protects the fields below
	status  Status
	changed chan struct{} // closed when the status changes
}

// New makes an engine for a catalog. It answers router.ErrNotReady until a
// generation is in place.
func New(catalog *routes.Catalog, c Config) *Engine {
	e := &Engine{
		config: c, router: router.New(router.Config{}), first: catalog, replaced: catalog.Fingerprint(),
		lost: make(chan struct{}, 1), embedder: make(chan struct{}, 1), changed: make(chan struct{}),
	}
	e.catalog.Store(catalog)
	e.config.extras = &extras{}
	e.config.Progress = e.progress(c.Progress)
	e.config.onLost = func() {
		select {
		case e.lost <- struct{}{}:
		default: // it is known already
		}
	}
	return e
}

// Decide decides one prompt. Its models are those that a call would be made to,
// in order. It fails as router.Router's Decide does.
func (e *Engine) Decide(ctx context.Context, p router.Prompt, limits router.Limits) (router.Decision, error) {
	d, err := e.router.Decide(ctx, p, limits)
	if err == nil {
		e.orderModels(&d, &p)
	}
	return d, err
}

// DecideBatch decides all prompts on one generation, or none.
func (e *Engine) DecideBatch(ctx context.Context, prompts []router.Prompt, limits router.Limits) ([]router.Decision, error) {
	decisions, err := e.router.DecideBatch(ctx, prompts, limits)
	for i := range decisions {
		e.orderModels(&decisions[i], &prompts[i])
	}
	return decisions, err
}

// Catalog is the catalog that the next build takes.
func (e *Engine) Catalog() *routes.Catalog {
	return e.catalog.Load()
}

// Build builds a generation of the catalog and puts it in place. When it fails
// the one before goes on.
func (e *Engine) Build(ctx context.Context) error {
	return e.locked(ctx, func(ctx context.Context) error {
		built, err := e.make(ctx, e.Catalog(), e.config)
		if err != nil {
			return err
		}
		return e.put(ctx, built, nil, false)
	})
}

// locked is one attempt to put another generation in place; Status says how it
// went.
func (e *Engine) locked(ctx context.Context, attempt func(context.Context) error) error {
	e.building.Lock()
	defer e.building.Unlock()
	err := e.alone(ctx, attempt)
	if err != nil && e.current != nil && e.untrain == nil {
		e.train(e.current) // the attempt has ended its training
	}
	e.change(func(s *Status) {
		if s.Building = (Work{}); err != nil {
			s.Err = err
			s.Failures++
		}
	})
	return err
}

// make builds a generation of a catalog, under the lock.
func (e *Engine) make(ctx context.Context, catalog *routes.Catalog, c Config) (*Assembly, error) {
	e.stopTraining()
	if err := e.settled(ctx); err != nil {
		return nil, err
	}
	if err := e.reopen(ctx); err != nil {
		return nil, err
	}
	c.before = e.beginning()
	return BuildWith(ctx, catalog, c, e.opened)
}

// reopen opens the embedder where there is none, or its model has become another;
// what was made of that one is let go.
func (e *Engine) reopen(ctx context.Context) error {
	if e.opened != nil && !e.opened.isChanged() {
		return nil
	}
	opened, err := open(ctx, e.config)
	if err != nil {
		return err
	}
	e.opened.close()
	e.opened = opened
	e.forgetComplete()
	return nil
}

// put puts what was built in place, under the lock, or discards it.
func (e *Engine) put(ctx context.Context, built *Assembly, commit func(context.Context) error, keep bool) error {
	if err := e.place(ctx, built, commit, keep); err != nil {
		return errors.Join(err, e.discard(ctx, built))
	}
	e.config.Log.Info().Str("fingerprint", built.Generation.Fingerprint()).Int("routes", len(built.Generation.Catalog().Routes)).
		Int("utterances", built.Synced.Utterances).Int("embedded", built.Synced.Embedded).Int("untrained", built.untrained()).
		Int64("took_ms", time.Since(built.begun).Milliseconds()).Msg("serving")
	return nil
}

// place puts a generation in place, under the lock. The one before is kept for a
// return to it, or freed. When it fails nothing changes.
func (e *Engine) place(ctx context.Context, next *Assembly, commit func(context.Context) error, keep bool) error {
	old, before := e.current, e.Catalog()
	if err := e.install(ctx, next, commit); err != nil {
		return err
	}
	kept := keep && e.keepEarlier(before, old)
	e.retire(old, next, kept)
	e.train(next)
	return nil
}

// settled waits until nothing is removed from a shared index any more for the
// sake of the generation in place: another one may want it.
func (e *Engine) settled(ctx context.Context) error {
	if e.retired == nil || e.config.Index.Kind == Memory {
		return nil
	}
	select {
	case <-e.retired:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// discard frees a generation that is not to be put in place. From an index that
// the one in place searches too, it removes what was added.
func (e *Engine) discard(ctx context.Context, built *Assembly) (err error) {
	if e.config.Prune && e.config.Index.Kind != Memory {
		err = built.withdraw(ctx)
	}
	return errors.Join(err, built.Close())
}

// install swaps a generation in, under the lock. When what it needs cannot be made
// ready, or commit says no, nothing changes.
func (e *Engine) install(ctx context.Context, built *Assembly, commit func(context.Context) error) error {
	if e.config.BeforeSwap != nil {
		if err := e.config.BeforeSwap(ctx, built.Generation); err != nil {
			return err
		}
	}
	if commit != nil {
		if err := commit(ctx); err != nil {
			return err
		}
	}
	e.order.Store(&modelOrder{fingerprint: built.Generation.Fingerprint(), order: built.order, before: e.order.Load().alone()})
	e.router.Swap(built.Generation)
	built.placed = append(built.placed, built.Generation)
	e.current = built
	e.noteCollection(built)
	status := e.Status()
	status.State, status.Err, status.Building = Serving, nil, Work{}
	status.Fingerprint, status.Untrained = built.Generation.Fingerprint(), built.untrained()
	status.Routes, status.Utterances = len(built.Generation.Catalog().Routes), built.Synced.Utterances
	status.LeftOut = len(built.Synced.Failed)
	status.Languages = strings.Join(slices.Sorted(maps.Keys(built.semantic.speaks)), " ")
	status.Swaps++
	if built.Generation.StandIn() != "" {
		status.State = Degraded
	}
	e.report(status)
	return nil
}

// Close keeps what is to be kept and frees the rest. No call may be in flight,
// and none may come after it.
func (e *Engine) Close() error {
	if e.stop != nil {
		e.stop()
		e.running.Wait()
	}
	e.building.Lock()
	e.stopTraining()
	e.building.Unlock()
	e.training.Wait()
	e.building.Lock()
	defer e.building.Unlock()
	e.opened.save()
	e.opened.close()
	e.forgetComplete()
	e.retiring.Wait()
	if e.current == nil {
		return nil
	}
	if err := e.current.Close(); err != nil {
		return fmt.Errorf("closing the engine: %w", err)
	}
	e.current = nil
	return nil
}
