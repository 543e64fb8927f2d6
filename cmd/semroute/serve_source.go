package main

import (
	"context"
	"errors"
	"time"

	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/engine/revision"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/server/catalogapi"
	"github.com/semroute/semroute/store"
	"github.com/spf13/cobra"
)

// Where the catalog of a server comes from.
const (
	sourceFiles = "files"
	sourceStore = "store"
)

// storedName tells the vectors of a stored catalog from those of files.
const storedName = "store"

// sourceFlags say where it comes from.
type sourceFlags struct {
	source   string
	toImport bool
}

func (f *sourceFlags) add(cmd *cobra.Command) {
	wordFlag(cmd, &f.source, "source", sourceFiles, "who may change the catalog: files, whose changes are followed, or the service, which keeps every revision in the store and takes --catalog once", sourceFiles, sourceStore)
	cmd.Flags().BoolVar(&f.toImport, "import-catalog", false, "with --source store: make a revision of --catalog at the start where it says something else than the store")
}

func (f *sourceFlags) stored() bool { return f.source == sourceStore }

// firstCatalog is the catalog that a server begins with.
func (s *settings) firstCatalog(ctx context.Context, std stdio, flags sourceFlags, kept store.Store) (revision.First, error) {
	files := func() (*routes.Catalog, error) { return s.loadCatalog(std) }
	if !flags.stored() {
		if flags.toImport {
			return revision.First{}, wrongUse("--import-catalog is for --source store")
		}
		catalog, err := files()
		return revision.First{Catalog: catalog}, err
	}
	if kept == nil {
		return revision.First{}, wrongUse("--source store needs a store that keeps the catalog: give --store, or --ledger FILE")
	}
	b := revision.Beginning{Store: kept, Import: flags.toImport, Checks: engine.CatalogChecks()}
	if len(s.catalog) > 0 {
		b.Files = files
	}
	first, err := b.Begin(ctx)
	if err == nil {
		warn(std, first.Catalog)
	}
	return first, err
}

// newSource is the source of the catalog that a server serves.
func newSource(local *engine.Engine, first revision.First, flags sourceFlags, calls *calls, follower *catalogFollower, config engine.Config) *revision.Source {
	c := revision.Config{Engine: local, Load: follower.load, Checks: engine.CatalogChecks(), Log: config.Log}
	if flags.stored() {
		c.Store = calls.ledger
	}
	return revision.New(c, first)
}

// recentPrompts gives what the store has kept of the prompts that were decided
// last; nil where it keeps none.
func (c *calls) recentPrompts() catalogapi.Recent {
	if c.ledger == nil {
		return nil
	}
	return func(ctx context.Context, limit int) ([]string, error) {
		records, err := c.ledger.Records(ctx, store.RecordFilter{WithText: true, Limit: limit})
		if err != nil {
			return nil, err
		}
		texts := make([]string, len(records))
		for i := range records {
			texts[i] = records[i].Prompt
		}
		return texts, nil
	}
}

// reloadTimeout bounds a reading of the stored catalog that SIGHUP asks for.
const reloadTimeout = 10 * time.Minute

// followStore takes the revisions that others store, and the head again after
// SIGHUP, until ctx ends.
func (f *catalogFollower) followStore(ctx context.Context, source *revision.Source, config engine.Config) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		source.Run(ctx)
	}()
	for {
		select {
		case <-ctx.Done():
			<-ended
			return
		case <-f.hangups:
			reload, cancel := context.WithTimeout(ctx, reloadTimeout)
			_, err := source.Reload(reload)
			cancel()
			if err != nil && !errors.Is(err, context.Canceled) {
				config.Log.Error().Err(err).Str("cause", "SIGHUP").Msg("the stored catalog is not taken again; the one before goes on")
			}
		}
	}
}
