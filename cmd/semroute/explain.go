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

	"github.com/semroute/semroute/forward"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/spf13/cobra"
	"google.golang.org/protobuf/encoding/protojson"
)

// explained is all that is known of one decision.
type explained struct {
	kept     *semroutev1.KeptDecision
	record   forward.Record
	feedback []*semroutev1.ListFeedbackResponse_Entry
}

// newExplain prints everything about one decision.
func newExplain(std stdio) *cobra.Command {
	var asked serverAddress
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "explain DECISION_ID",
		Short:   "Print everything that a server has kept about one decision",
		Example: "  semroute explain --server 127.0.0.1:50051 01a217a3-5511-7b08-a52e-c3668c0d1d07",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			conn, err := asked.connect(cmd.Context())
			if err != nil {
				return err
			}
			e, err := explanation(cmd.Context(), semroutev1.NewTrafficServiceClient(conn), semroutev1.NewFeedbackServiceClient(conn), args[0])
			if err == nil && asJSON {
				err = e.json(std.out)
			} else if err == nil {
				err = e.write(readable(std.out))
			}
			return errors.Join(catalogFailure(err), conn.Close())
		},
	}
	addServer(cmd.Flags(), &asked, "server", usualServer, "address of the server")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

// explanation asks for the record and for what was said of the decision.
func explanation(ctx context.Context, traffic semroutev1.TrafficServiceClient, feedback semroutev1.FeedbackServiceClient, id string) (*explained, error) {
	kept, err := traffic.GetDecision(ctx, &semroutev1.GetDecisionRequest{DecisionId: id})
	if err != nil {
		return nil, err
	}
	said, err := feedback.ListFeedback(ctx, &semroutev1.ListFeedbackRequest{DecisionId: id, PageSize: 1000})
	if err != nil {
		return nil, err
	}
	e := &explained{kept: kept.GetDecision(), feedback: said.GetEntries()}
	body, err := e.kept.GetRecord().MarshalJSON()
	if err != nil {
		return nil, err
	}
	return e, json.Unmarshal(body, &e.record)
}

// json is the decision with its feedback as one object.
func (e *explained) json(out io.Writer) error {
	options := protojson.MarshalOptions{UseProtoNames: true, EmitUnpopulated: true}
	kept, err := options.Marshal(e.kept)
	if err != nil {
		return err
	}
	said := []json.RawMessage{}
	for _, entry := range e.feedback {
		text, err := options.Marshal(entry)
		if err != nil {
			return err
		}
		said = append(said, text)
	}
	return json.NewEncoder(out).Encode(struct {
		Decision json.RawMessage   `json:"decision"`
		Feedback []json.RawMessage `json:"feedback"`
	}{kept, said})
}

// write is the same for people.
func (e *explained) write(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(table, format+"\n", args...) }
	d := &e.record.Decision
	say("decision\t%s", e.kept.GetDecisionId())
	say("when\t%s", e.kept.GetTime().AsTime().Format(time.RFC3339Nano))
	if e.kept.GetPrompt() != "" {
		say("prompt\t%s", strings.Join(strings.Fields(e.kept.GetPrompt()), " "))
	} else {
		say("prompt\tnot stored (--store-prompts)")
	}
	say("route\t%s", routeOrNone(d.Route))
	if d.Reason != "" {
		say("reason\t%s", d.Reason)
	}
	say("confidence\t%.3f, %.3f ahead of the second", d.Confidence, d.Margin)
	say("decided by\t%s", d.Stage)
	say("generation\t%s", d.Fingerprint)
	if e.kept.GetUser() != "" {
		say("user\t%s", e.kept.GetUser())
	}
	e.writeWhy(say)
	e.writeCall(say)
	for _, entry := range e.feedback {
		say("feedback\t%s: %s", entry.GetTime().AsTime().Format(time.RFC3339), described(entry.GetFeedback(), entry.GetDecision()))
	}
	if len(e.feedback) == 0 {
		say("feedback\tnone")
	}
	return table.Flush()
}

// writeWhy says what the decision rests on.
func (e *explained) writeWhy(say func(string, ...any)) {
	w := e.record.Decision.Why
	if w == nil {
		return
	}
	if w.Bound > 0 {
		say("bound\t%.3f", w.Bound)
	}
	if w.Rule != "" {
		say("rule\t%s", w.Rule)
	}
	for _, what := range w.Degraded {
		say("degraded\t%s", what)
	}
	for _, c := range w.Candidates {
		say("candidate\t%s, probability %.3f", c.Route, c.Probability)
	}
	for _, m := range w.Matches {
		say("near\t%.3f %s: %s", m.Similarity, m.Route, m.Utterance)
	}
	cached := ""
	if w.Cached {
		cached = ", embedding from the cache"
	}
	say("took\t%d µs: embed %d, search %d, score %d%s", w.TotalUS, w.EmbedUS, w.SearchUS, w.ScoreUS, cached)
}

// writeCall says what became of the call.
func (e *explained) writeCall(say func(string, ...any)) {
	r := &e.record
	if !r.Forwarded {
		say("call\tnone was made")
		return
	}
	say("call\t%s, %s, $%.9f of which %.9f for failed tries, %d ms, first piece after %d ms", orNone(r.Model), orNone(string(r.Finish)),
		float64(r.Costs.Total())/1e9, float64(r.Costs.Failed)/1e9, r.Latency.Milliseconds(), r.FirstPiece.Milliseconds())
	if r.Error != "" {
		say("failed\t%s", r.Error)
	}
	for i := range r.Attempts {
		a := &r.Attempts[i]
		say("try %d\t%s: %s, %d ms, %d tokens in, %d out, $%.9f %s", i+1, a.Model, a.Status, a.Latency.Milliseconds(),
			a.Usage.InputTokens, a.Usage.OutputTokens, float64(a.Cost)/1e9, a.Error)
	}
}
