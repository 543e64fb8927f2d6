package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/bench/catalogs"
	"github.com/semroute/semroute/bench/client"
	"github.com/semroute/semroute/bench/measure"
	"github.com/semroute/semroute/engine"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/server"
	"google.golang.org/grpc"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
)

// staticMemory is what `semroute serve` does without flags. What was trained is
// kept for the other benchmarks of the run.
func (e *env) staticMemory() engine.Config {
	return engine.Config{
		CacheDir: e.cache(),
		Embedder: engine.EmbedderConfig{Kind: engine.Static},
		Index:    engine.IndexConfig{Kind: engine.Memory},
		Log:      zerolog.Nop(),
	}
}

// installation is a whole server in this process, reached over a socket.
type installation struct {
	engine  *engine.Engine
	clients []semroutev1.RouterServiceClient
	health  []healthv1.HealthClient

	conns   []*grpc.ClientConn
	calls   *engine.Forwarding
	log     *os.File
	stop    context.CancelFunc
	stopped chan error
}

// install builds and starts one. Its log lines are written, to nowhere, as
// those of `semroute serve` are. Where forward is set the catalog's models are
// called.
func (e *env) install(ctx context.Context, catalog *routes.Catalog, config engine.Config, forward bool) (_ *installation, err error) {
	in := &installation{}
	defer func() {
		if err != nil {
			err = errors.Join(err, in.close())
		}
	}()
	config.Index.Name = catalogs.Label(catalog) // a snapshot of its own
	in.engine = engine.New(catalog, config)
	if err := in.engine.Build(ctx); err != nil {
		return nil, err
	}
	var forwarder server.Forwarder
	if forward {
		if in.calls, err = engine.OpenForwarding(catalog, engine.ForwardingConfig{}); err != nil {
			return nil, err
		}
		forwarder = in.calls
	}
	return in, in.serve(ctx, in.engine, forwarder, e.connections)
}

// serve starts the server and connects to it.
func (in *installation) serve(ctx context.Context, decider server.Decider, forwarder server.Forwarder, connections int) (err error) {
	if in.log, err = os.OpenFile(os.DevNull, os.O_WRONLY, 0); err != nil {
		return err
	}
	srv, err := server.New(decider, forwarder, zerolog.New(in.log).With().Timestamp().Logger(), server.Config{DrainTimeout: time.Second})
	if err != nil {
		return err
	}
	srv.Ready()
	listener, err := client.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		return err
	}
	serving, stop := context.WithCancel(ctx)
	in.stop, in.stopped = stop, make(chan error, 1)
	go func() { in.stopped <- srv.Serve(serving, listener) }()
	return in.dial(listener.Addr().String(), connections)
}

func (in *installation) dial(address string, connections int) error {
	for range connections {
		conn, err := client.Connect(address)
		if err != nil {
			return err
		}
		in.conns = append(in.conns, conn)
		in.clients = append(in.clients, semroutev1.NewRouterServiceClient(conn))
		in.health = append(in.health, healthv1.NewHealthClient(conn))
	}
	return nil
}

func (in *installation) close() error {
	var problems []error
	for _, c := range in.conns {
		problems = append(problems, c.Close())
	}
	if in.stop != nil {
		in.stop()
		problems = append(problems, <-in.stopped)
	}
	if in.calls != nil {
		problems = append(problems, in.calls.Close())
	}
	if in.engine != nil {
		problems = append(problems, in.engine.Close())
	}
	if in.log != nil {
		problems = append(problems, in.log.Close())
	}
	return errors.Join(problems...)
}

// decide is a call for every prompt in turn. It fails when a decision was
// cached and that is not wanted, or the other way round.
func (in *installation) decide(prompts []string, cached bool) measure.Call {
	return in.route(client.Requests(prompts), cached)
}

// route is decide for requests.
func (in *installation) route(asked []*semroutev1.RouteRequest, cached bool) measure.Call {
	var turn atomic.Uint64
	return func(ctx context.Context, caller int) error {
		n := turn.Add(1)
		resp, err := in.clients[caller%len(in.clients)].Route(ctx, asked[n%uint64(len(asked))])
		if err != nil {
			return err
		}
		if resp.GetDecision().GetCached() != cached {
			return fmt.Errorf("%w: cached is %v where %v is measured", errCached, !cached, cached)
		}
		return nil
	}
}

// decideHere decides one prompt in process, decideThere over gRPC.
func (in *installation) decideHere(ctx context.Context, prompt string) error {
	_, err := in.engine.Decide(ctx, router.Prompt{Text: prompt}, router.Limits{})
	return err
}

func (in *installation) decideThere(ctx context.Context, prompt string) error {
	_, err := in.clients[0].Route(ctx, client.Request(prompt))
	return err
}

// errCached: the embedding came from the cache where it should not, or not
// where it should.
var errCached = errors.New("the cache is not as it should be")

// check is the empty call on the same server.
func (in *installation) check() func(ctx context.Context, caller int) error {
	return checkBy(in.health)
}

func checkBy(clients []healthv1.HealthClient) func(ctx context.Context, caller int) error {
	return func(ctx context.Context, caller int) error {
		_, err := clients[caller%len(clients)].Check(ctx, &healthv1.HealthCheckRequest{})
		return err
	}
}
