package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
)

// writeDecision prints a decision for people, on one line: an abstention with the
// reason.
func writeDecision(w io.Writer, d *semroutev1.Decision, explain bool) error {
	route := d.GetRoute()
	if route == "" {
		route = "(none)"
	}
	why := ""
	if d.GetAbstained() && !explain { // which says it on a line of its own
		why = "\t" + d.GetExplanation()
	}
	_, err := fmt.Fprintf(w, "%s\tconfidence %.2f\tmargin %.2f\t%s%s\n", route, d.GetConfidence(), d.GetMargin(), d.GetStage(), why)
	if err != nil || !explain {
		return err
	}
	lines := bytes.NewBuffer(nil)
	_, _ = fmt.Fprintf(lines, "  %s\n", d.GetExplanation())
	if len(d.GetModels()) > 0 {
		_, _ = fmt.Fprintf(lines, "  models: %s\n", strings.Join(d.GetModels(), ", "))
	}
	for _, c := range d.GetCandidates() {
		_, _ = fmt.Fprintf(lines, "  candidate %-24s probability %.3f  similarity %.3f\n", c.GetRoute(), c.GetProbability(), c.GetSimilarity())
	}
	for _, m := range d.GetMatches() {
		_, _ = fmt.Fprintf(lines, "  match     %-24s similarity %.3f  %q\n", m.GetRoute(), m.GetSimilarity(), m.GetUtterance())
	}
	for _, what := range d.GetDegraded() {
		_, _ = fmt.Fprintf(lines, "  degraded: %s\n", what)
	}
	t := d.GetTimingsUs()
	_, _ = fmt.Fprintf(lines, "  %d µs: rules %d, embedding %d, search %d, scoring %d; generation %s\n",
		t.GetTotal(), t.GetRules(), t.GetEmbed(), t.GetSearch(), t.GetScore(), d.GetFingerprint())
	_, err = w.Write(lines.Bytes())
	return err
}
