package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"buf.build/go/protovalidate"
	"github.com/rs/zerolog"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/engine/revision"
	"github.com/semroute/semroute/eval/live"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/server"
	"github.com/semroute/semroute/server/catalogapi"
	"github.com/semroute/semroute/server/feedbackapi"
	"github.com/semroute/semroute/server/qualityapi"
	"github.com/semroute/semroute/store"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
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
	watch          bool
	gate           []string
	gateData       []string
	canaries       []string
	source         sourceFlags
	calls          callFlags
	access         accessFlags
	httpListen     string
	sessionExpiry  time.Duration
	limits         limitFlags
	traffic        trafficFlags
	telemetry      telemetryFlags

	listening func(console string) // told where the console is, as soon as it can be asked; may be nil
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
	flags.add(s, cmd)
	return cmd
}

// add adds all flags of a server to a command.
func (flags *serveFlags) add(s *settings, cmd *cobra.Command) {
	s.decisionFlags(cmd)
	f := cmd.Flags()
	callingFlags(cmd, &flags.calls)
	flags.access.add(cmd)
	flags.limits.add(cmd)
	flags.traffic.add(cmd)
	flags.telemetry.add(cmd)
	f.BoolVar(&flags.decideOnly, "decide-only", false, "make no calls to models, so that none of their keys is needed")
	f.StringVar(&flags.embedCacheFile, "embed-cache-file", "", "file that keeps the cache of prompts' vectors, and with them the prompts (default: kept nowhere)")
	f.BoolVar(&flags.watch, "watch", true, "take changes of the catalog's files as they come; SIGHUP has them read in any case")
	f.StringArrayVar(&flags.gate, "gate", nil, "what a changed catalog must reach before it is taken, as accuracy=0.9 or ece<=0.05 on --gate-data, or lint for no lint errors; give it again for more")
	f.StringArrayVar(&flags.gateData, "gate-data", nil, "labelled prompts for --gate, for previews and for the console's quality page, as those of eval --data; give it again for more files")
	f.StringArrayVar(&flags.canaries, "canary", nil, "labelled prompts of which a changed catalog must decide every one right before it is taken; give it again for more files")
	flags.source.add(cmd)
	f.StringVar(&flags.listen, "listen", "127.0.0.1:50051", "address to listen on")
	f.StringVar(&flags.httpListen, "http-listen", "", "address to answer OpenAI's and other HTTP protocols on, such as 127.0.0.1:8080 (default: none)")
	wordFlag(cmd, &flags.logLevel, "log-level", "info", "what is logged", "debug", "info", "warn", "error")
	f.BoolVar(&flags.logPrompts, "log-prompts", false, "write the prompts' text into the log")
	f.DurationVar(&flags.requestTimeout, "request-timeout", 30*time.Second, "bound of calls that come without a deadline")
	f.DurationVar(&flags.drainTimeout, "drain-timeout", 20*time.Second, "how long calls in flight may take after SIGTERM")
	f.DurationVar(&flags.sessionExpiry, "session-expiry", time.Hour, "how long after its last turn a conversation keeps its model; 0 decides every turn by itself")
	f.IntVar(&flags.maxRequest, "max-request-bytes", 4<<20, "largest request message")
}

// serve checks everything that can be wrong before it listens, listens, and
// builds the first generation while health says NOT_SERVING.
func (s *settings) serve(ctx context.Context, std stdio, flags serveFlags) error {
	level, err := zerolog.ParseLevel(flags.logLevel)
	if err != nil {
		return wrongUse("--log-level: %w", err)
	}
	if flags.sessionExpiry < 0 {
		return wrongUse("--session-expiry must not be negative")
	}
	if flags.requestTimeout <= 0 || flags.drainTimeout <= 0 || flags.maxRequest <= 0 {
		return wrongUse("--request-timeout, --drain-timeout and --max-request-bytes must be more than 0")
	}
	if err := errors.Join(flags.access.check(flags.calls.store), flags.limits.check()); err != nil {
		return err
	}
	if flags.embedCacheFile != "" && s.embedCache == cacheByEmbedder {
		s.embedCache = usualCache // whoever keeps it wants one
	}
	if flags.embedCacheFile != "" && s.embedCache == 0 {
		return wrongUse("--embed-cache-file needs a cache: --embed-cache-bytes must be more than 0")
	}
	gate, err := readGate(flags.gate, flags.gateData, flags.canaries)
	if err != nil {
		return err
	}
	log := newLogger(std.err, level)
	follower := s.newCatalogFollower(flags.watch && !flags.source.stored(), log)
	defer follower.close()
	validator := sync.OnceValues(server.NewValidator)
	go func() { _, _ = validator() }() // beside the catalog; whoever asks for it again waits and has the error
	var first revision.First
	calls, err := s.openCalls(ctx, func(kept store.Store) (_ *routes.Catalog, err error) {
		first, err = s.firstCatalog(ctx, std, flags.source, kept)
		return first.Catalog, err
	}, flags.calls, flags.decideOnly, log)
	if err != nil {
		return err
	}
	follower.watchFilesOf(first.Catalog)
	config, err := s.engineConfig(log, progressOn(std.err, log))
	if err != nil {
		return errors.Join(err, calls.close())
	}
	if flags.source.stored() {
		config.Index.Name = storedName
	}
	observed, err := openTelemetry(ctx, flags.telemetry)
	if err != nil {
		return errors.Join(err, calls.close())
	}
	defer observed.close()
	traffic, err := s.openTraffic(ctx, std, flags.traffic, calls, observed, log)
	if err != nil {
		return errors.Join(err, calls.close())
	}
	config.EmbedCacheFile, config.Prune = flags.embedCacheFile, true
	config.Check, config.BeforeSwap = gate.check, traffic.serving(calls.prepare)
	calls.takeTurns(&config)
	start := time.Now()
	err = errors.Join(serveEngine(ctx, first, config, flags, gate.prompts, calls, traffic, observed, follower, validator), calls.close())
	log.Info().Err(err).Int64("ran_s", int64(time.Since(start).Seconds())).Msg("stopped")
	return err
}

// serveEngine listens until ctx ends and the calls in flight are done.
func serveEngine(ctx context.Context, first revision.First, config engine.Config, flags serveFlags, labelled []routes.Labelled, calls *calls, traffic *traffic, observed *observing, follower *catalogFollower, validator func() (protovalidate.Validator, error)) error {
	rules, err := validator()
	if err != nil {
		return err
	}
	security, err := flags.access.tlsConfig(config.Log)
	if err != nil {
		return err
	}
	authenticator, err := flags.access.authenticator(ctx, calls.keys(), config.Log)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", flags.listen)
	if err != nil {
		return fmt.Errorf("--listen %s: %w", flags.listen, err)
	}
	if err := flags.access.listening(listener.Addr(), config.Log); err != nil {
		return errors.Join(err, listener.Close())
	}
	var srv *server.Server
	config.OnStatus = func(status engine.Status) { srv.SetReady(status.State.Ready()) }
	local := engine.New(first.Catalog, config)
	source := newSource(local, first, flags.source, calls, follower, config)
	advisor := newAdvisor(local, source, calls, observed)
	maps, evaluation := newMaps(local, calls), live.New(measurable{local}, labelled, nil)
	sessions, err := calls.openSessions(flags.sessionExpiry, config.Log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	var decider server.Decider = local
	gate := flags.limits.gate(local)
	if gate != nil {
		decider = gate
	}
	srv, err = server.New(observed.decider(calls.decider(traffic.decider(decider))), observed.forwarder(calls, local), config.Log, server.Config{
		RequestTimeout: flags.requestTimeout, DrainTimeout: flags.drainTimeout,
		MaxRequestBytes: flags.maxRequest, LogPrompts: flags.logPrompts, Decisions: calls.log, Sessions: sessionsOf(sessions), Catalog: local.Serving, Validator: rules,
		Authenticator: authenticator, TLS: security, NoReflection: !flags.access.reflection, Peers: flags.limits.peers(), RequestBytes: flags.limits.requests, Stats: observed.stats(),
		Services: []func(grpc.ServiceRegistrar){
			catalogapi.New(source, local, calls.recentPrompts(), labelled).Register, traffic.service(local, calls), feedbackapi.Register(advisor),
			qualityapi.Register(evaluation), maps.Register,
		},
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	web, err := openHTTP(ctx, srv, local, flags, calls.ledger, security, observed, config.Log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	admin, err := openAdmin(ctx, srv, local, flags, observed, security, config.Log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	if err := observed.gauges(local, calls, gate); err != nil {
		return errors.Join(err, listener.Close())
	}
	config.Log.Info().Stringer("address", listener.Addr()).Bool("forwards", calls.forwards()).
		Bool("tls", security != nil).Bool("asks_who", authenticator != nil).Msg("listening")
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return srv.Serve(ctx, listener) })
	for _, more := range []*httpListener{web, admin} {
		if more != nil {
			group.Go(func() error { return more.serve(ctx) })
		}
	}
	group.Go(func() error { return local.Run(ctx) })
	if sessions != nil {
		group.Go(func() error {
			sessions.Run(ctx)
			return nil
		})
	}
	if gate != nil {
		group.Go(func() error {
			gate.Run(ctx)
			return nil
		})
	}
	group.Go(func() error {
		calls.watch(ctx)
		return nil
	})
	group.Go(func() error {
		calls.beAReplica(ctx, local, source, config)
		return nil
	})
	group.Go(func() error {
		traffic.run(ctx, source)
		return nil
	})
	group.Go(func() error {
		watchPromises(ctx, advisor, traffic.book, config.Log)
		return nil
	})
	group.Go(func() error {
		follower.run(ctx, local, source, config)
		return nil
	})
	err = catalogError(group.Wait())
	maps.Close()
	evaluation.Close() // both look at what the engine holds, beside calls
	if sessions != nil {
		sessions.Close() // after the last call, which its next turn hangs on
	}
	return errors.Join(err, local.Close()) // after the last call, which the cache remembers too
}
