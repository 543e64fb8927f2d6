package revision

import (
	"context"
	"time"

	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/routes"
)

// Pauses between attempts to take a revision that could not be taken.
const (
	firstPause = 500 * time.Millisecond
	longPause  = 30 * time.Second
)

// Taken notes what the engine, which follows files, takes of them; it is for
// engine.Engine's Follow.
func (s *Source) Taken(c *routes.Catalog, cause string) {
	next := s.noted(c, "", cause)
	s.now.Store(&next)
}

// Take serves the revision of a number, unless that, or a newer one, is in place.
// When it fails nothing has changed.
func (s *Source) Take(ctx context.Context, number int64) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.unlock()
	if number <= s.now.Load().Number {
		return nil
	}
	next, err := s.history.get(ctx, number)
	if err != nil {
		return err
	}
	_, err = s.serve(ctx, &next, engine.Replacement{Catalog: next.catalog})
	return err
}

// Reload reads the catalog again from where it comes from and builds a generation
// of it, also where it is as it was.
func (s *Source) Reload(ctx context.Context) (Applied, error) {
	if err := s.lock(ctx); err != nil {
		return Applied{}, err
	}
	defer s.unlock()
	if s.store != nil {
		head, err := s.head(ctx)
		if err != nil {
			return Applied{}, err
		}
		return s.serve(ctx, &head, engine.Replacement{Catalog: head.catalog})
	}
	catalog, err := s.load()
	if err != nil {
		return Applied{}, err
	}
	next := served{catalog: catalog}
	return s.serve(ctx, &next, engine.Replacement{Catalog: catalog, Commit: func(context.Context) error {
		if next = *s.now.Load(); next.Etag != etagOf(catalog) {
			next = s.noted(catalog, "", "reload")
		}
		next.catalog = catalog
		return nil
	}})
}

// Run takes the revisions that others add to the store, until ctx ends. What
// cannot be taken is tried again, after growing pauses, until there is a newer
// one. Where files win there is nothing to do.
func (s *Source) Run(ctx context.Context) {
	if s.store == nil {
		return
	}
	heads := make(chan int64, 1)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		s.store.WatchRevisions(ctx, func(head int64) {
			select {
			case <-heads: // the newest counts
			default:
			}
			heads <- head
		})
	}()
	s.takeAll(ctx, heads)
	<-watched
}

func (s *Source) takeAll(ctx context.Context, heads <-chan int64) {
	again := time.NewTimer(longPause)
	again.Stop()
	defer again.Stop()
	var head int64
	pause := firstPause
	for {
		select {
		case <-ctx.Done():
			return
		case head = <-heads:
			pause = firstPause
		case <-again.C:
		}
		again.Stop()
		err := s.Take(ctx, head)
		if err == nil || ctx.Err() != nil {
			continue
		}
		s.log.Error().Err(err).Int64("revision", head).Int64("again_in_ms", pause.Milliseconds()).
			Msg("the revision is not taken; the one before goes on")
		again.Reset(pause)
		pause = min(2*pause, longPause)
	}
}
