package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/internal/lines"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/server"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
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
	router  *router.Router
	built   *engine.Assembly
	clients []semroutev1.RouterServiceClient
	health  []healthv1.HealthClient

	conns   []*grpc.ClientConn
	calls   *engine.Forwarding
	log     *os.File
	lines   *lines.Writer
	stop    context.CancelFunc
	stopped chan error
}

// install builds and starts one. Its log lines are written, to nowhere, as
// those of `semroute serve` are. Where forward is set the catalog's models are
// called.
func (e *env) install(ctx context.Context, catalog *routes.Catalog, config engine.Config, forward bool) (_ *installation, err error) {
	in := &installation{router: router.New(router.Config{})}
	defer func() {
		if err != nil {
			err = errors.Join(err, in.close())
		}
	}()
	config.Index.Name = sizeOf(catalog) // a snapshot of its own
	if in.built, err = engine.Build(ctx, catalog, config); err != nil {
		return nil, err
	}
	in.router.Swap(in.built.Generation)
	var forwarder server.Forwarder
	if forward {
		if in.calls, err = engine.OpenForwarding(catalog, engine.ForwardingConfig{}); err != nil {
			return nil, err
		}
		forwarder = in.calls
	}
	return in, in.serve(ctx, in.router, forwarder, e.Connections)
}

// serve starts the server and connects to it.
func (in *installation) serve(ctx context.Context, decider server.Decider, forwarder server.Forwarder, connections int) (err error) {
	if in.log, err = os.OpenFile(os.DevNull, os.O_WRONLY, 0); err != nil {
		return err
	}
	in.lines = lines.NewWriter(in.log)
	srv, err := server.New(decider, forwarder, zerolog.New(in.lines).With().Timestamp().Logger(), server.Config{DrainTimeout: time.Second})
	if err != nil {
		return err
	}
	srv.Ready()
	listener, err := listen(ctx, "127.0.0.1:0")
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
		conn, err := connect(address)
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
	if in.built != nil {
		problems = append(problems, in.built.Close())
	}
	if in.log != nil {
		problems = append(problems, in.lines.Close(), in.log.Close())
	}
	return errors.Join(problems...)
}

// decide is a call for every prompt in turn. It fails when a decision was
// cached and that is not wanted, or the other way round.
func (in *installation) decide(prompts []string, cached bool) call {
	return in.route(requests(prompts), cached)
}

// route is decide for requests.
func (in *installation) route(asked []*semroutev1.RouteRequest, cached bool) call {
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
	_, err := in.router.Decide(ctx, router.Prompt{Text: prompt}, router.Limits{})
	return err
}

func (in *installation) decideThere(ctx context.Context, prompt string) error {
	_, err := in.clients[0].Route(ctx, request(prompt))
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

func requests(prompts []string) []*semroutev1.RouteRequest {
	all := make([]*semroutev1.RouteRequest, len(prompts))
	for i, p := range prompts {
		all[i] = request(p)
	}
	return all
}

func request(text string) *semroutev1.RouteRequest {
	return &semroutev1.RouteRequest{Prompt: promptOf(text)}
}

func promptOf(text string) *semroutev1.Prompt {
	return &semroutev1.Prompt{Input: &semroutev1.Prompt_Text{Text: text}}
}

func connect(address string) (*grpc.ClientConn, error) {
	return grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	return (&net.ListenConfig{}).Listen(ctx, "tcp", address)
}

// floor is the least that any unary call costs: a server without interceptors
// that answers health checks.
type floor struct {
	clients []healthv1.HealthClient
	conns   []*grpc.ClientConn
	server  *grpc.Server
	stopped chan error
}

func (e *env) floor(ctx context.Context) (*floor, error) { return e.floorOf(ctx, health.NewServer()) }

// floorOf is the floor with another service in the place of health checks.
func (e *env) floorOf(ctx context.Context, service healthv1.HealthServer) (*floor, error) {
	listener, err := listen(ctx, "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	f := &floor{server: grpc.NewServer(), stopped: make(chan error, 1)}
	healthv1.RegisterHealthServer(f.server, service)
	go func() { f.stopped <- f.server.Serve(listener) }()
	for range e.Connections {
		conn, err := connect(listener.Addr().String())
		if err != nil {
			return nil, errors.Join(err, f.close())
		}
		f.conns = append(f.conns, conn)
		f.clients = append(f.clients, healthv1.NewHealthClient(conn))
	}
	return f, nil
}

// pass asks for a service by name.
func (f *floor) pass(ctx context.Context, name string) error {
	_, err := f.clients[0].Check(ctx, &healthv1.HealthCheckRequest{Service: name})
	return err
}

func (f *floor) close() error {
	var problems []error
	for _, c := range f.conns {
		problems = append(problems, c.Close())
	}
	f.server.Stop()
	return errors.Join(append(problems, <-f.stopped)...)
}
