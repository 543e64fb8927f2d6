package measure

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// Benchmark is one that can be asked for by its name.
type Benchmark struct {
	Name string
	// About is one line.
	About string
	Run   func(ctx context.Context) (Rows, error)
}

// ErrUnknown: there is no benchmark of that name.
var ErrUnknown = errors.New("unknown benchmark")

// Skip is the error of a benchmark that has nothing to measure here, and why.
type Skip string

// Error implements error.
func (s Skip) Error() string { return string(s) }

// Choose returns those of the names, in the order of all; no name means all.
// A name that none has is ErrUnknown.
func Choose(all []Benchmark, only []string) ([]Benchmark, error) {
	if len(only) == 0 {
		return all, nil
	}
	for _, name := range only {
		if !slices.ContainsFunc(all, func(b Benchmark) bool { return b.Name == name }) {
			return nil, fmt.Errorf("%w %q; --list shows all", ErrUnknown, name)
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(b Benchmark) bool { return !slices.Contains(only, b.Name) }), nil
}

// Run runs them one after another, tells progress, and returns the rows. A
// benchmark that cannot run here gives a row that says why. Those that failed do
// too, and are returned as an error beside the rows of the others.
func Run(ctx context.Context, chosen []Benchmark, progress io.Writer) (Rows, error) {
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(progress, format+"\n", args...) }
	var rows Rows
	var problems []error
	for _, b := range chosen {
		start := time.Now()
		say("%s: %s", b.Name, b.About)
		got, err := b.Run(ctx)
		rows = append(rows, got...)
		skip, skipped := errors.AsType[Skip](err)
		switch {
		case ctx.Err() != nil:
			return rows, ctx.Err()
		case skipped:
			say("%s: skipped: %s", b.Name, skip)
			rows = append(rows, Missing(b.Name, "skipped: "+string(skip)))
		case err != nil:
			problems = append(problems, fmt.Errorf("%s: %w", b.Name, err))
			rows = append(rows, Missing(b.Name, "failed: "+strings.ReplaceAll(err.Error(), "\n", "; ")))
		default:
			say("%s: done in %s", b.Name, time.Since(start).Round(time.Millisecond))
		}
	}
	return rows, errors.Join(problems...)
}

// WriteList prints the names of the benchmarks with what they are about.
func WriteList(w io.Writer, all []Benchmark) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, b := range all {
		_, _ = fmt.Fprintf(table, "%s\t%s\n", b.Name, b.About)
	}
	return table.Flush()
}
