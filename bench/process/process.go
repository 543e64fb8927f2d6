// Package process runs `semroute serve` in a process of its own, waits until it
// serves, and reads its memory. What is asked of it is the caller's.
package process

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/semroute/semroute/bench/client"
	"github.com/semroute/semroute/bench/measure"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/grpc"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
)

const (
	// startTimeout bounds how long a server may take until it serves.
	startTimeout = 5 * time.Minute
	endTimeout   = 10 * time.Second
	pollEvery    = 500 * time.Microsecond
)

// Config says what is started.
type Config struct {
	// Binary is the semroute binary.
	Binary string
	// Catalog are the paths of the catalog's files, absolute.
	Catalog []string
	// Args are flags besides.
	Args []string
	// Dir is where the process runs, so that no settings file is found.
	Dir string
	// CacheDir keeps what the process embeds and trains.
	CacheDir string
	// Env are settings of its environment besides this process's.
	Env []string
	// Options are those of connections to it; none is without TLS and without a key.
	Options []grpc.DialOption
}

// Server is `semroute serve` in a process of its own.
type Server struct {
	Address string
	Client  semroutev1.RouterServiceClient
	// Took is from the start of the process to SERVING.
	Took time.Duration

	conn    *grpc.ClientConn
	process *exec.Cmd
	log     *os.File
	exited  chan error
}

// Serve starts the binary with the catalog and waits until it serves. Close ends
// it.
func Serve(ctx context.Context, config Config) (*Server, error) {
	address, err := client.FreeAddress(ctx)
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	s := &Server{Address: address, log: log, exited: make(chan error, 1)}
	s.process = exec.CommandContext(ctx, config.Binary, append([]string{"serve", "--catalog", strings.Join(config.Catalog, ","), //nolint:gosec // our own binary
		"--listen", address, "--cache-dir", config.CacheDir}, config.Args...)...)
	s.process.Dir = config.Dir
	s.process.Env = append(os.Environ(), config.Env...)
	s.process.Stderr = log
	start := time.Now()
	if err := s.process.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("starting %s: %w", config.Binary, err), log.Close())
	}
	go func() { s.exited <- s.process.Wait() }()
	if err := s.await(ctx, config.Options); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.Took = time.Since(start)
	return s, nil
}

// await connects as soon as somebody listens and watches the health.
func (s *Server) await(ctx context.Context, options []grpc.DialOption) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.Address)
		if err == nil {
			_ = conn.Close()
			break
		}
		select {
		case err := <-s.exited:
			s.exited <- err
			return fmt.Errorf("the server ended before it listened: %w; run it by hand to see why", errors.Join(err, ErrEnded))
		default:
		}
		if !measure.Wait(ctx, pollEvery) {
			return fmt.Errorf("the server did not listen: %w", ctx.Err())
		}
	}
	conn, err := client.Connect(s.Address, options...)
	if err != nil {
		return err
	}
	s.conn, s.Client = conn, semroutev1.NewRouterServiceClient(conn)
	watch, err := healthv1.NewHealthClient(conn).Watch(ctx, &healthv1.HealthCheckRequest{})
	if err != nil {
		return err
	}
	for {
		state, err := watch.Recv()
		if err != nil {
			return fmt.Errorf("waiting for the server: %w", err)
		}
		if state.GetStatus() == healthv1.HealthCheckResponse_SERVING {
			return nil
		}
	}
}

// ErrEnded: the process under measurement has ended.
var ErrEnded = errors.New("the process ended")

// Close ends the process and waits for it.
func (s *Server) Close() error {
	var problems []error
	if s.conn != nil {
		problems = append(problems, s.conn.Close())
	}
	_ = s.process.Process.Signal(syscall.SIGTERM) // it may have ended already
	select {
	case err := <-s.exited:
		problems = append(problems, err)
	case <-time.After(endTimeout):
		problems = append(problems, s.process.Process.Kill(), <-s.exited)
	}
	return errors.Join(append(problems, s.log.Close())...)
}

// Decide is a call for every prompt in turn.
func (s *Server) Decide(prompts []string) measure.Call {
	return measure.InTurn(client.Requests(prompts), func(ctx context.Context, r *semroutev1.RouteRequest) error {
		_, err := s.Client.Route(ctx, r)
		return err
	})
}
