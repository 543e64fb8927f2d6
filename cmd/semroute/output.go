package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// writeDecisionJSON prints one decision as one line: the JSON form of the
// proto message, with every field.
func writeDecisionJSON(w io.Writer, d *semroutev1.Decision) error {
	return writeMessageJSON(w, d)
}

// writeMessageJSON prints a message as one line of JSON, in snake_case and
// with every field.
func writeMessageJSON(w io.Writer, m proto.Message) error {
	what := m.ProtoReflect().Descriptor().Name()
	raw, err := protojson.MarshalOptions{UseProtoNames: true, EmitUnpopulated: true}.Marshal(m)
	if err != nil {
		return fmt.Errorf("%s as JSON: %w", what, err)
	}
	var line bytes.Buffer // protojson varies its spaces on purpose; one form is easier to read
	if err := json.Compact(&line, raw); err != nil {
		return fmt.Errorf("%s as JSON: %w", what, err)
	}
	line.WriteByte('\n')
	_, err = w.Write(line.Bytes())
	return err
}

// writeDecision prints a decision for people.
func writeDecision(w io.Writer, d *semroutev1.Decision, explain bool) error {
	route := d.GetRoute()
	if route == "" {
		route = "(none)"
	}
	_, err := fmt.Fprintf(w, "%s\tconfidence %.2f\tmargin %.2f\t%s\n", route, d.GetConfidence(), d.GetMargin(), d.GetStage())
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
