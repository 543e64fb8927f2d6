package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
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

	building sync.Mutex // one build at a time; protects the fields below
	catalog  *routes.Catalog
	earlier  []*routes.Catalog // to which Rollback returns, the oldest first
	opened   *openEmbedder     // nil until an embedder could be opened
	current  *Assembly         // nil until a generation is in place
	retiring sync.WaitGroup
	retired  chan struct{} // closed when all that were replaced are gone; nil before the first
	order    atomic.Pointer[modelOrder]
	running  sync.WaitGroup     // Run, where Open has started it
	stop     context.CancelFunc // ends it; nil where Open has not

	mu     sync.Mutex // protects the fields below
	status Status
}

// New makes an engine for a catalog. It answers router.ErrNotReady until a
// generation is in place.
func New(catalog *routes.Catalog, c Config) *Engine {
	e := &Engine{config: c, router: router.New(router.Config{}), catalog: catalog, lost: make(chan struct{}, 1)}
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
	e.building.Lock()
	defer e.building.Unlock()
	return e.catalog
}

// Build builds a generation of the catalog and puts it in place. When it fails
// the one before goes on.
func (e *Engine) Build(ctx context.Context) error {
	e.building.Lock()
	defer e.building.Unlock()
	return e.build(ctx, e.catalog, nil)
}

// build is Build under the lock. A check, which may be nil, looks at the
// generation before it is put in place.
func (e *Engine) build(ctx context.Context, catalog *routes.Catalog, check func(context.Context, *Assembly) error) (err error) {
	start := time.Now()
	defer func() {
		if err != nil {
			e.change(func(s *Status) { s.Err = err })
		}
	}()
	if err := e.settled(ctx); err != nil {
		return err
	}
	if e.opened == nil || e.opened.isChanged() {
		opened, err := open(ctx, e.config)
		if err != nil {
			return err
		}
		e.opened.close()
		e.opened = opened
	}
	config := e.config
	if now := e.current; config.CacheDir == "" && config.Index.Kind == Memory && now != nil &&
		now.Embedder.Fingerprint() == e.opened.Fingerprint() {
		config.before = now.Index
	}
	built, err := BuildWith(ctx, catalog, config, e.opened)
	if err != nil {
		return err
	}
	if check != nil {
		err = check(ctx, built)
	}
	if err == nil {
		err = e.install(ctx, built)
	}
	if err != nil {
		return errors.Join(err, e.discard(ctx, built))
	}
	e.config.Log.Info().Str("fingerprint", built.Generation.Fingerprint()).Int("routes", len(catalog.Routes)).
		Int("utterances", built.Synced.Utterances).Int("embedded", built.Synced.Embedded).
		Int64("took_ms", time.Since(start).Milliseconds()).Msg("serving")
	debug.FreeOSMemory() // what building took and serving does not need
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

// install puts a generation in place; the one before is closed when the last
// prompt has left it. When what it needs cannot be made ready nothing changes.
func (e *Engine) install(ctx context.Context, built *Assembly) error {
	if e.config.BeforeSwap != nil {
		if err := e.config.BeforeSwap(ctx, built.Generation); err != nil {
			return err
		}
	}
	old := e.current
	e.order.Store(&modelOrder{fingerprint: built.Generation.Fingerprint(), order: built.order, before: e.order.Load().alone()})
	e.router.Swap(built.Generation)
	e.current = built
	before, done := e.retired, make(chan struct{})
	e.retired = done
	e.retiring.Go(func() {
		defer close(done)
		e.retire(old, built)
		if before != nil {
			<-before
		}
	})
	status := Status{
		State: Serving, Fingerprint: built.Generation.Fingerprint(),
		Routes: len(built.Generation.Catalog().Routes), Utterances: built.Synced.Utterances,
		LeftOut: len(built.Synced.Failed),
	}
	if built.Generation.StandIn() != "" {
		status.State = Degraded
	}
	e.report(status)
	return nil
}

// pruneTimeout bounds the removal of what left the catalog.
const pruneTimeout = 5 * time.Minute

// retire closes a generation that was replaced, nil at first, and removes from
// the index what only it wanted. Searches leave stale utterances out, so one that
// could not be removed waits for the next time.
func (e *Engine) retire(old, built *Assembly) {
	log := e.config.Log.With().Str("fingerprint", built.Generation.Fingerprint()).Logger()
	if old != nil {
		<-old.Generation.Drained()
		if err := old.Close(); err != nil {
			log.Warn().Err(err).Msg("closing the generation before")
		}
	}
	if !e.config.Prune {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), pruneTimeout)
	defer cancel()
	if err := built.Prune(ctx); err != nil {
		log.Warn().Err(err).Msg("pruning the index")
	}
}

// Close keeps what is to be kept and frees the rest. No call may be in flight,
// and none may come after it.
func (e *Engine) Close() error {
	if e.stop != nil {
		e.stop()
		e.running.Wait()
	}
	e.building.Lock()
	defer e.building.Unlock()
	e.opened.save()
	e.opened.close()
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
