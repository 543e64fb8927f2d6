package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"buf.build/go/protovalidate"
	"github.com/rs/zerolog"
	"github.com/semroute/semroute/forward"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"
)

// Config is the server's settings; zero values mean the defaults.
type Config struct {
	// RequestTimeout bounds calls that come without a deadline.
	RequestTimeout time.Duration
	// DrainTimeout bounds how long calls in flight may take after the end was asked for.
	DrainTimeout time.Duration
	// MaxRequestBytes bounds one request message.
	MaxRequestBytes int
	// LogPrompts allows the prompts' text into the log.
	LogPrompts bool
	// Decisions takes the records of decisions that no call was made for; nil
	// keeps none. It must not block.
	Decisions forward.Log
	// Order gives decisions the models that a call would be made to; nil takes
	// the forwarder where it is an Orderer.
	Order Orderer
	// Validator holds requests to the rules of their schema; nil makes one.
	Validator protovalidate.Validator
}

// NewValidator compiles the rules of all requests, which takes milliseconds and
// needs nothing: whoever has other things to do meanwhile makes it beside them.
func NewValidator() (protovalidate.Validator, error) {
	v, err := protovalidate.New(protovalidate.WithMessages(&semroutev1.RouteRequest{}, &semroutev1.RouteBatchRequest{}, &semroutev1.StreamRouteRequest{}))
	if err != nil {
		return nil, fmt.Errorf("request validation: %w", err)
	}
	return v, nil
}

const (
	defaultRequestTimeout  = 30 * time.Second
	defaultDrainTimeout    = 20 * time.Second
	defaultMaxRequestBytes = 4 << 20
	maxConcurrentStreams   = 4096
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
	return c
}

// Server serves decisions over gRPC until it is drained.
type Server struct {
	config Config
	log    zerolog.Logger
	grpc   *grpc.Server
	health *health.Server
}

// New registers the services. Health says NOT_SERVING until Ready. Without a
// forwarder the server decides only.
func New(decider Decider, forwarder Forwarder, log zerolog.Logger, config Config) (*Server, error) {
	config = config.withDefaults()
	if config.Validator == nil {
		var err error
		if config.Validator, err = NewValidator(); err != nil {
			return nil, err
		}
	}
	if config.Order == nil {
		config.Order, _ = forwarder.(Orderer)
	}
	c := &calls{log: log, logPrompts: config.LogPrompts, timeout: config.RequestTimeout, validator: config.Validator}
	s := &Server{config: config, log: log, health: health.NewServer()}
	s.grpc = grpc.NewServer(
		grpc.UnaryInterceptor(c.unary),
		grpc.StreamInterceptor(c.stream),
		grpc.MaxRecvMsgSize(config.MaxRequestBytes),
		grpc.MaxConcurrentStreams(maxConcurrentStreams),
		grpc.NumStreamWorkers(streamWorkers),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: keepaliveTime, Timeout: keepaliveTimeout}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: keepaliveMinTime, PermitWithoutStream: true}),
	)
	semroutev1.RegisterRouterServiceServer(s.grpc, &service{
		decider: decider, forwarder: forwarder, order: config.Order, decisions: config.Decisions,
	})
	healthv1.RegisterHealthServer(s.grpc, s.health)
	reflection.Register(s.grpc)
	s.setServing(healthv1.HealthCheckResponse_NOT_SERVING)
	return s, nil
}

// Ready says that the first generation is in place.
func (s *Server) Ready() { s.SetReady(true) }

// SetReady takes the server into rotation, or out of it without stopping it.
func (s *Server) SetReady(ready bool) {
	if ready {
		s.setServing(healthv1.HealthCheckResponse_SERVING)
		return
	}
	s.setServing(healthv1.HealthCheckResponse_NOT_SERVING)
}

func (s *Server) setServing(status healthv1.HealthCheckResponse_ServingStatus) {
	s.health.SetServingStatus("", status)
	s.health.SetServingStatus(semroutev1.RouterService_ServiceDesc.ServiceName, status)
}

// Serve answers calls on the listener until ctx ends, then drains: health says
// NOT_SERVING, no new calls are taken, those in flight may finish within the
// drain time, and what is left is cut off. A drain is no error.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	failed := make(chan error, 1)
	go func() { failed <- s.grpc.Serve(listener) }()
	select {
	case err := <-failed:
		if errors.Is(err, grpc.ErrServerStopped) {
			return nil
		}
		return fmt.Errorf("serving on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	s.drain()
	if err := <-failed; err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return fmt.Errorf("serving on %s: %w", listener.Addr(), err)
	}
	return nil
}

func (s *Server) drain() {
	s.log.Info().Dur("at_most", s.config.DrainTimeout).Msg("draining")
	s.health.Shutdown()
	done := make(chan struct{})
	go func() {
		s.grpc.GracefulStop()
		close(done)
	}()
	timer := time.NewTimer(s.config.DrainTimeout)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		s.log.Warn().Msg("calls were still in flight after the drain time; they are cut off")
		s.grpc.Stop()
		<-done
	}
}
