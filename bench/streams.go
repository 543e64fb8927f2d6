package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
)

const (
	streamsAtOnce = 2000
	piecesASecond = 50
	sampleEvery   = 200 * time.Millisecond
	startsASecond = 1000
	// streamsAConnection is how many share one, as many as HTTP/2 clients open
	// by default. All over one would measure that client's 64 KB window for a
	// connection: while it is full the server has to keep what comes.
	streamsAConnection = 100
)

// manyStreams holds 2,000 streams open against a server in a process of its
// own, checks every piece of every one, and reads the server's memory.
func manyStreams(ctx context.Context, e *env) (rows []Row, err error) {
	up, err := newUpstream(ctx, "")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, up.close()) }()
	pieces := piecesASecond * pick(e.Quick, 4, 15)
	yaml, prompts, err := forwardingYAML(model{"steady", fmt.Sprintf("%d-%s", pieces, time.Second/piecesASecond), up.url})
	if err != nil {
		return nil, err
	}
	path := filepath.Join(e.dir, "streams.yaml")
	if err := os.WriteFile(path, []byte(yaml), 0o600); err != nil {
		return nil, err
	}
	c, err := e.serve(ctx, []string{path}, e.cache())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if _, err := rate(ctx, manyCallers, time.Second, c.decide(prompts)); err != nil {
		return nil, err // what the server needs anyway is there before memory is compared
	}
	before, err := c.resident()
	if err != nil {
		return nil, err
	}
	callers, err := dialMany(c.address, streamsAtOnce/streamsAConnection)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, callers.close()) }()
	var got, open, most atomic.Int64
	start := time.Now()
	watched, stop := context.WithCancel(ctx)
	peak := make(chan float64, 1)
	go func() { peak <- c.watch(watched) }()
	group, streaming := errgroup.WithContext(ctx)
	for i := range streamsAtOnce {
		if !wait(streaming, time.Until(start.Add(time.Duration(i)*time.Second/startsASecond))) {
			break
		}
		group.Go(func() error {
			most.Store(max(most.Load(), open.Add(1)))
			_, n, err := streamed(streaming, callers.clients[i/streamsAConnection], prompts[i%len(prompts)])
			open.Add(-1)
			got.Add(int64(n))
			return err
		})
	}
	err = group.Wait()
	took := time.Since(start)
	stop()
	held := (<-peak - before) / streamsAtOnce / 1024
	if err != nil {
		return nil, fmt.Errorf("%d of %d pieces arrived in order: %w", got.Load(), streamsAtOnce*pieces, err)
	}
	once := func(v float64) figure { return over([]float64{v}) }
	return []Row{
		atMost("2,000 streams of 50 pieces a second: pieces lost or out of order", once(float64(int64(streamsAtOnce*pieces)-got.Load())), "pieces", 0).
			noted("%d pieces in %.1f s, at most %d streams open, %d a connection", got.Load(), took.Seconds(), most.Load(), streamsAConnection),
		atMost("memory a stream", once(held), "KB", 60).noted("growth of the server's resident set"),
	}, nil
}

// connections are several of one kind to a server.
type connections struct {
	conns   []*grpc.ClientConn
	clients []semroutev1.RouterServiceClient
}

func dialMany(address string, n int) (*connections, error) {
	c := &connections{}
	for range n {
		conn, err := connect(address)
		if err != nil {
			return nil, errors.Join(err, c.close())
		}
		c.conns = append(c.conns, conn)
		c.clients = append(c.clients, semroutev1.NewRouterServiceClient(conn))
	}
	return c, nil
}

func (c *connections) close() error {
	var problems []error
	for _, conn := range c.conns {
		problems = append(problems, conn.Close())
	}
	return errors.Join(problems...)
}

// watch returns the most memory that the process held until ctx ends.
func (c *child) watch(ctx context.Context) float64 {
	most := 0.0
	for wait(ctx, sampleEvery) {
		if size, err := c.resident(); err == nil {
			most = max(most, size)
		}
	}
	return most
}
