package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/klauspost/cpuid/v2"
	"github.com/semroute/semroute/bench/measure"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/internal/ollamahost"
	"github.com/semroute/semroute/routes"
)

// options are the flags.
type options struct {
	only        []string
	list        bool
	quick       bool
	asJSON      bool
	out         string
	catalog     []string
	data        []string
	connections int
	binaryPath  string

	ollamaHost  string
	ollamaModel string
	qdrant      string
	litellm     string
	double      string
	aurelio     string
	onnx        string

	progress io.Writer
}

// run measures what was asked for, keeps the results and prints them. What could
// not be measured is in them, and an error beside them.
func (o options) run(ctx context.Context, out io.Writer) error {
	if o.list {
		return measure.WriteList(out, (&env{}).benchmarks())
	}
	prompts, err := o.check()
	if err != nil {
		return fmt.Errorf("%w: %w", errWrongUse, err)
	}
	rows, failed := o.measure(ctx, prompts)
	if o.out != "" && len(rows) > 0 {
		failed = errors.Join(rows.WriteFile(o.out), failed)
	}
	if o.asJSON {
		return errors.Join(json.NewEncoder(out).Encode(rows), failed)
	}
	_, _ = fmt.Fprintf(out, "%s, %d cores, %s/%s, %s\n\n", cpuid.CPU.BrandName, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	return errors.Join(rows.WriteTable(out), failed)
}

// check tells wrong use before anything runs, and reads the prompts.
func (o options) check() (prompts []string, err error) {
	if o.connections < 1 {
		return nil, errors.New("--connections must be 1 or more")
	}
	if _, err := measure.Choose((&env{}).benchmarks(), o.only); err != nil {
		return nil, fmt.Errorf("--only: %w", err)
	}
	if _, err := ollamahost.Resolve(o.ollamaHost); err != nil {
		return nil, fmt.Errorf("--ollama-host: %w", err)
	}
	if len(o.catalog) > 0 {
		if _, err := engine.LoadCatalog("", o.catalog...); err != nil {
			return nil, err
		}
	}
	for _, path := range o.data {
		file, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("--data: %w", err)
		}
		labelled, err := routes.ReadLabelled(file, path)
		if err := errors.Join(err, file.Close()); err != nil {
			return nil, fmt.Errorf("--data: %w", err)
		}
		for _, l := range labelled {
			prompts = append(prompts, l.Text)
		}
	}
	return prompts, nil
}

func (o options) measure(ctx context.Context, prompts []string) (rows measure.Rows, err error) {
	e, err := newEnv(o, prompts)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.close()) }()
	chosen, err := measure.Choose(e.benchmarks(), o.only)
	if err != nil {
		return nil, err
	}
	return measure.Run(ctx, chosen, o.progress)
}
