package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/spf13/cobra"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// usualServer is where a server listens unless told otherwise.
const usualServer = "127.0.0.1:50051"

// newDriftStatus prints what a server has noticed about its traffic.
func newDriftStatus(std stdio) *cobra.Command {
	return trafficCommand(std, &cobra.Command{
		Use:   "status",
		Short: "Show how a server's decisions and models are doing against their references",
	}, func(ctx context.Context, client semroutev1.TrafficServiceClient) (proto.Message, func(io.Writer) error, error) {
		resp, err := client.GetDrift(ctx, &semroutev1.GetDriftRequest{})
		return resp, func(w io.Writer) error { return writeDriftStatus(w, resp) }, err
	})
}

// newDriftAccept makes what a server sees now its reference.
func newDriftAccept(std stdio) *cobra.Command {
	return trafficCommand(std, &cobra.Command{
		Use:   "accept",
		Short: "Make a server's last decisions its reference, because what they are like is as it should be",
	}, func(ctx context.Context, client semroutev1.TrafficServiceClient) (proto.Message, func(io.Writer) error, error) {
		resp, err := client.AcceptDrift(ctx, &semroutev1.AcceptDriftRequest{})
		return resp, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "the reference is the last %d decisions\n", resp.GetReference().GetPrompts())
			return err
		}, err
	})
}

// newAlarms lists what a server has noticed.
func newAlarms(std stdio) *cobra.Command {
	req := &semroutev1.ListAlarmsRequest{}
	cmd := trafficCommand(std, &cobra.Command{
		Use:     "alarms",
		Short:   "List what a server has noticed: drift, models that answer in another way or another name",
		Example: "  semroute alarms --server 127.0.0.1:50051 --lasting",
	}, func(ctx context.Context, client semroutev1.TrafficServiceClient) (proto.Message, func(io.Writer) error, error) {
		resp, err := client.ListAlarms(ctx, req)
		return resp, func(w io.Writer) error { return writeAlarms(w, resp) }, err
	})
	cmd.Flags().BoolVar(&req.Lasting, "lasting", false, "leave out what is over")
	return cmd
}

// trafficCommand is a command that asks a server's TrafficService once and prints
// the answer.
func trafficCommand(std stdio, cmd *cobra.Command, ask func(context.Context, semroutev1.TrafficServiceClient) (proto.Message, func(io.Writer) error, error)) *cobra.Command {
	var asked serverAddress
	var asJSON bool
	cmd.Args = cobra.NoArgs
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		conn, err := asked.connect(cmd.Context())
		if err != nil {
			return err
		}
		resp, write, err := ask(cmd.Context(), semroutev1.NewTrafficServiceClient(conn))
		switch {
		case err != nil:
		case asJSON:
			var text []byte
			if text, err = (protojson.MarshalOptions{UseProtoNames: true, EmitUnpopulated: true}).Marshal(resp); err == nil {
				_, err = fmt.Fprintf(std.out, "%s\n", text)
			}
		default:
			err = write(readable(std.out))
		}
		return errors.Join(err, conn.Close())
	}
	addServer(cmd.Flags(), &asked, "server", usualServer, "address of the server")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

// enumWord is an enum's value for people.
func enumWord(value fmt.Stringer) string {
	return strings.ToLower(strings.ReplaceAll(value.String(), "_", " "))
}

// referenceWords say what a reference is made of.
var referenceWords = map[semroutev1.DriftReference_Source]string{
	semroutev1.DriftReference_PROMPTS:    "prompts given to fit",
	semroutev1.DriftReference_UTTERANCES: "utterances of the catalog",
	semroutev1.DriftReference_TRAFFIC:    "decisions",
}

func writeDriftStatus(out io.Writer, r *semroutev1.GetDriftResponse) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(table, format+"\n", args...) }
	if ref := r.GetReference(); ref == nil {
		say("learning what decisions are like: %d so far", r.GetLearning())
	} else {
		say("%d decisions against a reference of %d %s; a false alarm comes every %.0f decisions or more rarely",
			r.GetPrompts(), ref.GetPrompts(), referenceWords[ref.GetSource()], r.GetRunLength())
	}
	if r.GetDropped() > 0 || r.GetLeftOut() > 0 {
		say("%d came faster than they could be looked at, %d were of another generation", r.GetDropped(), r.GetLeftOut())
	}
	if len(r.GetNumbers()) > 0 {
		say("NUMBER\tREFERENCE\tNOW\tUNCHANGED WITHIN\tEVIDENCE\tALARM")
	}
	for _, n := range r.GetNumbers() {
		if n.GetKind() == semroutev1.DriftNumber_SHARE && !n.GetAlarming() && n.GetEvidence() < 0.5 {
			continue // there may be hundreds
		}
		name := enumWord(n.GetKind())
		if n.GetRoute() != "" {
			name = "share of " + n.GetRoute()
		}
		say("%s\t%.3f\t%.3f\t%.3f to %.3f\t%.0f %%\t%s", name, n.GetReference(), n.GetWindow(), n.GetLow(), n.GetHigh(), 100*n.GetEvidence(), yes(n.GetAlarming()))
	}
	for _, m := range r.GetModels() {
		say("model %s: %d calls, answers as %s", m.GetModel(), m.GetCalls(), orNone(strings.Join(m.GetNames(), ", ")))
		for _, n := range m.GetNumbers() {
			reference := "learning"
			if !m.GetLearning() {
				reference = fmt.Sprintf("%.4g", n.GetReference())
			}
			say("  %s\t%s\t%.4g\t\t%.0f %%\t%s", enumWord(n.GetKind()), reference, n.GetNow(), 100*n.GetEvidence(), yes(n.GetAlarming()))
		}
	}
	return table.Flush()
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return ""
}

func writeAlarms(out io.Writer, r *semroutev1.ListAlarmsResponse) error {
	if len(r.GetAlarms()) == 0 {
		_, err := fmt.Fprintln(out, "no alarms")
		return err
	}
	for _, a := range r.GetAlarms() {
		since := time.UnixMilli(a.GetSinceUnixMs()).UTC().Format(time.DateTime)
		state := "lasts"
		if a.GetOverUnixMs() > 0 {
			state = "over"
		}
		if _, err := fmt.Fprintf(out, "%d  %s  %s  %s: %s\n", a.GetNumber(), since, state, enumWord(a.GetSource()), a.GetMessage()); err != nil {
			return err
		}
	}
	return nil
}
