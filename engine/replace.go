package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

var (
	// ErrNothingEarlier: there is no catalog before the one in place.
	ErrNothingEarlier = errors.New("there is no earlier catalog to return to")
	// ErrRefused: the check of the configuration refuses a generation.
	ErrRefused = errors.New("the new generation is refused")
)

// Replacement is a catalog that is to take the place of another one.
type Replacement struct {
	Catalog *routes.Catalog
	// Back is a return to what was: what Follow reads stays known as taken, so
	// that it is not taken again before it changes.
	Back bool
	// Embedder is the one by which the generation is built, and all that come
	// later; nil leaves the one that there is. A rollback returns to the catalog
	// before, not to the embedder.
	Embedder *EmbedderConfig
	// Commit is called once nothing else can keep the generation out, right
	// before it is put in place; its error does. It must not call the engine. nil
	// does nothing.
	Commit func(context.Context) error
}

// Replace is ReplaceBy of a catalog alone.
func (e *Engine) Replace(ctx context.Context, catalog *routes.Catalog) error {
	return e.ReplaceBy(ctx, Replacement{Catalog: catalog})
}

// ReplaceBy builds a generation of another catalog and puts it in place, once the
// check of the configuration agrees. One that is kept complete is put in place
// as it is. When it fails nothing changes: the one before goes on, with its
// catalog.
func (e *Engine) ReplaceBy(ctx context.Context, r Replacement) error {
	if r.Embedder != nil {
		return e.replaceEmbedder(ctx, r)
	}
	return e.locked(ctx, func(ctx context.Context) error {
		fingerprint := r.Catalog.Fingerprint()
		other := fingerprint != e.Catalog().Fingerprint()
		back, err := e.putEarlier(ctx, r, other)
		if err != nil {
			return err
		}
		if !back {
			if err := e.build(ctx, r, other); err != nil {
				return err
			}
		}
		e.catalog.Store(r.Catalog)
		if !r.Back {
			e.replaced = fingerprint
		}
		return nil
	})
}

// build is ReplaceBy where a generation has to be built.
func (e *Engine) build(ctx context.Context, r Replacement, other bool) error {
	built, err := e.make(ctx, r.Catalog, e.config)
	if err != nil {
		return err
	}
	if e.config.Check != nil {
		e.working("checking", 0, 0)
		if err := e.config.Check(ctx, built); err != nil {
			return errors.Join(fmt.Errorf("%w: %w", ErrRefused, err), e.discard(ctx, built))
		}
	}
	return e.put(ctx, built, r.Commit, other)
}

// putEarlier puts a state in place that is kept complete; false where none is of
// the catalog.
func (e *Engine) putEarlier(ctx context.Context, r Replacement, other bool) (bool, error) {
	if !other || e.current == nil {
		return false, nil
	}
	if err := e.reopen(ctx); err != nil {
		return false, err
	}
	was := append([]earlier(nil), e.earlier...)
	kept := e.takeEarlier(r.Catalog.Fingerprint())
	if kept == nil {
		return false, nil
	}
	if err := e.placeAgain(ctx, kept, r.Catalog, r.Commit, true); err != nil {
		e.earlier = was
		return false, err
	}
	return true, nil
}

// placeAgain places what is kept complete, with a catalog of the same fingerprint.
func (e *Engine) placeAgain(ctx context.Context, kept *Assembly, catalog *routes.Catalog, commit func(context.Context) error, keep bool) error {
	again, err := kept.again(catalog)
	if err != nil {
		return err
	}
	e.stopTraining()
	if err := e.place(ctx, again, commit, keep); err != nil {
		return err
	}
	e.config.Log.Info().Str("fingerprint", again.Generation.Fingerprint()).Msg("serving an earlier generation again")
	return nil
}

// Rollback returns to the catalog before the last Replace, and so on with every
// further call. As a rule its generation is kept complete and is put in place at
// once; otherwise it is built again, as Config.Keep says. It fails with
// ErrNothingEarlier, or as Build does; then nothing changes.
func (e *Engine) Rollback(ctx context.Context) error {
	return e.locked(ctx, func(ctx context.Context) error {
		if err := e.reopen(ctx); err != nil {
			return err
		}
		last := len(e.earlier) - 1
		if last < 0 {
			return ErrNothingEarlier
		}
		to := e.earlier[last]
		if err := e.putBack(ctx, to); err != nil {
			return err
		}
		e.catalog.Store(to.catalog)
		e.earlier = e.earlier[:last]
		return nil
	})
}

func (e *Engine) putBack(ctx context.Context, to earlier) error {
	if to.built == nil {
		built, err := e.make(ctx, to.catalog, e.config)
		if err != nil {
			return err
		}
		return e.put(ctx, built, nil, false)
	}
	return e.placeAgain(ctx, to.built, to.catalog, nil, false)
}

// taken is the fingerprint of the catalog that was replaced by last, which
// Rollback leaves as it is.
func (e *Engine) taken() string {
	e.building.Lock()
	defer e.building.Unlock()
	return e.replaced
}

// defaultKeep is how many earlier catalogs are kept.
const defaultKeep = 2

func (c *Config) keep() int {
	if c.Keep == 0 {
		return defaultKeep
	}
	return max(0, c.Keep)
}

// Decider decides on the assembly's generation alone, whether or not it is in
// place.
func (a *Assembly) Decider() (*router.Router, error) {
	twin, err := router.NewGeneration(a.parts) // a generation can be put in place once only
	if err != nil {
		return nil, err
	}
	r := router.New(router.Config{})
	r.Swap(twin)
	return r, nil
}
