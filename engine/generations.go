package engine

import (
	"context"
	"runtime/debug"
	"slices"
	"time"

	"github.com/semroute/semroute/routes"
)

// maxComplete is how many utterances the earlier generations that are kept
// complete may have together; of what goes beyond, the catalog alone is kept.
const maxComplete = 200_000

// pruneTimeout bounds the removal of what left the catalog.
const pruneTimeout = 5 * time.Minute

// earlier is a state to which Rollback returns.
type earlier struct {
	catalog *routes.Catalog
	// built is ready to be put in place; nil where it has to be built again.
	built *Assembly
}

// keepEarlier keeps what was replaced, under the lock, and says whether it stays
// complete. The oldest goes where there are too many.
func (e *Engine) keepEarlier(catalog *routes.Catalog, built *Assembly) bool {
	keep := e.config.keep()
	complete := keep > 0 && built != nil && built.Generation.StandIn() == "" && e.config.Index.Kind == Memory
	if complete {
		room := maxComplete - built.Synced.Utterances
		for i := len(e.earlier) - 1; i >= 0; i-- { // the older ones give way
			if other := e.earlier[i].built; other != nil {
				if room -= other.Synced.Utterances; room < 0 {
					e.earlier[i].built = nil
					e.free(other)
				}
			}
		}
		complete = built.Synced.Utterances <= maxComplete
	}
	last := earlier{catalog: catalog}
	if complete {
		last.built = built
	}
	e.earlier = append(e.earlier, last)
	for len(e.earlier) > keep {
		e.free(e.earlier[0].built)
		e.earlier = slices.Delete(e.earlier, 0, 1)
	}
	return complete
}

// takeEarlier takes the complete state of a catalog out of those that are kept;
// nil where there is none that is as good as a new one.
func (e *Engine) takeEarlier(fingerprint string) *Assembly {
	for i := len(e.earlier) - 1; i >= 0; i-- {
		if k := e.earlier[i]; k.built != nil && len(k.built.Synced.Failed) == 0 && k.catalog.Fingerprint() == fingerprint {
			e.earlier = slices.Delete(e.earlier, i, i+1)
			return k.built
		}
	}
	return nil
}

// forgetComplete keeps the catalogs alone.
func (e *Engine) forgetComplete() {
	for i := range e.earlier {
		e.free(e.earlier[i].built)
		e.earlier[i].built = nil
	}
}

// free closes an assembly that is out of place for good, when the last prompt has
// left it; nil is nothing.
func (e *Engine) free(a *Assembly) {
	if a == nil {
		return
	}
	e.retiring.Go(func() {
		a.awaitDrained()
		if err := a.Close(); err != nil {
			e.config.Log.Warn().Err(err).Msg("closing an earlier generation")
		}
	})
}

// retire ends what a generation, nil at first, leaves behind: it is closed, unless
// it is kept, and what only it wanted is removed from the index. Searches leave
// stale utterances out, so one that could not be removed waits for the next time.
func (e *Engine) retire(old, built *Assembly, kept bool) {
	before, done := e.retired, make(chan struct{})
	e.retired = done
	e.retiring.Go(func() {
		defer close(done)
		if old != nil {
			old.awaitDrained()
			if !kept {
				if err := old.Close(); err != nil {
					e.config.Log.Warn().Err(err).Msg("closing the generation before")
				}
			}
		}
		if e.config.Prune {
			ctx, cancel := context.WithTimeout(context.Background(), pruneTimeout)
			defer cancel()
			if err := built.Prune(ctx); err != nil {
				e.config.Log.Warn().Err(err).Msg("pruning the index")
			}
		}
		if before != nil {
			<-before
		}
		debug.FreeOSMemory() // what building took and serving does not need
	})
}
