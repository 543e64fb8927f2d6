package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"
)

// newTrial compares the models of routes that share out their calls.
func newTrial(std stdio) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "trial",
		Short: "Compare, by feedback, the models of routes with strategy: weighted",
		Args:  noSuchCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	req := &semroutev1.GetTrialsRequest{}
	report := trafficCommand(std, &cobra.Command{
		Use:   "report",
		Short: "Show which model leads to more successes, and whether that is certain",
		Long: "A success is a thumbs-up, or a score of at least 0.5. A user counts once, by what\n" +
			"they said first. The comparison may be looked at at any time: with equal models it\n" +
			"calls one of them better in at most 5 % of all trials.",
		Example: "  semroute trial report --server 127.0.0.1:50051 --route general",
	}, func(ctx context.Context, client semroutev1.TrafficServiceClient) (proto.Message, func(io.Writer) error, error) {
		resp, err := client.GetTrials(ctx, req)
		return resp, func(w io.Writer) error { return writeTrials(w, resp) }, err
	})
	report.Flags().StringVar(&req.Route, "route", "", "the only route to compare on (default: all that share out their calls)")
	cmd.AddCommand(report)
	return cmd
}

func writeTrials(out io.Writer, r *semroutev1.GetTrialsResponse) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(table, format+"\n", args...) }
	if len(r.GetTrials()) == 0 {
		say("no route shares out its calls: give one strategy: weighted and weights for two models or more")
	}
	for _, t := range r.GetTrials() {
		say("route %s\tWEIGHT\tOUTCOMES\tSUCCESSES\tSHARE, WITH 95 %% CERTAINTY", t.GetRoute())
		for _, a := range t.GetArms() {
			say("  %s\t%d\t%d\t%d\t%.1f %% to %.1f %%", a.GetModel(), a.GetWeight(), a.GetOutcomes(), a.GetSuccesses(), 100*a.GetLow(), 100*a.GetHigh())
		}
		for _, p := range t.GetPairs() {
			if p.GetCertain() {
				say("  %s is better than %s, with 95 %% certainty (e-value %.3g)", p.GetBetter(), p.GetWorse(), p.GetEValue())
			} else {
				say("  %s and %s are not told apart yet (e-value %.3g)", p.GetBetter(), p.GetWorse(), p.GetEValue())
			}
		}
		if n := t.GetRepeatedOutcomes(); n > 0 {
			say("  %d outcomes were left out: their user had one before", n)
		}
	}
	if r.GetTruncated() {
		say("there is more feedback; the newest was looked at")
	}
	return table.Flush()
}
