package main

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
)

// replicaProcess is one `semroute serve` in a process of its own, at an address
// that stays.
type replicaProcess struct {
	t       *testing.T
	address string
	program string // semroute, which testscript has put into PATH, unless another is named
	args    []string
	env     []string // besides this process's
	folder  string
	conn    *grpc.ClientConn
	router  semroutev1.RouterServiceClient
	catalog semroutev1.CatalogServiceClient
	flying  atomic.Int64 // calls

	mu      sync.Mutex // protects process
	process *exec.Cmd  // nil while it does not run
}

// newReplicaProcess is not started yet. It ends with the test.
func newReplicaProcess(t *testing.T, number int, args ...string) *replicaProcess {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &replicaProcess{t: t, program: "semroute", address: listener.Addr().String(), folder: filepath.Join(t.TempDir(), strconv.Itoa(number))}
	if err := errors.Join(listener.Close(), os.Mkdir(r.folder, 0o700)); err != nil {
		t.Fatal(err)
	}
	r.args = slices.Concat(args, []string{"--listen", r.address, "--cache-dir", filepath.Join(r.folder, "cache")})
	conn, err := grpc.NewClient(r.address, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: backoff.Config{BaseDelay: 20 * time.Millisecond, Multiplier: 1.5, MaxDelay: 200 * time.Millisecond}}))
	if err != nil {
		t.Fatal(err)
	}
	r.conn, r.router, r.catalog = conn, semroutev1.NewRouterServiceClient(conn), semroutev1.NewCatalogServiceClient(conn)
	t.Cleanup(func() {
		r.kill()
		_ = conn.Close()
	})
	return r
}

// start starts it where it does not run.
func (r *replicaProcess) start() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.process != nil {
		return
	}
	log, err := os.OpenFile(r.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		r.t.Error(err)
		return
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(r.program, r.args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = r.folder, append(os.Environ(), r.env...), log, log
	if err := cmd.Start(); err != nil {
		r.t.Error(err)
		return
	}
	r.process = cmd
}

// kill ends it as a power cut would and says how many calls it had in flight.
func (r *replicaProcess) kill() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.process == nil {
		return 0
	}
	flying := r.flying.Load()
	_ = r.process.Process.Kill()
	_ = r.process.Wait() // says that it was killed
	r.process = nil
	return flying
}

// ask has one call made to the end.
func (r *replicaProcess) ask() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	r.flying.Add(1)
	defer r.flying.Add(-1)
	call, err := r.router.StreamRoute(ctx, &semroutev1.StreamRouteRequest{
		Prompt: &semroutev1.Prompt{Input: &semroutev1.Prompt_Text{Text: "where is my refund"}, User: &semroutev1.User{Id: "u", Team: "t"}},
		Call:   &semroutev1.CallOptions{MaxTokens: 4},
	})
	for err == nil {
		_, err = call.Recv()
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// status is what it says of itself; empty while it does not answer.
func (r *replicaProcess) status() *semroutev1.CatalogStatus {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	got, err := r.catalog.GetStatus(ctx, &semroutev1.GetStatusRequest{})
	if err != nil {
		return nil
	}
	return got.GetStatus()
}

func (r *replicaProcess) log() string { return filepath.Join(r.folder, "log") }

// tail is the end of what it has logged.
func (r *replicaProcess) tail() string {
	said, err := os.ReadFile(r.log())
	if err != nil {
		return err.Error()
	}
	return string(said[max(0, len(said)-4000):])
}
