package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/server"
	"github.com/semroute/semroute/store"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"
)

// pipeBytes is how much is under way in the connection within the process.
const pipeBytes = 1 << 20

// ownServer serves the catalog within this process, so that a chat passes
// through the very code that serves others. The returned function ends it.
func (s *settings) ownServer(ctx context.Context, std stdio, flags callFlags) (*grpc.ClientConn, func() error, error) {
	catalog, err := s.loadCatalog(std)
	if err != nil {
		return nil, nil, err
	}
	if len(catalog.Models) == 0 {
		return nil, nil, wrongUse("the catalog names no models to chat with; `semroute route` decides without")
	}
	calls, err := s.openCalls(ctx, func(store.Store) (*routes.Catalog, error) { return catalog, nil }, flags, false, newLogger(std.err, zerolog.WarnLevel))
	if err != nil {
		return nil, nil, err
	}
	local, err := s.localEngineOf(ctx, std, catalog)
	if err != nil {
		return nil, nil, errors.Join(err, calls.close())
	}
	free := func() error { return errors.Join(calls.close(), local.Close()) }
	conn, end, err := servePipe(ctx, local, calls)
	if err != nil {
		return nil, nil, errors.Join(err, free())
	}
	return conn, func() error { return errors.Join(end(), free()) }, nil
}

// servePipe serves over a connection in memory. The returned function waits
// for the last call.
func servePipe(ctx context.Context, decider server.Decider, calls *calls) (*grpc.ClientConn, func() error, error) {
	srv, err := server.New(decider, calls.forwarder, zerolog.Nop(), server.Config{Decisions: calls.log})
	if err != nil {
		return nil, nil, err
	}
	srv.Ready()
	listener := bufconn.Listen(pipeBytes)
	conn, err := grpc.NewClient("passthrough:///chat", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		return nil, nil, err
	}
	serving, stop := context.WithCancel(context.WithoutCancel(ctx)) // it ends after the last call, not with ctx
	served := make(chan error, 1)
	go func() { served <- srv.Serve(serving, listener) }()
	return conn, func() error {
		err := conn.Close()
		stop()
		return errors.Join(err, <-served)
	}, nil
}

// promptedLines calls do with every line of standard input that is not blank,
// until it ends or ctx does. On a terminal it shows a prompt.
func promptedLines(ctx context.Context, std stdio, do func(line string)) error {
	lines, failed := make(chan string), make(chan error, 1)
	go readLines(ctx, std.in, lines, failed)
	for {
		if interactive(std.in) {
			_, _ = fmt.Fprint(std.err, "> ")
		}
		select {
		case <-ctx.Done():
			return nil
		case line, ok := <-lines:
			if !ok {
				return <-failed
			}
			if strings.TrimSpace(line) != "" {
				do(line)
			}
		}
	}
}

// readLines runs beside, because a terminal's read cannot be interrupted.
func readLines(ctx context.Context, in io.Reader, lines chan<- string, failed chan<- error) {
	scanner := bufio.NewScanner(in)
	scanner.Buffer(make([]byte, 0, 64<<10), maxPromptBytes)
	for scanner.Scan() {
		select {
		case lines <- scanner.Text():
		case <-ctx.Done():
			return
		}
	}
	err := scanner.Err()
	if errors.Is(err, bufio.ErrTooLong) {
		err = fmt.Errorf("standard input: a line is longer than %d bytes", maxPromptBytes)
	}
	failed <- err
	close(lines)
}

func interactive(in io.Reader) bool {
	file, ok := in.(*os.File)
	return ok && isTerminal(file)
}
