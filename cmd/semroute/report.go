package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/store"
	"github.com/spf13/cobra"
)

// reportFlags are the flags of `report` and `report export`.
type reportFlags struct {
	store  storeFlags
	since  time.Duration
	asJSON bool
	all    bool
}

// newReport sums up what calls cost.
func newReport(std stdio) *cobra.Command {
	var flags reportFlags
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Sum up decisions, tokens and costs by route, model and user",
		Long: "Reads the ledger that `serve --ledger` or `chat --ledger` writes, also while it is\n" +
			"being written. The saving compares what was spent with what the same answers\n" +
			"would have cost from the dearest model of their routes.",
		Example: "  semroute report --ledger calls.db --since 24h",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withLedger(cmd.Context(), flags, func(r store.Reader, since time.Time) error {
				return sumUp(cmd.Context(), std, r, since, flags.asJSON)
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&flags.asJSON, "json", false, "print one JSON object")
	cmd.AddCommand(newReportExport(std))
	return cmd
}

// newReportExport prints the ledger's records.
func newReportExport(std stdio) *cobra.Command {
	var flags reportFlags
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Print the ledger's prompts and routes as JSON lines, for eval, diff and fit",
		Long: "A line has the text, the route (\"\" for none) and the whole record. Records whose\n" +
			"text was not stored are left out, because nothing can be evaluated with them.",
		Example: "  semroute report export --ledger calls.db --since 168h > prompts.jsonl\n" +
			"  semroute diff --catalog live/ --against new/ --data prompts.jsonl --unlabelled",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withLedger(cmd.Context(), flags, func(r store.Reader, since time.Time) error {
				return export(cmd.Context(), std, r, since, flags.all)
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&flags.all, "all", false, "also print records without a text")
	return cmd
}

func (f *reportFlags) add(cmd *cobra.Command) {
	f.store.add(cmd)
	cmd.Flags().DurationVar(&f.since, "since", 24*time.Hour, "how far back, as 24h; 0 for everything")
}

// withLedger opens the ledger to look at it only.
func withLedger(ctx context.Context, flags reportFlags, do func(store.Reader, time.Time) error) error {
	if flags.since < 0 {
		return wrongUse("--since must not be negative")
	}
	since := time.Unix(0, 0)
	if flags.since > 0 {
		since = time.Now().Add(-flags.since)
	}
	reader, err := flags.store.openReader(ctx)
	if err != nil {
		return err
	}
	return errors.Join(do(reader, since), reader.Close())
}

func export(ctx context.Context, std stdio, r store.Reader, since time.Time, all bool) error {
	n, err := r.Export(ctx, std.out, store.Filter{Since: since, WithText: !all})
	if err != nil {
		return err
	}
	if n == 0 {
		_, _ = fmt.Fprintln(std.err, "no record of that time has its text; `serve --store-prompts full` or `redact` keeps it, --all prints records without")
	}
	return nil
}

// sum is a line of the report, as JSON.
type sum struct {
	store.Sum
	Total  int64   `json:"total_nano_usd"`
	Saving float64 `json:"saving_percent"`
}

// sums is the report, as JSON.
type sums struct {
	Since  time.Time `json:"since"`
	Total  sum       `json:"total"`
	Routes []sum     `json:"routes"`
	Models []sum     `json:"models"`
	Users  []sum     `json:"users"`
	// Odd are the newest records that are left out of the sums.
	Odd []store.Odd `json:"odd_records,omitempty"`
}

func sumUp(ctx context.Context, std stdio, r store.Reader, since time.Time, asJSON bool) error {
	found, err := r.Report(ctx, since)
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(std.out).Encode(sums{
			Since: found.Since, Total: withTotals(found.Total)[0],
			Routes: withTotals(found.Routes...), Models: withTotals(found.Models...), Users: withTotals(found.Users...), Odd: found.Odd,
		})
	}
	return writeReport(readable(std.out), found)
}

func withTotals(list ...store.Sum) []sum {
	out := make([]sum, len(list))
	for i, s := range list {
		out[i] = sum{Sum: s, Total: s.Total(), Saving: s.SavingPercent()}
	}
	return out
}

// writeReport prints the report for people.
func writeReport(w io.Writer, r store.Report) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	head := func(what string) {
		_, _ = fmt.Fprintf(table, "%s\tDECISIONS\tCALLS\tFAILED\tTOKENS IN\tTOKENS OUT\tCOST\tWASTED\tDEAREST\tSAVING\n", what)
	}
	head("TOTAL")
	writeSum(table, "", r.Total)
	for _, part := range []struct {
		what string
		list []store.Sum
	}{{"ROUTE", r.Routes}, {"MODEL", r.Models}, {"USER", r.Users}} {
		_, _ = fmt.Fprintln(table)
		head(part.what)
		for _, s := range part.list {
			writeSum(table, orNone(s.Name), s)
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	return writeDoubts(w, r)
}

func writeSum(w io.Writer, name string, s store.Sum) {
	saving := "-"
	if s.Dearest > 0 {
		saving = fmt.Sprintf("%.1f %%", s.SavingPercent())
	}
	_, _ = fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%s\t%s\t%s\t%s\n", name, s.Decisions, s.Calls, s.Failed,
		s.InputTokens, s.OutputTokens, forward.FormatUSD(s.Total()), forward.FormatUSD(s.Wasted), forward.FormatUSD(s.Dearest), saving)
}

// writeDoubts says what keeps the sums from being exact.
func writeDoubts(w io.Writer, r store.Report) error {
	for _, doubt := range []struct {
		calls int64
		text  string
	}{
		{r.Total.Estimated, "of unknown usage: tokens and cost are estimated."},
		{r.Total.Unpriced, "to models without a price: the cost is higher than it says."},
		{r.Total.Implausible, "whose provider sent token counts that cannot be right: others stand in their place."},
		{r.Total.LeftOut, "with numbers that cannot be right: tokens and cost are left out of the sums."},
	} {
		if doubt.calls == 0 {
			continue
		}
		if _, err := fmt.Fprintf(w, "\n%s %s\n", plural(int(doubt.calls), "call"), doubt.text); err != nil {
			return err
		}
	}
	for _, o := range r.Odd {
		if _, err := fmt.Fprintf(w, "  %s route %s, model %s, user %s: %d tokens in, %d out, %s\n", o.Time.Format(time.RFC3339),
			orNone(o.Route), orNone(o.Model), orNone(o.User), o.InputTokens, o.OutputTokens, forward.FormatUSD(o.Cost)); err != nil {
			return err
		}
	}
	return nil
}
