package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/klauspost/cpuid/v2"
	"github.com/semroute/semroute/bench/capacity"
	"github.com/spf13/cobra"
)

// benchFlags are the flags of `bench`.
type benchFlags struct {
	only   []string
	list   bool
	quick  bool
	asJSON bool
	out    string
	data   []string

	target      serverAddress
	prompts     string
	rate        float64
	duration    time.Duration
	callers     int
	connections int
}

// newBench measures what an installation needs, or loads a running server.
func newBench(s *settings, std stdio) *cobra.Command {
	var flags benchFlags
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure what an installation needs, or load a running server",
		Long: "Without --target it is measured how soon a catalog is served, how much memory that\n" +
			"takes, and, simulated, what Qdrant needs for catalogs of millions of utterances.\n" +
			"What this project is measured by runs from its repository: `go run ./bench`.\n\n" +
			"With --target a running server is asked the prompts, at a fixed rate of arrival\n" +
			"with --rate, else as fast as the callers can. Latencies at a fixed rate count\n" +
			"from when a call was meant to start.",
		Example: "  semroute bench --only sizing\n" +
			"  semroute bench --only start,memory --catalog my.yaml --data prompts.jsonl\n" +
			"  semroute bench --target 127.0.0.1:50051 --prompts prompts.txt --rate 2000 --duration 30s",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.bench(cmd.Context(), std, flags)
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&flags.only, "only", nil, "benchmarks to run (default: all); --list shows their names")
	f.BoolVar(&flags.list, "list", false, "list the benchmarks and end")
	f.BoolVar(&flags.quick, "quick", false, "measure shortly and roughly")
	f.BoolVar(&flags.asJSON, "json", false, "print the results as JSON")
	f.StringVar(&flags.out, "out", "bench/out/results.json", "file that the results are written to as JSON; empty writes none")
	f.StringSliceVar(&s.catalog, "catalog", nil, "large catalog to measure (default: 150 made-up routes of 100 utterances)")
	dataFlag(cmd, &flags.data, "prompts for the large catalog")
	addServer(f, &flags.target, "target", "", "address of a running server to load")
	f.StringVar(&flags.prompts, "prompts", "", "file of prompts for --target, one a line, or labelled in .jsonl")
	f.Float64Var(&flags.rate, "rate", 0, "calls a second that arrive at --target (default: as many as the callers can make)")
	f.DurationVar(&flags.duration, "duration", 10*time.Second, "how long --target is loaded")
	f.IntVar(&flags.callers, "callers", 64, "how many calls may be in flight at --target")
	f.IntVar(&flags.connections, "connections", 1, "how many connections the callers share")
	for _, name := range benchOfRepository {
		f.String(name, "", "")
		if err := f.MarkHidden(name); err != nil {
			panic(err) // the flag was added above
		}
	}
	return cmd
}

// benchOfRepository are flags of `go run ./bench`, which were of this command once.
var benchOfRepository = []string{"ollama-host", "ollama-model", "qdrant", "litellm", "double", "aurelio"}

func (s *settings) bench(ctx context.Context, std stdio, flags benchFlags) error {
	for _, name := range benchOfRepository {
		if s.typed[name] {
			return wrongUse("--%s: what needs it runs from the project's repository: %s --%s …", name, inRepository(flags.only), name)
		}
	}
	switch {
	case flags.connections < 1:
		return wrongUse("--connections must be 1 or more")
	case flags.list:
		return capacity.List(std.out)
	case flags.target.address != "":
		return attack(ctx, std, flags)
	case flags.prompts != "" || flags.rate != 0:
		return wrongUse("--prompts and --rate are for a running server: give --target ADDR")
	}
	options, err := s.benchOptions(std, flags)
	if err != nil {
		return err
	}
	rows, failed := capacity.Run(ctx, options)
	if errors.Is(failed, capacity.ErrUnknown) {
		return wrongUse("--only: %w; others run from the project's repository: %s", failed, inRepository(flags.only))
	}
	if flags.out != "" {
		if err := rows.WriteFile(flags.out); err != nil {
			return errors.Join(err, failed)
		}
	}
	if flags.asJSON {
		return errors.Join(writeJSONLine(std.out, rows), failed)
	}
	_, _ = fmt.Fprintf(std.out, "%s, %d cores, %s/%s, %s\n\n", cpuid.CPU.BrandName, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	return errors.Join(rows.WriteTable(std.out), failed)
}

// inRepository is the command that runs the benchmarks of the repository.
func inRepository(only []string) string {
	if len(only) == 0 {
		only = []string{"NAME"}
	}
	return "go run ./bench --only " + strings.Join(only, ",")
}

func (s *settings) benchOptions(std stdio, flags benchFlags) (capacity.Options, error) {
	binary, err := os.Executable()
	if err != nil {
		return capacity.Options{}, fmt.Errorf("the path of this binary: %w", err)
	}
	o := capacity.Options{Only: flags.only, Quick: flags.quick, Catalog: s.catalog, Binary: binary, Progress: std.err}
	if len(s.catalog) > 0 {
		if _, err := s.loadCatalog(std); err != nil { // its problems are wrong use, and told before anything runs
			return o, err
		}
	}
	labelled, err := readData(flags.data)
	if err != nil {
		return o, err
	}
	for _, l := range labelled {
		o.Prompts = append(o.Prompts, l.Text)
	}
	return o, nil
}
