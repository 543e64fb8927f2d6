package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Benchmark is one that can be asked for by its name.
type Benchmark struct {
	Name string
	// About is one line.
	About string
	run   func(ctx context.Context, e *env) ([]Row, error)
}

// Options say what is measured and on what. The zero value measures everything
// that needs no service.
type Options struct {
	// Only names the benchmarks to run; empty means all.
	Only []string
	// Quick measures shortly and roughly, to see that all works.
	Quick bool
	// Catalog is the large catalog and Prompts what it is asked; empty means
	// one of 150 routes × 100 utterances that is made up.
	Catalog []string
	Prompts []string
	// Binary is the semroute binary that is started where a process is measured.
	Binary string
	// OllamaHost empty means OLLAMA_HOST, then the default.
	OllamaHost  string
	OllamaModel string
	// Qdrant is the address of Qdrant's gRPC port; empty measures against a
	// double.
	Qdrant string
	// Connections is how many the callers share.
	Connections int
	// Upstream is where the double of a model's server listens; empty means any
	// free port.
	Upstream string
	// LiteLLM is the address of LiteLLM's proxy, which passes the model
	// "upstream" on to Upstream; empty leaves it out.
	LiteLLM string
	// Aurelio is the command that answers as bench/peers/aurelio.py does; empty
	// leaves it out.
	Aurelio []string
	// Progress is told what runs.
	Progress io.Writer
}

// ErrUnknown: there is no benchmark of that name.
var ErrUnknown = errors.New("unknown benchmark")

// errSkip is why a benchmark has nothing to measure here.
type errSkip string

func (e errSkip) Error() string { return string(e) }

// List are all benchmarks, in the order in which they run.
func List() []Benchmark {
	return []Benchmark{
		{"decisions", "decisions a second over gRPC ÷ empty calls a second", decisions},
		{"decision", "one decision in process: time and allocations", inProcess},
		{"ollama", "the Ollama path ÷ a bare embedding call", ollamaPath},
		{"qdrant", "the Qdrant path ÷ a bare query", qdrantPath},
		{"first-piece", "what forwarding adds to the first piece of a stream", firstPiece},
		{"streams", "2,000 streams at once: pieces lost, memory a stream", manyStreams},
		{"dead-model", "one of two models dead: failed calls, p99", deadModel},
		{"ledger", "records a second that the ledger keeps", ledgerRate},
		{"search", "search in memory from 10,000 to 1,000,000 vectors", searchScale},
		{"sizing", "memory, disk and search cost of Qdrant from 1 M to 100 M utterances, simulated", sizing},
		{"start", "process start to SERVING", warmStart},
		{"memory", "memory after 100,000 decisions", memoryAfter},
		{"tail", "p99 ÷ p50 at half of the highest rate", tail},
		{"aurelio", "aurelio semantic-router's decision ÷ ours, same vectors", aurelio},
	}
}

// Run measures and returns the rows. A benchmark that cannot run here gives a
// row that says why. Those that failed do too, and are returned as an error
// beside the rows of the others.
func Run(ctx context.Context, o Options) ([]Row, error) {
	chosen, err := choose(List(), o.Only)
	if err != nil {
		return nil, err
	}
	e, err := newEnv(o)
	if err != nil {
		return nil, err
	}
	var rows []Row
	var problems []error
	for _, b := range chosen {
		start := time.Now()
		e.say("%s: %s", b.Name, b.About)
		got, err := b.run(ctx, e)
		rows = append(rows, got...)
		var skip errSkip
		switch {
		case ctx.Err() != nil:
			return rows, errors.Join(ctx.Err(), e.close())
		case errors.As(err, &skip):
			e.say("%s: skipped: %s", b.Name, skip)
			rows = append(rows, missing(b.Name, "skipped: "+string(skip)))
		case err != nil:
			problems = append(problems, fmt.Errorf("%s: %w", b.Name, err))
			rows = append(rows, missing(b.Name, "failed: "+strings.ReplaceAll(err.Error(), "\n", "; ")))
		default:
			e.say("%s: done in %s", b.Name, time.Since(start).Round(time.Millisecond))
		}
	}
	return rows, errors.Join(append(problems, e.close())...)
}

func choose(all []Benchmark, only []string) ([]Benchmark, error) {
	if len(only) == 0 {
		return all, nil
	}
	for _, name := range only {
		if !slices.ContainsFunc(all, func(b Benchmark) bool { return b.Name == name }) {
			return nil, fmt.Errorf("%w %q; --list shows all", ErrUnknown, name)
		}
	}
	return slices.DeleteFunc(all, func(b Benchmark) bool { return !slices.Contains(only, b.Name) }), nil
}

// env is what the benchmarks of one run share.
type env struct {
	Options
	dir string // removed at the end
	big *large
}

func newEnv(o Options) (*env, error) {
	dir, err := os.MkdirTemp("", "semroute-bench-")
	if err != nil {
		return nil, fmt.Errorf("a folder for the run: %w", err)
	}
	o.Connections = max(1, o.Connections)
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	return &env{Options: o, dir: dir}, nil
}

// cache is where vectors and trained state are kept until the run ends.
func (e *env) cache() string { return filepath.Join(e.dir, "cache") }

func (e *env) close() error { return os.RemoveAll(e.dir) }

func (e *env) say(format string, args ...any) {
	_, _ = fmt.Fprintf(e.Progress, format+"\n", args...)
}

// rounds is how often arms take turns, and short what one turn may last.
func (e *env) rounds() int { return pick(e.Quick, 2, 7) }

func (e *env) turn() time.Duration { return pick(e.Quick, 300*time.Millisecond, 2*time.Second) }

func pick[T any](quick bool, quickly, well T) T {
	if quick {
		return quickly
	}
	return well
}
