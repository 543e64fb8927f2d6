// Command semroute is the router: a gRPC server, and the tools to seed,
// measure and argue about its decisions. This package holds flags, wiring and
// signals; a file a command. What a command does lives in the packages below.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Exit codes of every command.
const (
	exitDone     = 0
	exitFailed   = 1
	exitWrongUse = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], stdio{in: os.Stdin, out: os.Stdout, err: os.Stderr})
	stop()
	os.Exit(code)
}

// stdio is what a command reads and writes: results on out, all else on err.
type stdio struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

// run is main without the process: it returns the exit code.
func run(ctx context.Context, args []string, std stdio) int {
	root := newRoot(std)
	root.SetArgs(args)
	root.SetIn(std.in)
	root.SetOut(std.out)
	root.SetErr(std.err)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	if !errors.Is(err, errSilent) {
		_, _ = fmt.Fprintln(readable(std.err), "semroute:", err)
	}
	if errors.Is(err, errWrongUse) {
		return exitWrongUse
	}
	return exitFailed
}

var (
	// errWrongUse marks what the caller of the command line got wrong.
	errWrongUse = errors.New("wrong use")
	// errSilent ends a command whose output already says what failed.
	errSilent = errors.New("failed")
)

// wrongUse is an error that ends in exit code 2.
func wrongUse(format string, args ...any) error {
	return useError{fmt.Errorf(format, args...)}
}

// useError marks an error as wrong use without adding words to it.
type useError struct{ error }

func (e useError) Is(target error) bool { return target == errWrongUse }
func (e useError) Unwrap() error        { return e.error }
