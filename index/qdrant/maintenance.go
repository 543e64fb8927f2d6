package qdrant

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// keepUp does the upkeep from time to time until ctx ends.
func (x *Index) keepUp(ctx context.Context) {
	defer close(x.stopped)
	ticker := time.NewTicker(stillHeld)
	defer ticker.Stop()
	last := x.config.now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			// A server that fails now is asked again next time; searches say so.
			if x.upkeep(ctx, x.config.now().Sub(last)) == nil {
				last = x.config.now()
			}
		}
	}
}

// upkeep says which removed points this index still holds, deletes those that
// nobody does, and finds out whether all that it holds is still there. The last
// one that succeeded was this long ago.
func (x *Index) upkeep(ctx context.Context, ago time.Duration) error {
	held := x.state.Load()
	removed, err := x.removed(ctx)
	if err != nil {
		return err
	}
	var mine []uuid.UUID
	doubt := ago >= grace || x.lost.Load() // others may have deleted what this index holds
	for id, r := range removed {
		if held.has(id) {
			mine = append(mine, id)
			doubt = doubt || r.swept
		}
	}
	lost, err := x.lacks(ctx, held, doubt)
	if err != nil {
		return err
	}
	if held == x.state.Load() { // a write since has looked itself
		x.lost.Store(lost && held.complete)
	}
	if !lost {
		if err := x.markRemoved(ctx, mine); err != nil {
			return err
		}
	}
	return x.sweep(ctx, held, removed)
}

// lacks tells whether points of the state are gone from the server: in doubt it
// looks for each, otherwise it is enough that there are as many.
func (x *Index) lacks(ctx context.Context, held *state, doubt bool) (bool, error) {
	if len(held.ids) == 0 {
		return false, nil
	}
	if doubt {
		missing, err := x.missing(ctx, held.ids)
		return missing > 0, err
	}
	n, err := x.count(ctx, nil)
	return err == nil && n < len(held.ids), err
}
