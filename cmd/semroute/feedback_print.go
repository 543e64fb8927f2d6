package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// printGiven says for people what was kept.
func (c *feedbackClient) printGiven(got *semroutev1.GiveFeedbackResponse) error {
	out := readable(c.std.out)
	what := "kept"
	if got.GetRepeated() {
		what = "kept before"
	}
	_, err := fmt.Fprintf(out, "%s: %s\n", what, described(got.GetFeedback(), got.GetDecision()))
	if gone := got.GetGoneRoutes(); len(gone) > 0 && err == nil {
		_, err = fmt.Fprintf(out, "the catalog no longer has: %s\n", strings.Join(gone, ", "))
	}
	return err
}

// described is feedback in one line.
func described(f *semroutev1.Feedback, d *semroutev1.JudgedDecision) string {
	var said []string
	say := func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	if f.GetVerdict() != 0 {
		say("%s", strings.ToLower(f.GetVerdict().String()))
	}
	if f.RightRoute != nil && f.GetVerdict() == semroutev1.Feedback_WRONG {
		say("%s is right", routeOrNone(f.GetRightRoute()))
	}
	if f.GetThumbs() != 0 {
		say("thumbs %s", strings.ToLower(f.GetThumbs().String()))
	}
	if f.Score != nil {
		say("score %.2f", f.GetScore())
	}
	if f.GetComment() != "" {
		say("%q", f.GetComment())
	}
	return fmt.Sprintf("%s (%s, confidence %.2f): %s", f.GetDecisionId(), routeOrNone(d.GetRoute()), d.GetConfidence(), strings.Join(said, ", "))
}

func routeOrNone(name string) string {
	if name == "" {
		return "(none)"
	}
	return name
}

// sinceFlag adds how far back to look.
func sinceFlag(cmd *cobra.Command, since *time.Duration, usage string) {
	cmd.Flags().DurationVar(since, "since", 0, usage)
}

func before(since time.Duration) (*timestamppb.Timestamp, error) {
	switch {
	case since < 0:
		return nil, wrongUse("--since must not be negative")
	case since == 0:
		return nil, nil
	}
	return timestamppb.New(time.Now().Add(-since)), nil
}

func newFeedbackList(std stdio) *cobra.Command {
	var since time.Duration
	var decision string
	cmd := feedbackCommand(std, "list", "List what was said of decisions, in the order in which it was taken",
		"  semroute feedback list --since 24h", cobra.NoArgs, func(c *feedbackClient, _ []string) error {
			from, err := before(since)
			if err != nil {
				return err
			}
			req := &semroutev1.ListFeedbackRequest{Since: from, DecisionId: decision, PageSize: 1000}
			for {
				page, err := c.service.ListFeedback(c.ctx, req)
				if err != nil {
					return err
				}
				for _, e := range page.GetEntries() {
					if c.asJSON {
						err = printJSON(c.std.out, e)
					} else {
						_, err = fmt.Fprintf(readable(c.std.out), "%s  %s\n", e.GetTime().AsTime().Format(time.RFC3339), described(e.GetFeedback(), e.GetDecision()))
					}
					if err != nil {
						return err
					}
				}
				if req.PageToken = page.GetNextPageToken(); req.GetPageToken() == "" {
					return nil
				}
			}
		})
	sinceFlag(cmd, &since, "how far back, as 24h; 0 for everything")
	cmd.Flags().StringVar(&decision, "decision", "", "only what was said of this decision")
	return cmd
}

// errBroken makes the command end with 1 when there is an alarm.
var errBroken = errors.New("a promise is broken")

func newFeedbackPromises(std stdio) *cobra.Command {
	var since time.Duration
	cmd := feedbackCommand(std, "promises", "Say how often decisions are right, and whether that is what `fit` promised; exit code 1 when it is not",
		"  semroute feedback promises", cobra.NoArgs, func(c *feedbackClient, _ []string) error {
			from, err := before(since)
			if err != nil {
				return err
			}
			got, err := c.service.GetPromises(c.ctx, &semroutev1.GetPromisesRequest{Since: from})
			if err != nil {
				return err
			}
			if c.asJSON {
				err = printJSON(c.std.out, got)
			} else {
				err = c.printPromises(got)
			}
			for _, p := range got.GetPromises() {
				if p.GetBroken() && err == nil {
					err = errBroken
				}
			}
			return err
		})
	sinceFlag(cmd, &since, "count decisions of this time only, as 168h (default: those since the present fit was first served)")
	return cmd
}

func (c *feedbackClient) printPromises(got *semroutev1.GetPromisesResponse) error {
	out := bufio.NewWriter(readable(c.std.out))
	for _, p := range got.GetPromises() {
		if p.GetRight()+p.GetWrong() == 0 && p.GetRoute() != "" {
			continue // most routes of a large catalog
		}
		_, _ = fmt.Fprintf(out, "%s; the true precision is in %.1f to %.1f %%\n", p.GetExplanation(), 100*p.GetPrecisionLow(), 100*p.GetPrecisionHigh())
		if p.ProposedMinConfidence != nil {
			_, _ = fmt.Fprintf(out, "  min_confidence %.4f would keep it on what was judged, and still make %.1f %% of those decisions\n",
				p.GetProposedMinConfidence(), 100*p.GetProposedCoverage())
		}
	}
	_, _ = fmt.Fprintf(out, "any false alarm: with probability %.2g at most\n", got.GetFalseAlarmRate())
	return out.Flush()
}

func newFeedbackExport(std stdio) *cobra.Command {
	var since time.Duration
	var outcomes bool
	cmd := feedbackCommand(std, "export", "Print judged prompts as JSON lines: labelled ones for fit and eval, or outcomes for the choice of models",
		"  semroute feedback export > prompts.jsonl && semroute fit --catalog my.yaml --data prompts.jsonl\n"+
			"  semroute feedback export --outcomes > outcomes.jsonl && semroute serve --outcomes outcomes.jsonl",
		cobra.NoArgs, func(c *feedbackClient, _ []string) error {
			from, err := before(since)
			if err != nil {
				return err
			}
			stream, err := c.service.ExportFeedback(c.ctx, &semroutev1.ExportFeedbackRequest{Since: from})
			if err != nil {
				return err
			}
			lines := json.NewEncoder(c.std.out)
			for {
				l, err := stream.Recv()
				if errors.Is(err, io.EOF) {
					return nil
				}
				if err != nil {
					return err
				}
				switch {
				case outcomes && l.Quality != nil:
					err = lines.Encode(map[string]any{"text": l.GetText(), "scores": map[string]float64{l.GetModel(): l.GetQuality()}})
				case !outcomes && l.Route != nil:
					err = lines.Encode(map[string]string{"text": l.GetText(), "route": l.GetRoute()})
				}
				if err != nil {
					return err
				}
			}
		})
	sinceFlag(cmd, &since, "how far back, as 168h; 0 for everything")
	cmd.Flags().BoolVar(&outcomes, "outcomes", false, `print {"text": "...", "scores": {"MODEL": 0.7}} for answers whose quality is known`)
	return cmd
}
