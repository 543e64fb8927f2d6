package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

const (
	// usualWait is what a server with vectors in process needs to start.
	usualWait = 5 * time.Second
	// askAgain is the pause between two questions whether it serves.
	askAgain = 50 * time.Millisecond
	// answerTimeout bounds one such question.
	answerTimeout = 5 * time.Second
)

// serverAddress is a running server that a command asks, and how long it may
// take to be ready: `semroute serve &` returns before it listens.
type serverAddress struct {
	flag    string // that names it
	address string
	wait    time.Duration
	access  clientAccess
}

// addServer adds the flag that names the server, and --wait.
func addServer(f *pflag.FlagSet, to *serverAddress, flag, usual, usage string) {
	to.flag = "--" + flag
	f.StringVar(&to.address, flag, usual, usage)
	to.access.add(f)
	f.DurationVar(&to.wait, "wait", usualWait, "how long to wait for the server to be ready; 0 asks once")
}

// connect makes a connection to a server that is ready. One that does not
// listen yet, or still makes its first generation, is waited for.
func (a serverAddress) connect(ctx context.Context) (*grpc.ClientConn, error) {
	if a.wait < 0 {
		return nil, wrongUse("--wait must be 0 or more")
	}
	options, err := a.access.options(a.address)
	if err != nil {
		return nil, err
	}
	conn, err := grpc.NewClient(a.address, append(options,
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: askAgain, Multiplier: 1.5, MaxDelay: 4 * askAgain},
			MinConnectTimeout: answerTimeout,
		}))...)
	if err != nil {
		return nil, wrongUse("%s %s: %w", a.flag, a.address, err)
	}
	if err := a.awaitReady(ctx, healthv1.NewHealthClient(conn)); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// awaitReady asks for the server's health until it serves, the wait is over or
// ctx ends.
func (a serverAddress) awaitReady(ctx context.Context, client healthv1.HealthClient) error {
	over := time.Now().Add(a.wait)
	for {
		err := a.ready(ctx, client)
		if err == nil || ctx.Err() != nil {
			return err
		}
		if time.Until(over) < askAgain {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(askAgain):
		}
	}
}

// ready asks once. A server that does not speak of health is left to answer
// the call itself.
func (a serverAddress) ready(ctx context.Context, client healthv1.HealthClient) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	resp, err := client.Check(ctx, &healthv1.HealthCheckRequest{})
	switch {
	case status.Code(err) == codes.Unimplemented:
		return nil
	case status.Code(err) == codes.Unavailable:
		return fmt.Errorf("server %s: nothing answers there after %s (%s): start one with `semroute serve --catalog PATH`, or name another with %s",
			a.address, a.wait, status.Convert(err).Message(), a.flag)
	case err != nil:
		return fmt.Errorf("server %s: %w", a.address, err)
	case resp.GetStatus() != healthv1.HealthCheckResponse_SERVING:
		return fmt.Errorf("server %s is %s after %s: its log says what it waits for; --wait 10m gives it longer, as embedding a large catalog may need",
			a.address, resp.GetStatus(), a.wait)
	}
	return nil
}
