package main

import (
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"

	"context"
	"errors"

	"github.com/semroute/semroute/bench/client"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
)

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
	listener, err := client.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	f := &floor{server: grpc.NewServer(), stopped: make(chan error, 1)}
	healthv1.RegisterHealthServer(f.server, service)
	go func() { f.stopped <- f.server.Serve(listener) }()
	for range e.connections {
		conn, err := client.Connect(listener.Addr().String())
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
