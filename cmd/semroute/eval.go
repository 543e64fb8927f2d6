package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/semroute/semroute/eval"
	"github.com/semroute/semroute/eval/report"
	"github.com/semroute/semroute/internal/wholefile"
	"github.com/spf13/cobra"
)

// evalFlags are the flags of `eval`.
type evalFlags struct {
	data      []string
	outcomes  []string
	costs     []string
	asJSON    bool
	report    string
	junit     string
	minimums  []string
	maximums  []string
	perturbed int
	seed      uint64
	unknown   string
}

// newEval measures decisions on labelled prompts, or models on outcomes.
func newEval(s *settings, std stdio) *cobra.Command {
	var flags evalFlags
	cmd := &cobra.Command{
		Use:   "eval",
		Short: "Measure decisions on labelled prompts, or the choice of models on outcomes",
		Long: "With --data it measures which route is decided for labelled prompts. With\n" +
			"--outcomes it measures what the strategy \"quality\" is worth: every prompt's\n" +
			"quality is predicted by what was learnt from the other four of five parts, and\n" +
			"choosing by it is compared with the best model alone, the cheapest alone, and a\n" +
			"choice at random. A call costs what --cost says, or the prices of --catalog for\n" +
			"prompts of the mean length and answers of 256 tokens. Where no cost is known, or\n" +
			"all are equal, the model with the highest mean score counts 1 and the one with\n" +
			"the lowest 0. Servers learn from static vectors, the default here as well.",
		Example: "  semroute eval --catalog examples/support --data testdata/prompts/support.jsonl\n" +
			"  semroute eval --catalog my.yaml --data test.jsonl --report report.html --min accuracy=0.95 --max ece=0.02\n" +
			"  semroute eval --outcomes outcomes.jsonl --cost small=0.0002 --cost large=0.004 --report curve.html",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return s.eval(cmd.Context(), std, flags) },
	}
	s.decisionFlags(cmd)
	dataFlag(cmd, &flags.data, "labelled prompts")
	f := cmd.Flags()
	f.StringSliceVar(&flags.outcomes, "outcomes", nil, `scores of the models instead of labelled prompts, JSON lines {"text": "...", "scores": {"MODEL": 0.7}}`)
	f.StringArrayVar(&flags.costs, "cost", nil, "what one call of a model costs, as MODEL=USD; with --outcomes")
	f.BoolVar(&flags.asJSON, "json", false, "print one JSON object")
	f.StringVar(&flags.report, "report", "", "write a page with plots to this HTML file")
	f.StringVar(&flags.junit, "junit", "", "write the conditions as JUnit XML to this file")
	f.StringArrayVar(&flags.minimums, "min", nil, "fail unless a measure reaches a bound, as accuracy=0.95")
	f.StringArrayVar(&flags.maximums, "max", nil, "fail unless a measure stays within a bound, as ece=0.02")
	f.IntVar(&flags.perturbed, "perturbed", 1000, "how many prompts, at most, are perturbed to measure robustness; 0 measures none")
	f.Uint64Var(&flags.seed, "seed", 1, "seed of samples, perturbations and parts")
	wordFlag(cmd, &flags.unknown, "unknown-labels", string(eval.UnknownRefused), "what to do with labels that the catalog lacks",
		string(eval.UnknownRefused), string(eval.UnknownWrong), string(eval.UnknownSkipped))
	return cmd
}

func (s *settings) eval(ctx context.Context, std stdio, flags evalFlags) error {
	if outcomes, err := s.measuresOutcomes(flags); err != nil || outcomes {
		if err == nil {
			err = s.evalOutcomes(ctx, std, flags)
		}
		return err
	}
	gate, err := eval.ParseGate(flags.minimums, flags.maximums)
	if err != nil {
		return wrongUse("%w", err)
	}
	if len(flags.data) == 0 {
		return wrongUse("no prompts are named: give --data FILE, or --outcomes FILE")
	}
	prompts, err := readData(flags.data)
	if err != nil {
		return err
	}
	local, err := s.localEngine(ctx, std)
	if err != nil {
		return err
	}
	defer func() { _ = local.Close() }()
	show := progressOn(std.err, newLogger(std.err, 1))
	perturbed := flags.perturbed
	if perturbed == 0 {
		perturbed = -1 // 0 would mean the default
	}
	result, err := eval.Run(ctx, local, prompts, eval.Config{
		Known: routeNames(local.Catalog()), Unknown: eval.UnknownLabels(flags.unknown), Seed: flags.seed, Perturbed: perturbed,
		Progress: func(done, total int) { show("deciding prompts", done, total) },
	})
	if errors.Is(err, eval.ErrUnknownLabels) {
		return wrongUse("%w\n--unknown-labels wrong counts them as wrong, --unknown-labels skip leaves them out", err)
	}
	if errors.Is(err, eval.ErrNoPrompts) {
		return wrongUse("%w", err)
	}
	if err != nil {
		return err
	}
	if u := result.UnknownLabels; u != nil {
		_, _ = fmt.Fprintf(std.err, "semroute: %d prompts have one of %d labels that the catalog lacks: %s\n", u.Prompts, len(u.Labels),
			map[eval.UnknownLabels]string{eval.UnknownWrong: "they count as wrong", eval.UnknownSkipped: "they are left out"}[u.Treated])
	}
	return finishEval(std, flags, gate, result)
}

// finishEval writes what was asked for and fails where a bound was missed.
func finishEval(std stdio, flags evalFlags, gate eval.Gate, result *eval.Result) error {
	checks, err := gate.Check(result)
	if err != nil {
		return wrongUse("%w", err)
	}
	title := strings.Join(flags.data, ", ")
	if flags.junit != "" {
		err := writeFile(flags.junit, func(w io.Writer) error {
			return report.JUnit(w, []report.Suite{{Name: title, Checks: checks, Result: result}})
		})
		if err != nil {
			return err
		}
	}
	if flags.report != "" {
		err := writeFile(flags.report, func(w io.Writer) error {
			return report.HTML(w, "Decisions on "+title, time.Now(), []report.Named{{Name: title, Result: result}})
		})
		if err != nil {
			return err
		}
	}
	if flags.asJSON {
		err = json.NewEncoder(std.out).Encode(result)
	} else {
		err = printResult(std.out, result)
	}
	if err != nil {
		return err
	}
	failing := eval.Failing(checks)
	for _, check := range failing {
		_, _ = fmt.Fprintln(std.err, "semroute:", check)
	}
	if len(failing) > 0 {
		return errSilent
	}
	return nil
}

// shownErrors is how many wrong prompts are printed for people.
const shownErrors = 20

// printResult prints the measures and the first wrong prompts.
func printResult(out io.Writer, result *eval.Result) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, m := range result.Measures() {
		if m.Value != nil && !strings.HasPrefix(m.Name, "per_route.") {
			_, _ = fmt.Fprintf(table, "%s\t%.4g\n", m.Name, *m.Value)
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for i, wrong := range result.Errors {
		if i == shownErrors {
			_, _ = fmt.Fprintf(out, "... and %d more; --json prints all\n", len(result.Errors)-shownErrors)
			break
		}
		if _, err := fmt.Fprintf(out, "wrong: %q is %s, decided %s (%.2f)\n", wrong.Text, orNone(wrong.Truth), orNone(wrong.Predicted), wrong.Confidence); err != nil {
			return err
		}
	}
	return nil
}

func orNone(route string) string {
	if route == "" {
		return "(none)"
	}
	return route
}

// writeFile writes a whole file or leaves the old one.
func writeFile(path string, write func(io.Writer) error) error {
	if err := wholefile.Replace(path, 0o644, write); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
