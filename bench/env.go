package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/semroute/semroute/bench/catalogs"
	"github.com/semroute/semroute/bench/measure"
	"github.com/semroute/semroute/bench/process"
)

// env is what the benchmarks of one run share.
type env struct {
	options
	dir    string // removed at the end
	source *catalogs.Source
	built  string // the binary, once it is there
}

func newEnv(o options, prompts []string) (*env, error) {
	dir, err := os.MkdirTemp("", "semroute-bench-")
	if err != nil {
		return nil, fmt.Errorf("a folder for the run: %w", err)
	}
	return &env{options: o, dir: dir, source: &catalogs.Source{Paths: o.catalog, Prompts: prompts, Dir: dir}}, nil
}

func (e *env) close() error { return os.RemoveAll(e.dir) }

// cache is where vectors and trained state are kept until the run ends.
func (e *env) cache() string { return filepath.Join(e.dir, "cache") }

// say tells what runs.
func (e *env) say(format string, args ...any) {
	_, _ = fmt.Fprintf(e.progress, format+"\n", args...)
}

// rounds is how often arms take turns.
func (e *env) rounds() int { return measure.Pick(e.quick, 2, 7) }

// turn is how long one turn lasts.
func (e *env) turn() time.Duration { return measure.Pick(e.quick, 300*time.Millisecond, 2*time.Second) }

// binary is the path of the one that was named, or of one that is built now.
func (e *env) binary(ctx context.Context) (string, error) {
	if e.built != "" {
		return e.built, nil
	}
	path, err := filepath.Abs(e.binaryPath)
	if e.binaryPath == "" {
		path = filepath.Join(e.dir, "semroute")
		e.say("building semroute")
		err = build(ctx, path)
	}
	if err != nil {
		return "", err
	}
	e.built = path
	return path, nil
}

// build builds the product's binary; it needs the repository as working folder.
func build(ctx context.Context, path string) error {
	compile := exec.CommandContext(ctx, "go", "build", "-o", path, "github.com/semroute/semroute/cmd/semroute") //nolint:gosec // a path of our own
	said, err := compile.CombinedOutput()
	if errors.Is(err, exec.ErrNotFound) {
		return measure.Skip("there is no Go to build semroute with; name a binary by --binary")
	}
	if err != nil {
		return fmt.Errorf("building semroute: %w: %s", err, said)
	}
	return nil
}

// serve starts the binary with the catalog. What it embeds and trains is kept for
// the other benchmarks of the run.
func (e *env) serve(ctx context.Context, catalog []string, args ...string) (*process.Server, error) {
	binary, err := e.binary(ctx)
	if err != nil {
		return nil, err
	}
	return process.Serve(ctx, process.Config{Binary: binary, Catalog: catalog, Args: args, Dir: e.dir, CacheDir: e.cache()})
}
