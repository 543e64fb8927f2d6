package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/semroute/semroute/bench/client"
	"github.com/semroute/semroute/bench/measure"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
)

const (
	streamsAtOnce = 2000
	piecesASecond = 50
	startsASecond = 1000
	// streamsAConnection is how many share one, as many as HTTP/2 clients open
	// by default. All over one would measure that client's 64 KB window for a
	// connection: while it is full the server has to keep what comes.
	streamsAConnection = 100
)

// manyStreams holds 2,000 streams open against a server in a process of its
// own, checks every piece of every one, and reads the server's memory.
func manyStreams(ctx context.Context, e *env) (rows measure.Rows, err error) {
	up, err := newUpstream(ctx, "")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, up.close()) }()
	pieces := piecesASecond * measure.Pick(e.quick, 4, 15)
	yaml, prompts, err := forwardingYAML(model{"steady", fmt.Sprintf("%d-%s", pieces, time.Second/piecesASecond), up.url})
	if err != nil {
		return nil, err
	}
	path := filepath.Join(e.dir, "streams.yaml")
	if err := os.WriteFile(path, []byte(yaml), 0o600); err != nil {
		return nil, err
	}
	c, err := e.serve(ctx, []string{path})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if _, err := measure.Rate(ctx, measure.ManyCallers, time.Second, c.Decide(prompts)); err != nil {
		return nil, err // what the server needs anyway is there before memory is compared
	}
	before, err := c.Resident()
	if err != nil {
		return nil, err
	}
	callers, err := connectMany(c.Address, streamsAtOnce/streamsAConnection)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, callers.close()) }()
	var got, open, most atomic.Int64
	start := time.Now()
	watched, stop := context.WithCancel(ctx)
	peak := make(chan float64, 1)
	go func() { peak <- c.MostResident(watched) }()
	group, streaming := errgroup.WithContext(ctx)
	for i := range streamsAtOnce {
		if !measure.Wait(streaming, time.Until(start.Add(time.Duration(i)*time.Second/startsASecond))) {
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
	once := func(v float64) measure.Figure { return measure.Over([]float64{v}) }
	return measure.Rows{
		measure.AtMost("2,000 streams of 50 pieces a second: pieces lost or out of order", once(float64(int64(streamsAtOnce*pieces)-got.Load())), "pieces", 0).
			Noted("%d pieces in %.1f s, at most %d streams open, %d a connection", got.Load(), took.Seconds(), most.Load(), streamsAConnection),
		measure.AtMost("memory a stream", once(held), "KB", 60).Noted("growth of the server's resident set"),
	}, nil
}

// connections are several of one kind to a server.
type connections struct {
	conns   []*grpc.ClientConn
	clients []semroutev1.RouterServiceClient
}

func connectMany(address string, n int) (*connections, error) {
	c := &connections{}
	for range n {
		conn, err := client.Connect(address)
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
