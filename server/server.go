package server

import (
	"context"
	"crypto/tls"
	"time"

	"buf.build/go/protovalidate"
	"github.com/rs/zerolog"
	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/auth/limits"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/ingress"
	"github.com/semroute/semroute/ingress/admission"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/server/peers"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/stats"
)

// Config is the server's settings; zero values mean the defaults.
type Config struct {
	// RequestTimeout bounds calls that come without a deadline.
	RequestTimeout time.Duration
	// DrainTimeout bounds how long calls in flight may take after the end was asked for.
	DrainTimeout time.Duration
	// MaxRequestBytes bounds one request message.
	MaxRequestBytes int
	// RequestBytes (256 MiB) bounds what all requests take that are being received or
	// answered; what goes beyond is refused and told when to come again.
	RequestBytes int64
	// LogPrompts allows the prompts' text into the log.
	LogPrompts bool
	// Decisions takes the records of decisions that no call was made for; nil
	// keeps none. It must not block.
	Decisions forward.Log
	// Sessions know conversations; nil has every turn stand alone.
	Sessions ingress.Sessions
	// Services are registered beside RouterService; what all calls pass through
	// holds for them too.
	Services []func(grpc.ServiceRegistrar)
	// Authenticator says who calls; nil asks nobody, and believes what callers say
	// of themselves.
	Authenticator auth.Authenticator
	// TLS is that of the listener; nil listens without.
	TLS *tls.Config
	// Peers bounds what connections may take; its zero value has usual bounds. Its
	// log is the server's.
	Peers peers.Config
	// Stats sees calls and messages as they come and go; nil sees nothing.
	Stats stats.Handler
	// NoReflection keeps the schema from those who do not have it.
	NoReflection bool
	// Catalog is the one in place, for callers that name a route or a model; nil
	// knows no names.
	Catalog func() *routes.Catalog
	// Validator holds requests to the rules of their schema; nil makes one.
	Validator protovalidate.Validator
}

const (
	defaultRequestTimeout  = 30 * time.Second
	defaultDrainTimeout    = 20 * time.Second
	defaultMaxRequestBytes = 4 << 20
	defaultRequestBytes    = 256 << 20
	// maxHeaderBytes bounds the headers of a call: a token may take kilobytes.
	maxHeaderBytes = 64 << 10
	// handshakeTimeout bounds the beginning of a connection, TLS and HTTP/2.
	handshakeTimeout = 10 * time.Second
	// idleTimeout ends connections without calls; clients make new ones by
	// themselves.
	idleTimeout = 5 * time.Minute
	// streamWindow is what arrives of a message before somebody reads it,
	// connectionWindow that of all calls of a connection. Fixed, so that nobody is
	// given megabytes for being fast.
	streamWindow     = 64 << 10
	connectionWindow = 1 << 20
	// readBuffer is one connection's; what is written has buffers only while it is.
	readBuffer = 8 << 10
	// streamWorkers keep their stacks from call to call; calls beyond them get
	// goroutines of their own.
	streamWorkers    = 128
	keepaliveTime    = 2 * time.Minute
	keepaliveTimeout = 20 * time.Second
	keepaliveMinTime = 15 * time.Second
)

func (c Config) withDefaults() Config {
	if c.RequestTimeout == 0 {
		c.RequestTimeout = defaultRequestTimeout
	}
	if c.DrainTimeout == 0 {
		c.DrainTimeout = defaultDrainTimeout
	}
	if c.MaxRequestBytes == 0 {
		c.MaxRequestBytes = defaultMaxRequestBytes
	}
	if c.RequestBytes == 0 {
		c.RequestBytes = defaultRequestBytes
	}
	return c
}

// Server serves decisions over gRPC until it is drained.
type Server struct {
	config Config
	log    zerolog.Logger
	guard  *peers.Guard
	grpc   *grpc.Server
	health *health.Server
	access *access
	// ingress decides and calls for every protocol.
	ingress *ingress.Service
	// endUpkeep ends what would keep a drain waiting and does not matter then.
	endUpkeep context.CancelFunc
}

// Ingress is the way in that the server's own services take, for other protocols
// beside them.
func (s *Server) Ingress() *ingress.Service { return s.ingress }

// Guard bounds the connections of the server, and of other listeners that share it.
func (s *Server) Guard() *peers.Guard { return s.guard }

// New registers the services. Health says NOT_SERVING until Ready. Without a
// forwarder the server decides only.
func New(decider Decider, forwarder Forwarder, log zerolog.Logger, config Config) (*Server, error) {
	return newServer(decider, forwarder, log, config)
}

func newServer(decider Decider, forwarder Forwarder, log zerolog.Logger, config Config, more ...grpc.ServerOption) (*Server, error) {
	config = config.withDefaults()
	if config.Validator == nil {
		var err error
		if config.Validator, err = NewValidator(); err != nil {
			return nil, err
		}
	}
	draining, endUpkeep := context.WithCancel(context.Background())
	access := &access{authenticator: config.Authenticator, limits: limits.New(nil), room: admission.NewBytes(config.RequestBytes)}
	c := &calls{log: log, logPrompts: config.LogPrompts, timeout: config.RequestTimeout, validator: config.Validator, draining: draining, access: access}
	config.Peers.Log = log
	s := &Server{
		config: config, log: log, guard: peers.New(config.Peers), health: health.NewServer(), endUpkeep: endUpkeep, access: access,
		ingress: ingress.New(ingress.Config{Decider: decider, Forwarder: forwarder, Decisions: config.Decisions, Catalog: config.Catalog, Sessions: config.Sessions}),
	}
	transport := insecure.NewCredentials()
	if config.TLS != nil {
		transport = credentials.NewTLS(config.TLS)
	}
	more = append(more, grpc.Creds(s.guard.Credentials(transport)))
	if config.Stats != nil {
		more = append(more, grpc.StatsHandler(config.Stats))
	}
	s.grpc = grpc.NewServer(append(more,
		grpc.UnaryInterceptor(c.unary),
		grpc.StreamInterceptor(c.stream),
		grpc.ForceServerCodecV2(newRequestCodec()),
		grpc.MaxRecvMsgSize(config.MaxRequestBytes),
		grpc.MaxConcurrentStreams(peers.MaxStreams),
		grpc.InTapHandle(s.guard.Tap),
		grpc.MaxHeaderListSize(maxHeaderBytes),
		grpc.ConnectionTimeout(handshakeTimeout),
		grpc.InitialWindowSize(streamWindow),
		grpc.InitialConnWindowSize(connectionWindow),
		grpc.ReadBufferSize(readBuffer),
		grpc.NumStreamWorkers(streamWorkers),
		grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionIdle: idleTimeout, Time: keepaliveTime, Timeout: keepaliveTimeout}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: keepaliveMinTime, PermitWithoutStream: true}),
	)...)
	semroutev1.RegisterRouterServiceServer(s.grpc, &service{calls: s.ingress})
	for _, register := range config.Services {
		register(s.grpc)
	}
	healthv1.RegisterHealthServer(s.grpc, s.health)
	if !config.NoReflection {
		reflection.Register(s.grpc)
	}
	s.setServing(healthv1.HealthCheckResponse_NOT_SERVING)
	return s, nil
}
