package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit codes.
const (
	exitDone     = 0
	exitFailed   = 1
	exitWrongUse = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// errWrongUse marks what the caller of the command line got wrong.
var errWrongUse = errors.New("wrong use")

// run is main without the process: it returns the exit code.
func run(ctx context.Context, args []string, out, progress io.Writer) int {
	cmd := command(out, progress)
	cmd.SetArgs(args)
	cmd.SetOut(out)
	cmd.SetErr(progress)
	err := cmd.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	_, _ = fmt.Fprintln(progress, "bench:", err)
	if errors.Is(err, errWrongUse) {
		return exitWrongUse
	}
	return exitFailed
}

// command is the whole command line.
func command(out, progress io.Writer) *cobra.Command {
	o := options{progress: progress}
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure this installation against its own floor",
		Long: "Every part is measured beside what it stands on, in turns: a decision beside an\n" +
			"empty call, the Ollama path beside a bare embedding call, and so on. What a\n" +
			"machine lacks is left out with the reason. `semroute bench --target` loads a\n" +
			"running server.",
		Example: "  go run ./bench --quick\n" +
			"  go run ./bench --only decisions,tail --catalog my.yaml --data prompts.jsonl",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), out) },
	}
	cmd.AddCommand(reverseProxyCommand(), attackersCommand())
	cmd.CompletionOptions.DisableDefaultCmd = true
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return fmt.Errorf("%w: %w (see --help)", errWrongUse, err)
	})
	f := cmd.Flags()
	f.StringSliceVar(&o.only, "only", nil, "benchmarks to run (default: all); --list shows their names")
	f.BoolVar(&o.list, "list", false, "list the benchmarks and end")
	f.BoolVar(&o.quick, "quick", false, "measure shortly and roughly, to see that all works")
	f.BoolVar(&o.asJSON, "json", false, "print the results as JSON")
	f.StringVar(&o.out, "out", "bench/out/results.json", "file that the results are written to as JSON; empty writes none")
	f.StringSliceVar(&o.catalog, "catalog", nil, "large catalog to measure (default: 150 made-up routes of 100 utterances)")
	f.StringArrayVar(&o.data, "data", nil, `prompts for the large catalog, JSON lines {"text": "...", "route": "NAME"}; give it again for more files`)
	f.IntVar(&o.connections, "connections", 1, "how many connections the callers share")
	f.StringVar(&o.binaryPath, "binary", "", "semroute binary to start where a process is measured (default: one that is built for the run)")
	f.StringVar(&o.ollamaHost, "ollama-host", "", "address of Ollama (default: OLLAMA_HOST, then 127.0.0.1:11434)")
	f.StringVar(&o.ollamaModel, "ollama-model", "all-minilm", "Ollama's embedding model")
	f.StringVar(&o.qdrant, "qdrant", os.Getenv("QDRANT_ADDR"), "address of Qdrant's gRPC port (default: QDRANT_ADDR, then a double in process)")
	f.StringVar(&o.litellm, "litellm", "", "address of a LiteLLM proxy whose model \"upstream\" is the double at --double, as http://127.0.0.1:4000/v1")
	f.StringVar(&o.double, "double", "", "address on which the double of a model's server listens (default: any free port)")
	f.StringVar(&o.aurelio, "aurelio", "", "command that decides by aurelio semantic-router as bench/peers/aurelio.py does, words separated by blanks")
	f.StringVar(&o.onnx, "onnx", "", "command that embeds by ONNX Runtime as bench/peers/onnx_runtime.py does, words separated by blanks")
	return cmd
}
