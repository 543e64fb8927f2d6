// Package capacity measures what an installation needs: how soon it serves, the
// memory that it holds, and, simulated, what Qdrant needs for catalogs of
// millions of utterances. It starts the binary that it is told of; floors and
// peers are measured by the program bench.
package capacity

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/semroute/semroute/bench/catalogs"
	"github.com/semroute/semroute/bench/measure"
	"github.com/semroute/semroute/bench/process"
)

// ErrUnknown: there is no benchmark of that name.
var ErrUnknown = measure.ErrUnknown

// Setup is what the benchmarks work with.
type Setup struct {
	// Binary is the path of the semroute binary, absolute; it is asked for when a
	// process is first started.
	Binary func(ctx context.Context) (string, error)
	// Source gives the large catalog.
	Source *catalogs.Source
	// Dir is a folder for files that are not needed afterwards, CacheDir one for
	// what is embedded and trained.
	Dir, CacheDir string
	// Quick measures shortly and roughly, to see that all works.
	Quick bool
}

// serve starts the binary with the catalog. It refuses nothing under overload: what is
// measured here belongs to a given number of decisions, on however busy a machine.
func (s Setup) serve(ctx context.Context, catalog []string, cache string) (*process.Server, error) {
	binary, err := s.Binary(ctx)
	if err != nil {
		return nil, err
	}
	return process.Serve(ctx, process.Config{Binary: binary, Catalog: catalog, Args: []string{"--admit-all"}, Dir: s.Dir, CacheDir: cache})
}

// Benchmarks are all that this package has, in the order in which they run.
func Benchmarks(s Setup) []measure.Benchmark {
	with := func(run func(context.Context, Setup) (measure.Rows, error)) func(context.Context) (measure.Rows, error) {
		return func(ctx context.Context) (measure.Rows, error) { return run(ctx, s) }
	}
	return []measure.Benchmark{
		{Name: "sizing", About: "memory, disk and search cost of Qdrant from 1 M to 100 M utterances, simulated", Run: with(sizing)},
		{Name: "start", About: "process start to SERVING", Run: with(warmStart)},
		{Name: "memory", About: "memory after 100,000 decisions", Run: with(memoryAfter)},
	}
}

// Options say what Run measures and on what.
type Options struct {
	// Only names the benchmarks to run; empty means all.
	Only []string
	// Catalog are the files of the catalog to serve and Prompts what it is asked;
	// empty means one of 150 routes × 100 utterances that is made up.
	Catalog []string
	Prompts []string
	// Binary is the path of the semroute binary, absolute.
	Binary string
	Quick  bool
	// Progress is told what runs.
	Progress io.Writer
}

// Run measures and returns the rows, as measure.Run does. An unknown name is
// ErrUnknown.
func Run(ctx context.Context, o Options) (rows measure.Rows, err error) {
	if _, err := measure.Choose(Benchmarks(Setup{}), o.Only); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "semroute-bench-")
	if err != nil {
		return nil, fmt.Errorf("a folder for the run: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	chosen, err := measure.Choose(Benchmarks(Setup{
		Binary: func(context.Context) (string, error) { return o.Binary, nil },
		Source: &catalogs.Source{Paths: o.Catalog, Prompts: o.Prompts, Dir: dir},
		Dir:    dir, CacheDir: filepath.Join(dir, "cache"), Quick: o.Quick,
	}), o.Only)
	if err != nil {
		return nil, err
	}
	return measure.Run(ctx, chosen, o.Progress)
}

// List prints the names of the benchmarks with what they are about.
func List(w io.Writer) error { return measure.WriteList(w, Benchmarks(Setup{})) }
