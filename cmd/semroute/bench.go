package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/klauspost/cpuid/v2"
	"github.com/semroute/semroute/bench"
	"github.com/semroute/semroute/internal/plainfile"
	"github.com/spf13/cobra"
)

// benchFlags are the flags of `bench`.
type benchFlags struct {
	only    []string
	list    bool
	quick   bool
	asJSON  bool
	out     string
	data    []string
	qdrant  string
	litellm string
	double  string
	aurelio string

	target      string
	prompts     string
	rate        float64
	duration    time.Duration
	callers     int
	connections int
}

// newBench measures this installation, or loads a running server.
func newBench(s *settings, std stdio) *cobra.Command {
	var flags benchFlags
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure this installation against its own floor, or load a running server",
		Long: "Without --target every part is measured beside what it stands on, in turns: a\n" +
			"decision beside an empty call, the Ollama path beside a bare embedding call, and\n" +
			"so on. What a machine lacks is left out with the reason.\n\n" +
			"With --target a running server is asked the prompts, at a fixed rate of arrival\n" +
			"with --rate, else as fast as the callers can. Latencies at a fixed rate count\n" +
			"from when a call was meant to start.",
		Example: "  semroute bench --quick\n" +
			"  semroute bench --only decisions,tail --catalog my.yaml --data prompts.jsonl\n" +
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
	addOllamaHost(f, &s.ollamaHost, "address of Ollama")
	f.StringVar(&s.ollamaModel, "ollama-model", "all-minilm", "Ollama's embedding model")
	f.StringVar(&flags.qdrant, "qdrant", os.Getenv("QDRANT_ADDR"), "address of Qdrant's gRPC port (default: QDRANT_ADDR, then a double in process)")
	f.StringVar(&flags.litellm, "litellm", "", "address of a LiteLLM proxy whose model \"upstream\" is the double at --double, as http://127.0.0.1:4000/v1")
	f.StringVar(&flags.double, "double", "", "address on which the double of a model's server listens (default: any free port)")
	f.StringVar(&flags.aurelio, "aurelio", "", "command that decides by aurelio semantic-router, words separated by blanks")
	f.StringVar(&flags.target, "target", "", "address of a running server to load")
	f.StringVar(&flags.prompts, "prompts", "", "file of prompts for --target, one a line, or labelled in .jsonl")
	f.Float64Var(&flags.rate, "rate", 0, "calls a second that arrive at --target (default: as many as the callers can make)")
	f.DurationVar(&flags.duration, "duration", 10*time.Second, "how long --target is loaded")
	f.IntVar(&flags.callers, "callers", 64, "how many calls may be in flight at --target")
	f.IntVar(&flags.connections, "connections", 1, "how many connections the callers share")
	return cmd
}

func (s *settings) bench(ctx context.Context, std stdio, flags benchFlags) error {
	switch {
	case flags.list:
		return listBenchmarks(std.out)
	case flags.target != "":
		return attack(ctx, std, flags)
	case flags.prompts != "" || flags.rate != 0:
		return wrongUse("--prompts and --rate are for a running server: give --target ADDR")
	}
	options, err := s.benchOptions(std, flags)
	if err != nil {
		return err
	}
	rows, failed := bench.Run(ctx, options)
	if errors.Is(failed, bench.ErrUnknown) {
		return wrongUse("--only: %w", failed)
	}
	if flags.out != "" {
		if err := bench.WriteFile(flags.out, rows); err != nil {
			return errors.Join(err, failed)
		}
	}
	return errors.Join(printRows(std.out, rows, flags), failed)
}

func (s *settings) benchOptions(std stdio, flags benchFlags) (bench.Options, error) {
	if flags.connections < 1 {
		return bench.Options{}, wrongUse("--connections must be 1 or more")
	}
	binary, err := os.Executable()
	if err != nil {
		return bench.Options{}, fmt.Errorf("the path of this binary: %w", err)
	}
	o := bench.Options{
		Only: flags.only, Quick: flags.quick, Catalog: s.catalog, Binary: binary,
		OllamaHost: s.ollamaHost, OllamaModel: s.ollamaModel, Qdrant: flags.qdrant, Connections: flags.connections,
		Upstream: flags.double, LiteLLM: flags.litellm, Aurelio: strings.Fields(flags.aurelio), Progress: std.err,
	}
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

func listBenchmarks(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, b := range bench.List() {
		_, _ = fmt.Fprintf(table, "%s\t%s\n", b.Name, b.About)
	}
	return table.Flush()
}

func printRows(w io.Writer, rows []bench.Row, flags benchFlags) error {
	if flags.asJSON {
		return writeJSONLine(w, rows)
	}
	_, _ = fmt.Fprintf(w, "%s, %d cores, %s/%s, %s\n\n", cpuid.CPU.BrandName, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	return bench.WriteTable(w, rows)
}

func writeJSONLine(w io.Writer, v any) error {
	if err := json.NewEncoder(w).Encode(v); err != nil {
		return fmt.Errorf("results as JSON: %w", err)
	}
	return nil
}

// attack loads the server that was named. Calls that failed are counted in
// the report and end in exit code 1.
func attack(ctx context.Context, std stdio, flags benchFlags) error {
	if flags.prompts == "" {
		return wrongUse("--target needs --prompts FILE, one prompt a line")
	}
	prompts, err := readPrompts(flags.prompts)
	if err != nil {
		return err
	}
	report, err := bench.Attack(ctx, bench.Load{
		Target: flags.target, Prompts: prompts, Rate: flags.rate, Duration: flags.duration,
		Callers: flags.callers, Connections: flags.connections,
	})
	if errors.Is(err, bench.ErrLoad) {
		return wrongUse("%w", err)
	}
	if err != nil {
		return err
	}
	if flags.asJSON {
		err = writeJSONLine(std.out, report)
	} else {
		err = writeLoad(std.out, report)
	}
	if err == nil && report.Errors > 0 {
		return fmt.Errorf("%d of %d calls failed: %v", report.Errors, report.Calls, report.ErrorsByCode)
	}
	return err
}

// readPrompts reads lines of text, or the texts of labelled prompts.
func readPrompts(path string) ([]string, error) {
	if strings.HasSuffix(path, ".jsonl") {
		labelled, err := readData([]string{path})
		if err != nil {
			return nil, err
		}
		prompts := make([]string, len(labelled))
		for i := range labelled {
			prompts[i] = labelled[i].Text
		}
		return prompts, nil
	}
	file, err := plainfile.Open(path, plainfile.AnySize)
	if err != nil {
		return nil, wrongUse("--prompts: %w", err)
	}
	defer func() { _ = file.Close() }()
	var prompts []string
	lines := bufio.NewScanner(file)
	lines.Buffer(make([]byte, 0, 64<<10), maxPromptBytes)
	for lines.Scan() {
		if strings.TrimSpace(lines.Text()) != "" {
			prompts = append(prompts, lines.Text())
		}
	}
	if lines.Err() != nil {
		return nil, wrongUse("--prompts: %s: %w", path, lines.Err())
	}
	if len(prompts) == 0 {
		return nil, wrongUse("--prompts: %s holds no prompts", path)
	}
	return prompts, nil
}

func writeLoad(w io.Writer, r bench.LoadReport) error {
	schedule := "closed loop: every caller calls again at once"
	if r.AskedRate > 0 {
		schedule = fmt.Sprintf("open loop at %.0f calls a second; latency counts from the intended start", r.AskedRate)
	}
	p := r.LatencyUS
	_, err := fmt.Fprintf(w, "%s\n%d calls in %.1f s, %.0f a second, %d failed\n"+
		"latency in µs: mean %.0f, p50 %.0f, p90 %.0f, p99 %.0f, p99.9 %.0f, max %.0f\n",
		schedule, r.Calls, r.Seconds, r.Rate, r.Errors, p.Mean, p.P50, p.P90, p.P99, p.P999, p.Max)
	return err
}
