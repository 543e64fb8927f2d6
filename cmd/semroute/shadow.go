package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/semroute/semroute/forward"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"
)

// newShadow asks a server about the candidate that decides beside it.
func newShadow(std stdio) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "shadow",
		Short: "Say what a candidate beside a server would change, and put it in place",
		Long: "`serve --shadow-catalog` or `--shadow-embedder` lets a candidate decide beside what\n" +
			"serves, on a share of the prompts, without affecting it.",
		Args: noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var remark remarkFlags
	report := trafficCommand(std, &cobra.Command{
		Use:     "report",
		Short:   "Show what the candidate would change, at what cost",
		Example: "  semroute shadow report --server 127.0.0.1:50051",
	}, func(ctx context.Context, client semroutev1.TrafficServiceClient) (proto.Message, func(io.Writer) error, error) {
		resp, err := client.GetShadow(ctx, &semroutev1.GetShadowRequest{})
		return resp, func(w io.Writer) error { return writeShadow(w, resp) }, err
	})
	promote := trafficCommand(std, &cobra.Command{
		Use:   "promote",
		Short: "Put the candidate in the place of what serves",
	}, func(ctx context.Context, client semroutev1.TrafficServiceClient) (proto.Message, func(io.Writer) error, error) {
		resp, err := client.PromoteShadow(ctx, &semroutev1.PromoteShadowRequest{Remark: remark.remark()})
		return resp, func(w io.Writer) error {
			_, err := fmt.Fprintln(w, "the candidate serves; fingerprint", resp.GetFingerprint())
			return err
		}, err
	})
	remark.add(promote)
	cmd.AddCommand(report, promote)
	return cmd
}

// shownMoves is how many changes of route are printed for people.
const shownMoves = 20

func writeShadow(out io.Writer, r *semroutev1.GetShadowResponse) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(table, format+"\n", args...) }
	say("candidate: %s", r.GetCandidate())
	if r.GetError() != "" {
		say("it cannot decide yet: %s", r.GetError())
	}
	changed := r.GetRoutesChanged() + r.GetAbstentionsChanged() + r.GetModelsChanged()
	say("%d of %d decisions would change: %d routes, %d abstentions, %d models; %d were dropped, %d failed",
		changed, r.GetCompared(), r.GetRoutesChanged(), r.GetAbstentionsChanged(), r.GetModelsChanged(), r.GetDropped(), r.GetFailed())
	if r.GetLastError() != "" {
		say("last failure: %s", r.GetLastError())
	}
	if r.GetCompared() > 0 {
		say("mean latency of the candidate: %.1f ms", float64(r.GetMeanLatencyUs())/1000)
	}
	if n := r.GetPriced(); n > 0 {
		say("cost of 1000 prompts, asking the first model each, answers of 256 tokens: %s now, %s with the candidate",
			forward.FormatUSD(r.GetActiveNanoUsd()*1000/n), forward.FormatUSD(r.GetCandidateNanoUsd()*1000/n))
	}
	if len(r.GetRoutes()) > 0 {
		say("ROUTE\tNOW\tCANDIDATE\tBOTH")
	}
	for _, route := range r.GetRoutes() {
		if route.GetActive() != route.GetSame() || route.GetCandidate() != route.GetSame() {
			say("%s\t%d\t%d\t%d", orNone(route.GetRoute()), route.GetActive(), route.GetCandidate(), route.GetSame())
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for i, m := range r.GetMoves() {
		if i == shownMoves {
			_, _ = fmt.Fprintf(out, "... and %d more; --json prints all\n", len(r.GetMoves())-shownMoves)
			break
		}
		_, _ = fmt.Fprintf(out, "%s -> %s: %d\n", orNone(m.GetFrom()), orNone(m.GetTo()), m.GetCount())
		for _, e := range m.GetExamples() {
			_, _ = fmt.Fprintf(out, "  %s (%.2f -> %.2f)\n", e.GetText(), e.GetFromConfidence(), e.GetToConfidence())
		}
	}
	return nil
}
