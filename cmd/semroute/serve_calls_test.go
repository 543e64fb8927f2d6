package main

import (
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/forward/forwardtest"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func request(text string) *semroutev1.StreamRouteRequest {
	return &semroutev1.StreamRouteRequest{Prompt: &semroutev1.Prompt{Input: &semroutev1.Prompt_Text{Text: text}}}
}

// streamed is what a StreamRoute came to.
type streamed struct {
	events []string // decision, piece…, record
	text   string
	record *semroutev1.CallRecord
}

func stream(t *testing.T, client semroutev1.RouterServiceClient, req *semroutev1.StreamRouteRequest) (streamed, error) {
	t.Helper()
	var got streamed
	call, err := client.StreamRoute(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	for {
		event, err := call.Recv()
		if errors.Is(err, io.EOF) {
			return got, nil
		}
		if err != nil {
			return got, err
		}
		switch e := event.GetEvent().(type) {
		case *semroutev1.StreamRouteResponse_Decision:
			got.events = append(got.events, "decision")
		case *semroutev1.StreamRouteResponse_Piece:
			got.events = append(got.events, "piece")
			got.text += e.Piece.GetText()
		case *semroutev1.StreamRouteResponse_Record:
			got.events = append(got.events, "record")
			got.record = e.Record
		}
	}
}

func TestServeForwardsAndKeepsWhatWasDecided(t *testing.T) {
	d := startDoubles(t, scripts(says("On", " its", " way")), scripts(refuses(404)))
	ledger := filepath.Join(t.TempDir(), "calls.db")
	s := serveInProcess(t, "--catalog", d.catalog, "--ledger", ledger, "--store-prompts", "full")
	client := semroutev1.NewRouterServiceClient(s.conn)

	got, err := stream(t, client, request("where is my refund"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"decision", "piece", "piece", "piece", "record"}, got.events); diff != "" || got.text != "On its way" {
		t.Errorf("%q, events (-want +got):\n%s", got.text, diff)
	}
	if r := got.record; r.GetModel() != "near" || r.GetUsage().GetOutputTokens() != 3 || r.GetCosts().GetTotalNanoUsd() != 16_000 {
		t.Errorf("record %v", r)
	}
	if got := runWith(t, "", "chat", "--server", s.address, "--user", "ann", "track my parcel"); got.code != exitDone || got.out != "On its way\n" {
		t.Errorf("chat: code %d, %q, %q", got.code, got.out, got.err)
	}
	if got := runWith(t, "", "route", "--server", s.address, "give me my money back"); got.code != exitDone {
		t.Errorf("route: code %d, %s", got.code, got.err)
	}

	s.stop()
	if code := <-s.code; code != exitDone {
		t.Fatalf("code %d, log:\n%s", code, s.log)
	}
	total := sumsOf(t, ledger).Total
	if total.Decisions != 3 || total.Calls != 2 {
		t.Errorf("%d decisions with %d calls in the ledger, want 3 with 2: a drain must lose none", total.Decisions, total.Calls)
	}
	var texts []string
	for line := range strings.Lines(runWith(t, "", "report", "export", "--ledger", ledger).out) {
		text, _, _ := strings.Cut(line, `,"record"`)
		texts = append(texts, text)
	}
	want := []string{
		`{"text":"where is my refund","route":"refunds"`,
		`{"text":"track my parcel","route":"parcels"`,
		`{"text":"give me my money back","route":"refunds"`,
	}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Errorf("export (-want +got):\n%s", diff)
	}
}

func TestServeDrainsACallInFlight(t *testing.T) {
	release := make(chan struct{})
	d := startDoubles(t, scripts(func(w forwardtest.Wire) {
		w.Send(w.Start(10), w.Piece("slow"))
		<-release
		w.Send(w.Piece(" but sure"), w.End(10, 2))
	}), scripts(says("x")))
	ledger := filepath.Join(t.TempDir(), "calls.db")
	s := serveInProcess(t, "--catalog", d.catalog, "--ledger", ledger)
	call, err := semroutev1.NewRouterServiceClient(s.conn).StreamRoute(t.Context(), request("where is my refund"))
	if err != nil {
		t.Fatal(err)
	}
	var text string
	for n := 0; ; n++ {
		event, err := call.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		text += event.GetPiece().GetText()
		if n == 1 { // the decision and the first piece are here: SIGTERM
			s.stop()
			close(release)
		}
	}
	if code := <-s.code; code != exitDone || text != "slow but sure" {
		t.Errorf("code %d, answer %q", code, text)
	}
	if got := sumsOf(t, ledger).Total; got.Calls != 1 || got.Failed != 0 || got.OutputTokens != 2 {
		t.Errorf("the ledger has %+v", got)
	}
}

func TestServeWithoutCalls(t *testing.T) {
	d := startDoubles(t, scripts(says("x")), scripts(says("x")), "rules:\n  - {name: r, when: 'prompt == \"x\"', model: unused}\n")
	none := catalogFile(t, "routes:\n  - {name: refunds, utterances: [where is my refund]}\n")
	tests := map[string][]string{
		"a catalog without models": {"--catalog", none},
		"with --decide-only":       {"--catalog", d.catalog, "--decide-only"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			ledger := filepath.Join(t.TempDir(), "calls.db")
			s := serveInProcess(t, append(args, "--ledger", ledger)...)
			client := semroutev1.NewRouterServiceClient(s.conn)
			resp, err := client.Route(t.Context(), &semroutev1.RouteRequest{Prompt: request("where is my refund").GetPrompt()})
			if err != nil || resp.GetDecision().GetRoute() != "refunds" {
				t.Errorf("decision %v, %v", resp, err)
			}
			if _, err := stream(t, client, request("where is my refund")); status.Code(err) != codes.Unimplemented {
				t.Errorf("error is %v, want Unimplemented", err)
			}
			s.stop()
			if code := <-s.code; code != exitDone {
				t.Errorf("code %d", code)
			}
			if got := sumsOf(t, ledger).Total; got.Decisions != 1 || got.Calls != 0 {
				t.Errorf("the ledger has %+v, want one decision", got)
			}
		})
	}
}

func TestServeNeedsTheKeysOfReachableModels(t *testing.T) {
	d := startDoubles(t, scripts(says("x")), scripts(says("x")), "rules:\n  - {name: r, when: 'prompt == \"x\"', model: unused}\n")
	got := runWith(t, "", "serve", "--catalog", d.catalog, "--listen", "127.0.0.1:0")
	if got.code != exitWrongUse || !strings.Contains(got.err, `model "unused": set the environment variable SEMROUTE_TEST_KEY_THAT_NOBODY_SETS`) || !strings.Contains(got.err, "--decide-only") {
		t.Errorf("code %d, %s", got.code, got.err)
	}
}

// reason is the machine-readable reason of a status.
func reason(err error) string {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return ""
}

func TestServeRefusesBeforeAnyCall(t *testing.T) {
	d := startDoubles(t, scripts(says("x")), scripts(says("x")),
		"  \nbudgets:\n  - {name: poor, per: user, match: ann, usd: 0.000001}\n")
	s := serveInProcess(t, "--catalog", d.catalog, "--ledger", filepath.Join(t.TempDir(), "calls.db"))
	client := semroutev1.NewRouterServiceClient(s.conn)
	spent := request("where is my refund")
	spent.Prompt.User = &semroutev1.User{Id: "ann"}
	tools := request("where is my refund")
	tools.Call = &semroutev1.CallOptions{Tools: []*semroutev1.Tool{{Name: "look"}}}
	tests := map[string]struct {
		request *semroutev1.StreamRouteRequest
		code    codes.Code
		reason  string
	}{
		"a spent budget":       {spent, codes.ResourceExhausted, "BUDGET_SPENT"},
		"a missing capability": {tools, codes.FailedPrecondition, "NO_MODEL"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := stream(t, client, test.request)
			if status.Code(err) != test.code || reason(err) != test.reason {
				t.Errorf("error is %v with reason %q, want %s with %s", err, reason(err), test.code, test.reason)
			}
		})
	}
	if n := len(d.near.Calls()) + len(d.far.Calls()); n != 0 {
		t.Errorf("%d calls were made", n)
	}
}
