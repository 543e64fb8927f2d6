package main

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/engine/filewatch"
	"github.com/semroute/semroute/engine/revision"
	"github.com/semroute/semroute/routes"
)

// catalogFollower has a server's catalog read again after SIGHUP and, where that
// is wanted, when its files change.
type catalogFollower struct {
	load    func() (*routes.Catalog, error)
	watcher *filewatch.Watcher // nil where files are not watched
	hangups chan os.Signal
}

// newCatalogFollower watches from now on, so that no change after the catalog's
// first reading is missed, and keeps the process when its terminal goes away.
// Files that cannot be watched are told of; SIGHUP works without.
func (s *settings) newCatalogFollower(watch bool, log zerolog.Logger) *catalogFollower {
	f := &catalogFollower{hangups: make(chan os.Signal, 1)}
	f.load = func() (*routes.Catalog, error) {
		catalog, err := s.catalogFiles()
		if err == nil {
			f.watchFilesOf(catalog)
		}
		return catalog, err
	}
	signal.Notify(f.hangups, syscall.SIGHUP)
	if watch {
		var err error
		if f.watcher, err = filewatch.New(log, s.catalog...); err != nil {
			log.Warn().Err(err).Msg("changes of the catalog's files are not noticed; SIGHUP has them read again")
		}
	}
	return f
}

// watchFilesOf watches the files too that a catalog takes utterances from.
func (f *catalogFollower) watchFilesOf(catalog *routes.Catalog) {
	if f.watcher == nil {
		return
	}
	seen, last := map[string]bool{}, ""
	note := func(at []routes.Position) {
		for i := range at {
			if at[i].File != last {
				last = at[i].File
				seen[last] = true
			}
		}
	}
	note(catalog.NoneAt)
	for i := range catalog.Routes {
		note(catalog.Routes[i].UtterancesAt)
	}
	files := make([]string, 0, len(seen))
	for file := range seen {
		files = append(files, file)
	}
	f.watcher.Also(files)
}

// run follows the catalog until ctx ends.
func (f *catalogFollower) run(ctx context.Context, local *engine.Engine, source *revision.Source, config engine.Config) {
	if !source.FromFiles() {
		f.followStore(ctx, source, config)
		return
	}
	changes := make(chan engine.Change)
	tell := func(c engine.Change) {
		select {
		case changes <- c:
		case <-ctx.Done():
		}
	}
	var parts sync.WaitGroup
	parts.Go(func() { local.Follow(ctx, changes, f.load, source.Taken) })
	parts.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-f.hangups:
				tell(engine.Change{Cause: "SIGHUP", Always: true})
			}
		}
	})
	if f.watcher != nil {
		parts.Go(func() {
			if err := f.watcher.Run(ctx, func() { tell(engine.Change{Cause: "its files have changed"}) }); err != nil {
				config.Log.Warn().Err(err).Msg("watching the catalog's files")
			}
		})
	}
	parts.Wait()
}

// close ends what run does not.
func (f *catalogFollower) close() {
	signal.Stop(f.hangups)
	if f.watcher != nil {
		_ = f.watcher.Close()
	}
}
