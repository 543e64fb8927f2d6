package feedbackapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rs/zerolog"
	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/learn/advice"
	"github.com/semroute/semroute/learn/suggest"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/server"
	"github.com/semroute/semroute/server/feedbackapi"
	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/sqlite"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/testing/protocmp"
)

// shop is a router of two routes in two dimensions, of which everything it is
// asked is about parcels.
type shop struct{}

func (shop) Serving() ([]string, string) { return []string{"parcels", "refunds"}, "now" }

func (shop) Promised(context.Context) (advice.Promised, error) {
	return advice.Promised{Fit: "fit", Precision: .9, Routes: []string{"parcels", "refunds"}, Fingerprint: "now"}, nil
}

func (shop) Study(context.Context) (advice.Study, error) {
	return advice.Study{
		Catalog: suggest.Catalog{Routes: []string{"parcels", "refunds"}, Entries: []index.Entry{
			{Key: index.Key{Route: "parcels", Utterance: "where is it"}, Vector: []float32{1, 0}},
			{Key: index.Key{Route: "refunds", Utterance: "money back"}, Vector: []float32{0, 1}},
		}},
		Fingerprint: "now",
		Embed: func(_ context.Context, texts []string) ([][]float32, error) {
			vectors := make([][]float32, len(texts))
			for i := range texts {
				vectors[i] = []float32{.6, .8}
			}
			return vectors, nil
		},
		Decide: func(_ context.Context, prompts []router.Prompt, _ router.Limits) ([]router.Decision, error) {
			decisions := make([]router.Decision, len(prompts))
			for i := range decisions {
				decisions[i] = router.Decision{Route: "parcels", Leading: "parcels", RunnerUp: "refunds"}
			}
			return decisions, nil
		},
	}, nil
}

// editor keeps the changes that it was asked for.
type editor struct {
	mu   sync.Mutex
	made []advice.Change
}

func (e *editor) Change(_ context.Context, c advice.Change) (advice.Changed, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.made = append(e.made, c)
	return advice.Changed{Revision: 7, Fingerprint: "next"}, nil
}

// noDecider is for a server of which only feedback is asked.
type noDecider struct{}

func (noDecider) Decide(context.Context, router.Prompt, router.Limits) (router.Decision, error) {
	return router.Decision{}, router.ErrNotReady
}

func (noDecider) DecideBatch(context.Context, []router.Prompt, router.Limits) ([]router.Decision, error) {
	return nil, router.ErrNotReady
}

// dial serves the advisor as the product does and gives a client.
func dial(t *testing.T, advisor *advice.Advisor) semroutev1.FeedbackServiceClient {
	t.Helper()
	srv, err := server.New(noDecider{}, nil, zerolog.Nop(), server.Config{Services: []func(grpc.ServiceRegistrar){feedbackapi.Register(advisor)}})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ctx, listener) }()
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return semroutev1.NewFeedbackServiceClient(conn)
}

// opened is a client of a server with the decisions d0 to d9, all for parcels
// with the text "decision N", and its editor.
func opened(t *testing.T) (semroutev1.FeedbackServiceClient, *editor) {
	t.Helper()
	kept, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), store.Config{Prompts: store.FullPrompts})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	for i := range 10 {
		id := fmt.Sprint("d", i)
		kept.Append(store.Record{
			Decision: id, Route: "parcels", Model: "small", Prompt: "decision " + id,
			Body: json.RawMessage(`{"decision":{"confidence":0.75,"stage":"SEMANTIC","fingerprint":"then"}}`),
		})
	}
	edits := &editor{}
	return dial(t, advice.New(kept, shop{}, edits, advice.Config{})), edits
}

func TestGiveFeedback(t *testing.T) {
	client, _ := opened(t)
	said := &semroutev1.Feedback{DecisionId: "d1", RightRoute: new("gone"), Thumbs: semroutev1.Feedback_DOWN, Score: new(.25), Comment: "hm", Source: semroutev1.Feedback_JUDGE, Sampled: true}
	got, err := client.GiveFeedback(t.Context(), &semroutev1.GiveFeedbackRequest{Feedback: said, IdempotencyKey: "k"})
	if err != nil {
		t.Fatal(err)
	}
	want := &semroutev1.GiveFeedbackResponse{
		Feedback: &semroutev1.Feedback{
			DecisionId: "d1", Verdict: semroutev1.Feedback_WRONG, RightRoute: new("gone"), Thumbs: semroutev1.Feedback_DOWN,
			Score: new(.25), Comment: "hm", Source: semroutev1.Feedback_JUDGE, Sampled: true,
		},
		Decision:   &semroutev1.JudgedDecision{Route: "parcels", Confidence: .75, Model: "small", Fingerprint: "then"},
		GoneRoutes: []string{"gone"}, EarlierGeneration: true,
	}
	withoutTime := protocmp.IgnoreFields(&semroutev1.JudgedDecision{}, "time")
	if diff := cmp.Diff(want, got, protocmp.Transform(), withoutTime); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	if again, err := client.GiveFeedback(t.Context(), &semroutev1.GiveFeedbackRequest{Feedback: said, IdempotencyKey: "k"}); err != nil || !again.GetRepeated() {
		t.Errorf("the same again: %v, %v", again, err)
	}
	list, err := client.ListFeedback(t.Context(), &semroutev1.ListFeedbackRequest{DecisionId: "d1"})
	if err != nil || len(list.GetEntries()) != 1 || list.GetEntries()[0].GetTime() == nil {
		t.Errorf("listed: %v, %v", list, err)
	}
}

func TestFailuresAreTold(t *testing.T) {
	client, _ := opened(t)
	right := semroutev1.Feedback_RIGHT
	if _, err := client.GiveFeedback(t.Context(), &semroutev1.GiveFeedbackRequest{IdempotencyKey: "used", Feedback: &semroutev1.Feedback{DecisionId: "d2", Verdict: right}}); err != nil {
		t.Fatal(err)
	}
	give := func(f *semroutev1.Feedback, key string) func(semroutev1.FeedbackServiceClient) error {
		return func(c semroutev1.FeedbackServiceClient) error {
			_, err := c.GiveFeedback(t.Context(), &semroutev1.GiveFeedbackRequest{Feedback: f, IdempotencyKey: key})
			return err
		}
	}
	for name, c := range map[string]struct {
		call   func(semroutev1.FeedbackServiceClient) error
		code   codes.Code
		reason string
	}{
		"an unknown decision":       {give(&semroutev1.Feedback{DecisionId: "nobody", Verdict: right}, ""), codes.NotFound, "UNKNOWN_DECISION"},
		"nothing said":              {give(&semroutev1.Feedback{DecisionId: "d1"}, ""), codes.InvalidArgument, "INVALID_REQUEST"},
		"no feedback":               {give(nil, ""), codes.InvalidArgument, "INVALID_REQUEST"},
		"an enum beyond the schema": {give(&semroutev1.Feedback{DecisionId: "d1", Verdict: 9}, ""), codes.InvalidArgument, "INVALID_REQUEST"},
		"a key for something else":  {give(&semroutev1.Feedback{DecisionId: "d3", Verdict: right}, "used"), codes.AlreadyExists, "KEY_USED"},
		"a score that is no share":  {give(&semroutev1.Feedback{DecisionId: "d1", Score: new(7.0)}, ""), codes.InvalidArgument, "INVALID_REQUEST"},
		"a page token of one's own": {func(c semroutev1.FeedbackServiceClient) error {
			_, err := c.ListFeedback(t.Context(), &semroutev1.ListFeedbackRequest{PageToken: "x"})
			return err
		}, codes.InvalidArgument, "INVALID_REQUEST"},
		"an unknown suggestion": {func(c semroutev1.FeedbackServiceClient) error {
			_, err := c.AcceptSuggestion(t.Context(), &semroutev1.AcceptSuggestionRequest{SuggestionId: "x"})
			return err
		}, codes.NotFound, "UNKNOWN_SUGGESTION"},
		"an unknown one to reject": {func(c semroutev1.FeedbackServiceClient) error {
			_, err := c.RejectSuggestion(t.Context(), &semroutev1.RejectSuggestionRequest{SuggestionId: "x"})
			return err
		}, codes.NotFound, "UNKNOWN_SUGGESTION"},
	} {
		err := c.call(client)
		if got := status.Code(err); got != c.code || reason(err) != c.reason {
			t.Errorf("%s: %v with %q, want %v with %q: %v", name, got, reason(err), c.code, c.reason, err)
		}
	}
}

func reason(err error) string {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return ""
}

// Without a store every call says what to do.
func TestWithoutAStore(t *testing.T) {
	client := dial(t, nil)
	_, give := client.GiveFeedback(t.Context(), &semroutev1.GiveFeedbackRequest{Feedback: &semroutev1.Feedback{DecisionId: "d", Verdict: semroutev1.Feedback_RIGHT}})
	_, list := client.ListFeedback(t.Context(), &semroutev1.ListFeedbackRequest{})
	_, promises := client.GetPromises(t.Context(), &semroutev1.GetPromisesRequest{})
	_, suggestions := client.ListSuggestions(t.Context(), &semroutev1.ListSuggestionsRequest{})
	stream, export := client.ExportFeedback(t.Context(), &semroutev1.ExportFeedbackRequest{})
	if export == nil {
		_, export = stream.Recv()
	}
	for call, err := range map[string]error{"give": give, "list": list, "promises": promises, "suggestions": suggestions, "export": export} {
		if status.Code(err) != codes.FailedPrecondition || !strings.Contains(err.Error(), "--store") {
			t.Errorf("%s: %v", call, err)
		}
	}
}

func TestListFeedbackInPages(t *testing.T) {
	client, _ := opened(t)
	for i := range 5 {
		said := &semroutev1.Feedback{DecisionId: fmt.Sprint("d", i), Verdict: semroutev1.Feedback_RIGHT}
		if _, err := client.GiveFeedback(t.Context(), &semroutev1.GiveFeedbackRequest{Feedback: said}); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for token, pages := "", 0; pages == 0 || token != ""; pages++ {
		page, err := client.ListFeedback(t.Context(), &semroutev1.ListFeedbackRequest{PageSize: 2, PageToken: token})
		if err != nil || len(page.GetEntries()) > 2 {
			t.Fatalf("%d entries, %v", len(page.GetEntries()), err)
		}
		for _, e := range page.GetEntries() {
			got = append(got, e.GetFeedback().GetDecisionId())
		}
		token = page.GetNextPageToken()
	}
	if want := []string{"d0", "d1", "d2", "d3", "d4"}; !slices.Equal(got, want) {
		t.Errorf("in pages %v, want %v", got, want)
	}
}

func TestPromisesSuggestionsAndExport(t *testing.T) {
	client, edits := opened(t)
	for i := range 10 {
		said := &semroutev1.Feedback{DecisionId: fmt.Sprint("d", i), RightRoute: new("refunds"), Score: new(.5)}
		if _, err := client.GiveFeedback(t.Context(), &semroutev1.GiveFeedbackRequest{Feedback: said}); err != nil {
			t.Fatal(err)
		}
	}
	promises, err := client.GetPromises(t.Context(), &semroutev1.GetPromisesRequest{Since: nil})
	if err != nil || promises.GetFalseAlarmRate() != .01 || len(promises.GetPromises()) != 3 {
		t.Fatalf("promises: %v, %v", promises, err)
	}
	suggestions, err := client.ListSuggestions(t.Context(), &semroutev1.ListSuggestionsRequest{})
	if err != nil || len(suggestions.GetSuggestions()) != 1 {
		t.Fatalf("suggestions: %v, %v", suggestions, err)
	}
	one := suggestions.GetSuggestions()[0]
	if one.GetKind() != semroutev1.Suggestion_ADD_UTTERANCE || one.GetRoute() != "refunds" || one.GetPrompts() != 10 || len(one.GetReplaces()) != 9 || one.GetEffect().GetMeasured() == 0 {
		t.Errorf("suggestion: %v", one)
	}
	accepted, err := client.AcceptSuggestion(t.Context(), &semroutev1.AcceptSuggestionRequest{SuggestionId: one.GetSuggestionId(), Author: "ann", Route: "parcels"})
	if err != nil || accepted.GetRevision() != 7 || accepted.GetFingerprint() != "next" || accepted.GetSuggestion().GetRoute() != "parcels" {
		t.Errorf("accepted: %v, %v", accepted, err)
	}
	want := []advice.Change{{Author: "ann", Route: "parcels", Add: one.GetUtterances()}}
	if diff := cmp.Diff(want, edits.made, cmpopts.IgnoreFields(advice.Change{}, "Cause")); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	stream, err := client.ExportFeedback(t.Context(), &semroutev1.ExportFeedbackRequest{})
	if err != nil {
		t.Fatal(err)
	}
	lessons := 0
	for {
		l, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || l.GetRoute() != "refunds" || l.GetModel() != "small" || l.GetQuality() != .5 || l.GetText() == "" {
			t.Fatalf("lesson %v, %v", l, err)
		}
		lessons++
	}
	if lessons != 10 {
		t.Errorf("%d lessons, want 10", lessons)
	}
}
