package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"sync"
	"time"

	"buf.build/go/protovalidate"
	"github.com/rs/zerolog"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/internal/lines"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/server"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
)

// serveFlags are the flags of `serve`.
type serveFlags struct {
	listen         string
	logLevel       string
	logPrompts     bool
	requestTimeout time.Duration
	drainTimeout   time.Duration
	maxRequest     int
	decideOnly     bool
	embedCacheFile string
	calls          callFlags
}

// newServe runs the server.
func newServe(s *settings, std stdio) *cobra.Command {
	var flags serveFlags
	cmd := &cobra.Command{
		Use:     "serve",
		Short:   "Serve decisions and calls to models over gRPC",
		Example: "  semroute serve --catalog examples/support\n  semroute serve --catalog my.yaml --ledger calls.db --store-prompts redact",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.serve(cmd.Context(), std, flags)
		},
	}
	s.decisionFlags(cmd)
	f := cmd.Flags()
	callingFlags(f, &flags.calls)
	f.BoolVar(&flags.decideOnly, "decide-only", false, "make no calls to models, so that none of their keys is needed")
	f.StringVar(&flags.embedCacheFile, "embed-cache-file", "", "file that keeps the cache of prompts' vectors, and with them the prompts (default: kept nowhere)")
	f.StringVar(&flags.listen, "listen", "127.0.0.1:50051", "address to listen on")
	f.StringVar(&flags.logLevel, "log-level", "info", "what is logged: debug, info, warn or error")
	f.BoolVar(&flags.logPrompts, "log-prompts", false, "write the prompts' text into the log")
	f.DurationVar(&flags.requestTimeout, "request-timeout", 30*time.Second, "bound of calls that come without a deadline")
	f.DurationVar(&flags.drainTimeout, "drain-timeout", 20*time.Second, "how long calls in flight may take after SIGTERM")
	f.IntVar(&flags.maxRequest, "max-request-bytes", 4<<20, "largest request message")
	return cmd
}

// serve checks everything that can be wrong before it listens, listens, and
// builds the first generation while health says NOT_SERVING.
func (s *settings) serve(ctx context.Context, std stdio, flags serveFlags) (err error) {
	level, err := zerolog.ParseLevel(flags.logLevel)
	if err != nil {
		return wrongUse("--log-level: %w", err)
	}
	if flags.requestTimeout <= 0 || flags.drainTimeout <= 0 || flags.maxRequest <= 0 {
		return wrongUse("--request-timeout, --drain-timeout and --max-request-bytes must be more than 0")
	}
	if flags.embedCacheFile != "" && s.embedCache == cacheByEmbedder {
		s.embedCache = usualCache // whoever keeps it wants one
	}
	if flags.embedCacheFile != "" && s.embedCache == 0 {
		return wrongUse("--embed-cache-file needs a cache: --embed-cache-bytes must be more than 0")
	}
	validator := sync.OnceValues(server.NewValidator)
	go func() { _, _ = validator() }() // beside the catalog; whoever asks for it again waits and has the error
	catalog, err := s.loadCatalog(std)
	if err != nil {
		return err
	}
	out := lines.NewWriter(std.err)
	defer func() { err = errors.Join(err, out.Close()) }()
	log := newLogger(out, level)
	config, err := s.assembly(log, progressOn(std.err, log))
	if err != nil {
		return err
	}
	calls, err := s.openCalls(ctx, catalog, flags.calls, flags.decideOnly, log)
	if err != nil {
		return err
	}
	k := keeper{router: router.New(router.Config{}), catalog: catalog, config: config, cachePath: flags.embedCacheFile, log: log}
	return errors.Join(k.serve(ctx, flags, calls, validator), calls.close())
}

// serve listens until ctx ends and the calls in flight are done.
func (k *keeper) serve(ctx context.Context, flags serveFlags, calls *calls, validator func() (protovalidate.Validator, error)) error {
	rules, err := validator()
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", flags.listen)
	if err != nil {
		return fmt.Errorf("--listen %s: %w", flags.listen, err)
	}
	k.server, err = server.New(k.router, calls.forwarder, k.log, server.Config{
		RequestTimeout: flags.requestTimeout, DrainTimeout: flags.drainTimeout,
		MaxRequestBytes: flags.maxRequest, LogPrompts: flags.logPrompts, Decisions: calls.log, Validator: rules,
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	k.log.Info().Stringer("address", listener.Addr()).Bool("forwards", calls.forwarder != nil).Msg("listening")
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return k.server.Serve(ctx, listener) })
	group.Go(func() error { return k.run(ctx) })
	group.Go(func() error {
		calls.watch(ctx, k.log)
		return nil
	})
	err = catalogError(group.Wait())
	k.cacheFile.Save() // of the calls that were drained, too
	return err
}

// keeper keeps a generation in place: the first one, and a new one whenever
// the embedder says that its model is another than it was.
type keeper struct {
	router  *router.Router
	server  *server.Server
	catalog *routes.Catalog
	config  engine.Config
	log     zerolog.Logger

	cachePath string
	cacheFile *engine.CacheFile // run's; nil without one
}

// saveCacheEvery bounds what a crash loses of the embedding cache.
const saveCacheEvery = 5 * time.Minute

// run builds, serves and rebuilds until ctx ends. Only a build that fails is
// an error: the process ends then, so that whoever runs it notices.
func (k *keeper) run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := k.serveOne(ctx); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// serveOne builds a generation and serves it until ctx ends or its model has
// changed. Between the two, health says NOT_SERVING: vectors of the new model
// must not be compared with those of the old.
func (k *keeper) serveOne(ctx context.Context) error {
	start := time.Now()
	embedder, err := engine.OpenEmbedder(ctx, k.config.Embedder)
	if err != nil {
		return err
	}
	k.cacheFile = engine.OpenCacheFile(embedder, k.cachePath, k.log)
	watched := engine.WatchModel(embedder)
	built, err := engine.BuildWith(ctx, k.catalog, k.config, watched)
	if err != nil {
		return err
	}
	k.router.Swap(built.Generation)
	k.server.Ready()
	if err := built.Prune(ctx); err != nil { // searches leave stale utterances out; try again at the next start
		k.log.Warn().Err(err).Msg("pruning the index")
	}
	k.log.Info().Str("fingerprint", built.Generation.Fingerprint()).Int("routes", len(k.catalog.Routes)).
		Int("utterances", built.Synced.Utterances).Int("embedded", built.Synced.Embedded).
		Dur("took", time.Since(start)).Msg("serving")
	debug.FreeOSMemory() // what building took and serving does not need
	k.await(ctx, watched)
	return nil
}

// await returns when ctx ends or the model has changed.
func (k *keeper) await(ctx context.Context, watched *engine.Watched) {
	save := time.NewTicker(saveCacheEvery)
	defer save.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-watched.Changed():
			k.log.Warn().Msg("the embedding model has changed; utterances are embedded again")
			k.server.NotReady()
			k.cacheFile = nil // of the old model
			return
		case <-save.C:
			k.cacheFile.Save()
		}
	}
}
