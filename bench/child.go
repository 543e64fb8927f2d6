package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/grpc"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
)

const (
	// childStart bounds how long a server may take until it serves.
	childStart = 5 * time.Minute
	childEnd   = 10 * time.Second
	pollEvery  = 500 * time.Microsecond
)

// child is `semroute serve` in a process of its own.
type child struct {
	address string
	client  semroutev1.RouterServiceClient
	// took is from the start of the process to SERVING.
	took time.Duration

	conn    *grpc.ClientConn
	process *exec.Cmd
	log     *os.File
	exited  chan error
}

// serve starts the binary with the catalog and waits until it serves. What it
// embeds and trains is kept in the folder.
func (e *env) serve(ctx context.Context, catalog []string, cache string) (*child, error) {
	if e.Binary == "" {
		return nil, errSkip("there is no binary to start")
	}
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	c := &child{address: address, log: log, exited: make(chan error, 1)}
	c.process = exec.CommandContext(ctx, e.Binary, "serve", "--catalog", strings.Join(catalog, ","), "--listen", address, "--cache-dir", cache) //nolint:gosec // our own binary
	c.process.Dir = e.dir                                                                                                                       // no settings file is found there
	c.process.Stderr = log
	start := time.Now()
	if err := c.process.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("starting %s: %w", e.Binary, err), log.Close())
	}
	go func() { c.exited <- c.process.Wait() }()
	if err := c.await(ctx); err != nil {
		return nil, errors.Join(err, c.close())
	}
	c.took = time.Since(start)
	return c, nil
}

// freeAddress is one that was free a moment ago.
func freeAddress(ctx context.Context) (string, error) {
	listener, err := listen(ctx, "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// await connects as soon as somebody listens and watches the health.
func (c *child) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, childStart)
	defer cancel()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", c.address)
		if err == nil {
			_ = conn.Close()
			break
		}
		select {
		case err := <-c.exited:
			c.exited <- err
			return fmt.Errorf("the server ended before it listened: %w; run it by hand to see why", errors.Join(err, errChild))
		default:
		}
		if !wait(ctx, pollEvery) {
			return fmt.Errorf("the server did not listen: %w", ctx.Err())
		}
	}
	conn, err := connect(c.address)
	if err != nil {
		return err
	}
	c.conn, c.client = conn, semroutev1.NewRouterServiceClient(conn)
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

// errChild: the process under measurement ended.
var errChild = errors.New("the process ended")

func (c *child) close() error {
	var problems []error
	if c.conn != nil {
		problems = append(problems, c.conn.Close())
	}
	_ = c.process.Process.Signal(syscall.SIGTERM) // it may have ended already
	select {
	case err := <-c.exited:
		problems = append(problems, err)
	case <-time.After(childEnd):
		problems = append(problems, c.process.Process.Kill(), <-c.exited)
	}
	return errors.Join(append(problems, c.log.Close())...)
}

// decide is a call for every prompt in turn.
func (c *child) decide(prompts []string) call {
	return inTurn(requests(prompts), func(ctx context.Context, r *semroutev1.RouteRequest) error {
		_, err := c.client.Route(ctx, r)
		return err
	})
}

// resident is the memory of the process that is in RAM, in bytes.
func (c *child) resident() (float64, error) {
	raw, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(c.process.Process.Pid), "status"))
	if err != nil {
		return 0, errSkip("memory of a process is read from /proc, which is not here")
	}
	_, rest, found := strings.Cut(string(raw), "VmRSS:")
	fields := strings.Fields(rest)
	if !found || len(fields) == 0 {
		return 0, fmt.Errorf("%w: no VmRSS in its status", errChild)
	}
	kilobytes, err := strconv.ParseFloat(fields[0], 64)
	if err != nil {
		return 0, fmt.Errorf("memory of the process: %w", err)
	}
	return kilobytes * 1024, nil
}
