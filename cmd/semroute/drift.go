package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/semroute/semroute/eval"
	"github.com/semroute/semroute/learn/drift"
	"github.com/semroute/semroute/routes"
	"github.com/spf13/cobra"
)

// driftFlags are the flags of `drift`.
type driftFlags struct {
	data      []string
	runLength float64
	asJSON    bool
}

// newDrift says whether new prompts are like old ones.
func newDrift(s *settings, std stdio) *cobra.Command {
	var flags driftFlags
	cmd := &cobra.Command{
		Use:   "drift --data OLD NEW...",
		Short: "Say whether new prompts are decided like old ones",
		Long: "Decides old prompts and new ones, in their order, and holds the new against the\n" +
			"old: confidence, share without a route, similarity of the nearest utterance and\n" +
			"shares of the routes. The test is sequential: unchanged prompts lead to a false\n" +
			"alarm every --run-length prompts or more rarely. The exit code is 1 when there is\n" +
			"an alarm. Servers do the same with what they serve; see docs/drift.md.",
		Example: "  semroute drift --catalog my.yaml --data january.jsonl june.jsonl",
		RunE:    func(cmd *cobra.Command, args []string) error { return s.drift(cmd.Context(), std, flags, args) },
	}
	s.decisionFlags(cmd)
	f := cmd.Flags()
	f.StringArrayVar(&flags.data, "data", nil, `old prompts, JSON lines {"text": "..."}; give it again for more files`)
	f.Float64Var(&flags.runLength, "run-length", usualRunLength, "least expected number of prompts between false alarms")
	f.BoolVar(&flags.asJSON, "json", false, "print one JSON object")
	cmd.Args = cobra.ArbitraryArgs // the files, which are no commands
	cmd.AddCommand(newDriftStatus(std), newDriftAccept(std))
	return cmd
}

// usualRunLength is the expected number of prompts between false alarms.
const usualRunLength = 50_000

func (s *settings) drift(ctx context.Context, std stdio, flags driftFlags, files []string) error {
	if len(files) == 0 && len(flags.data) == 2 { // --data OLD --data NEW
		files, flags.data = flags.data[1:], flags.data[:1]
	}
	switch {
	case len(flags.data) == 0:
		return wrongUse("no old prompts are named: give --data OLD.jsonl")
	case len(files) == 0:
		return wrongUse("no new prompts are named: give their files after --data OLD.jsonl")
	case !(flags.runLength >= 1):
		return wrongUse("--run-length must be 1 or more, not %v", flags.runLength)
	}
	before, err := readTexts(flags.data)
	if err != nil {
		return err
	}
	after, err := readTexts(files)
	if err != nil {
		return err
	}
	local, err := s.localEngine(ctx, std)
	if err != nil {
		return err
	}
	defer func() { _ = local.Close() }()
	decisions, err := eval.DecideAll(ctx, local, slices.Concat(before, after), 0, nil)
	if err != nil {
		return err
	}
	var observed [2][]drift.Observation
	leftOut := 0
	for i := range decisions {
		o, ok := drift.Observe(&decisions[i])
		switch {
		case !ok:
			leftOut++
		case i < len(before):
			observed[0] = append(observed[0], o)
		default:
			observed[1] = append(observed[1], o)
		}
	}
	result, err := drift.Compare(observed[0], observed[1], drift.Config{RunLength: flags.runLength})
	if errors.Is(err, drift.ErrTooFew) {
		return wrongUse("%w", err)
	}
	if err != nil {
		return err
	}
	result.LeftOut = leftOut
	return printDrift(std.out, result, flags.asJSON)
}

// readTexts are the texts of files of prompts, labelled or not.
func readTexts(files []string) ([]string, error) {
	var texts []string
	for _, path := range files {
		prompts, err := readPromptFile(path, routes.ReadPrompts)
		if err != nil {
			return nil, wrongUse("%w", err)
		}
		for i := range prompts {
			texts = append(texts, prompts[i].Text)
		}
	}
	return texts, nil
}

func printDrift(out io.Writer, r *drift.Result, asJSON bool) error {
	if asJSON {
		if err := json.NewEncoder(out).Encode(r); err != nil {
			return err
		}
	} else if err := writeDrift(out, r); err != nil {
		return err
	}
	if len(r.Alarms) > 0 {
		return errSilent
	}
	return nil
}

// writeDrift says it for people.
func writeDrift(out io.Writer, r *drift.Result) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "NUMBER\tOLD\tNEW\tUNCHANGED WITHIN\tALARM")
	for _, n := range r.Numbers {
		if n.Kind == drift.Share && !n.Alarming {
			continue // there may be hundreds
		}
		alarm := ""
		for _, a := range r.Alarms {
			if a.Kind == n.Kind && a.Route == n.Route && alarm == "" {
				alarm = fmt.Sprintf("%s, after %d prompts", direction(a.Rising), a.Prompt)
			}
		}
		_, _ = fmt.Fprintf(table, "%s\t%.3f\t%.3f\t%.3f to %.3f\t%s\n", nameOf(n.Kind, n.Route), n.Reference, n.Window, n.Band.Low, n.Band.High, alarm)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	verdict := "no drift"
	if len(r.Alarms) > 0 {
		verdict = "drift"
	}
	_, err := fmt.Fprintf(out, "%s: %d new prompts against %d old ones (%d left out: decided by rules, or empty); a false alarm comes every %.0f prompts or more rarely\n",
		verdict, r.New, r.Old, r.LeftOut, r.RunLength)
	return err
}

// nameOf is a watched number for people.
func nameOf(kind drift.Kind, route string) string {
	if kind == drift.Share {
		return "share of " + route
	}
	return string(kind)
}

func direction(rising bool) string {
	if rising {
		return "rising"
	}
	return "falling"
}
