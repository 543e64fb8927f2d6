package engine

import (
	"context"
	"errors"
	"time"

	"github.com/semroute/semroute/routes"
)

// Change says that a catalog may have become another one.
type Change struct {
	// Cause is for the log.
	Cause string
	// Always builds a generation even where the catalog is as it was.
	Always bool
}

// Follow loads the catalog after every change and replaces the one in place where
// it has become another, until ctx ends. What cannot be loaded, built or is
// refused changes nothing: the log and Status say why, and the next change is
// taken as any other. Where waiting may help it is tried again, after growing
// pauses. What is taken is told, and why, as Replacement's Commit is; taken nil
// tells nobody.
func (e *Engine) Follow(ctx context.Context, changes <-chan Change, load func() (*routes.Catalog, error), taken func(*routes.Catalog, string)) {
	f := &follower{engine: e, load: load, told: taken}
	again := time.NewTimer(longPause)
	again.Stop()
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case change := <-changes:
			change.Always = change.Always || f.owed.Always
			f.owed, f.pause, f.logged = change, firstPause, ""
		case <-again.C:
		}
		err := f.take(ctx)
		again.Stop()
		if f.failed = err != nil; !f.failed {
			f.owed = Change{}
		} else if pause := f.pauseAfter(err); pause > 0 {
			again.Reset(pause)
		}
	}
}

// follower is the state of one Follow.
type follower struct {
	engine *Engine
	load   func() (*routes.Catalog, error)
	owed   Change // is not taken yet
	failed bool   // the last attempt
	logged string // the failure that the log has
	told   func(*routes.Catalog, string)
	pause  time.Duration
}

// errLoad says that a catalog could not be loaded.
var errLoad = errors.New("the catalog cannot be loaded")

// take loads the catalog and puts it in place, unless it is as it was.
func (f *follower) take(ctx context.Context) error {
	e := f.engine
	catalog, err := f.load()
	if err != nil {
		err = errors.Join(errLoad, err)
		e.change(func(s *Status) {
			s.Err = err
			s.Failures++
		})
		f.tell(ctx, err)
		return err
	}
	if catalog.Fingerprint() == e.taken() && !f.owed.Always {
		if f.failed {
			e.change(func(s *Status) {
				if s.State.Ready() {
					s.Err = nil
				}
			})
			e.config.Log.Info().Msg("the catalog is again as the one in place")
		}
		return nil
	}
	e.config.Log.Info().Str("cause", f.owed.Cause).Msg("taking the changed catalog")
	err = e.ReplaceBy(ctx, Replacement{Catalog: catalog, Commit: func(context.Context) error {
		if f.told != nil {
			f.told(catalog, f.owed.Cause)
		}
		return nil
	}})
	if err != nil {
		f.tell(ctx, err)
		return err
	}
	for _, warning := range catalog.Warnings {
		e.config.Log.Warn().Msg(warning.String())
	}
	return nil
}

// tell logs a failure with every problem, once for each change.
func (f *follower) tell(ctx context.Context, err error) {
	if ctx.Err() != nil || err.Error() == f.logged {
		return
	}
	f.logged = err.Error()
	line := f.engine.config.Log.Error().Str("cause", f.owed.Cause)
	var problems routes.Problems
	if errors.As(err, &problems) {
		list := make([]string, len(problems))
		for i, p := range problems {
			list[i] = p.String()
		}
		line = line.Strs("problems", list)
	} else {
		line = line.Err(err)
	}
	line.Msg("the changed catalog is not taken; the one before goes on")
}

// pauseAfter is how long to wait before the next attempt; 0 where only another
// change can help.
func (f *follower) pauseAfter(err error) time.Duration {
	switch {
	case errors.Is(err, errLoad): // a file that comes later may lie in a folder that nobody watches
		return longPause
	case MayPass(err):
		pause := f.pause
		f.pause = min(2*f.pause, longPause)
		return pause
	}
	return 0
}
