// Package replica keeps the processes that share a store and an index out of
// each other's way: one builds at a time, each says what it searches, and what
// nobody searches any more is deleted.
package replica

import (
	"context"
	"errors"
	"time"

	"github.com/rs/zerolog"

	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/store"
)

const (
	// defaultEvery is how often a replica says that it is alive.
	defaultEvery = 5 * time.Second
	// defaultSweep is how often one looks for what nobody searches, defaultSilent
	// after how long without a word a replica counts as gone. It is as long as a
	// Qdrant index keeps what was removed, so that one that cannot reach the store
	// for a while goes on.
	defaultSweep  = 10 * time.Minute
	defaultSilent = time.Hour
	// leaveWithin bounds the last word.
	leaveWithin = 2 * time.Second
	// lockName is what who builds or sweeps holds.
	lockName = "build"
)

// Store is what replicas agree by.
type Store interface {
	store.Locks
	store.Heartbeats
}

// Engine is what a replica says and does; *engine.Engine is one.
type Engine interface {
	StatusChange() (engine.Status, <-chan struct{})
	Collection() string
	Sweep(ctx context.Context, searched func(context.Context) ([]string, error)) ([]string, error)
}

// Config says how replicas behave; a field that is 0 has its default.
type Config struct {
	// Name is this replica's own; no two that run have the same.
	Name string
	// Revision is the number of the catalog in place; nil where it has none.
	Revision func() int64
	// Every (5 s) is how often it says that it is alive, SweepEvery (10 min) how
	// often it sweeps, and Silent (1 h) how long others count that say nothing.
	Every, SweepEvery, Silent time.Duration
	Log                       zerolog.Logger
}

func (c Config) withDefaults() Config {
	for _, d := range []struct {
		value *time.Duration
		usual time.Duration
	}{{&c.Every, defaultEvery}, {&c.SweepEvery, defaultSweep}, {&c.Silent, defaultSilent}} {
		if *d.value <= 0 {
			*d.value = d.usual
		}
	}
	if c.Revision == nil {
		c.Revision = func() int64 { return 0 }
	}
	return c
}

// Alone gives the turn to build; it is for engine.Config. Where the store does
// not answer, nobody is waited for: builds that meet write each entry once, as
// the index promises, and may but embed it twice.
func Alone(locks store.Locks, log zerolog.Logger) func(context.Context) (context.Context, func(), error) {
	return func(ctx context.Context) (context.Context, func(), error) {
		held, done, err := locks.Lock(ctx, lockName)
		if errors.Is(err, store.ErrUnusable) {
			log.Warn().Err(err).Msg("other replicas cannot be waited for; building at once")
			return ctx, func() {}, nil
		}
		return held, done, err
	}
}

// Run says what the engine searches until ctx ends, at once when that changes,
// and sweeps now and then. While the store does not answer it goes on trying.
func Run(ctx context.Context, s Store, e Engine, c Config) {
	c = c.withDefaults()
	beat, sweep := time.NewTicker(c.Every), time.NewTicker(c.SweepEvery)
	defer beat.Stop()
	defer sweep.Stop()
	var told store.Replica
	for {
		status, changed := e.StatusChange()
		now := store.Replica{Name: c.Name, Fingerprint: status.Fingerprint, Revision: c.Revision(), Collection: e.Collection()}
		if now != told && s.Beat(ctx, now) == nil {
			told = now
		}
		select {
		case <-ctx.Done():
			leave(ctx, s, c.Name)
			return
		case <-changed:
		case <-beat.C:
			told = store.Replica{} // say it again
		case <-sweep.C:
			sweepOnce(ctx, s, e, c)
		}
	}
}

// leave is the last word, after ctx has ended.
func leave(ctx context.Context, s Store, name string) {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveWithin)
	defer cancel()
	_ = s.Leave(last, name) // or it counts as alive for a while
}

func sweepOnce(ctx context.Context, s Store, e Engine, c Config) {
	gone, err := e.Sweep(ctx, func(ctx context.Context) ([]string, error) {
		alive, err := s.Replicas(ctx, c.Silent)
		var searched []string
		for _, r := range alive {
			if r.Collection != "" {
				searched = append(searched, r.Collection)
			}
		}
		return searched, err
	})
	if err != nil && ctx.Err() == nil {
		c.Log.Warn().Err(err).Msg("collections that nobody searches could not be swept; it is tried again later")
	}
	if len(gone) > 0 {
		c.Log.Info().Strs("collections", gone).Msg("swept what no replica searches")
	}
}
