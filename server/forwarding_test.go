package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/forward"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/server"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
)

// fakeForwarder answers with fixed pieces, then its error.
type fakeForwarder struct {
	pieces []forward.Piece
	record forward.Record
	err    error
	call   forward.Call
	ended  chan error
}

func (f *fakeForwarder) Forward(ctx context.Context, call forward.Call, sink forward.Sink) (forward.Record, error) {
	f.call = call
	for _, p := range f.pieces {
		if err := sink(p); err != nil {
			return f.record, err
		}
	}
	if f.ended != nil {
		<-ctx.Done()
		f.ended <- ctx.Err()
		return f.record, ctx.Err()
	}
	return f.record, f.err
}

var said = []forward.Piece{
	{Text: "Hel"}, {Text: "lo"},
	{Tool: &forward.ToolPiece{Index: 0, ID: "c1", Name: "look", Arguments: `{"a":`}},
	{Tool: &forward.ToolPiece{Index: 0, Arguments: `1}`}},
}

var kept = forward.Record{
	Model: "small", Finish: forward.FinishStop, Strategy: "order",
	Usage:    forward.Usage{InputTokens: 3, OutputTokens: 2},
	Costs:    forward.Costs{Answer: 10, Failed: 5, Routing: 1, Dearest: 100},
	Attempts: []forward.Attempt{{Model: "small", Status: forward.Done, Cost: 10, Pieces: 4}},
}

func TestRouteForwards(t *testing.T) {
	f := &fakeForwarder{pieces: said, record: kept}
	r := startForwarding(t, &fakeDecider{}, f, server.Config{})
	resp, err := r.client.Route(t.Context(), &semroutev1.RouteRequest{
		Prompt: text("hi"), Forward: true, Call: &semroutev1.CallOptions{MaxTokens: 7, System: "be brief", Temperature: new(float64)},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := &semroutev1.Answer{Text: "Hello", ToolCalls: []*semroutev1.ToolCall{{Id: "c1", Name: "look", ArgumentsJson: `{"a":1}`}}}
	if diff := cmp.Diff(want, resp.GetAnswer(), protocmp.Transform()); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	if got := resp.GetRecord(); got.GetModel() != "small" || got.GetCosts().GetTotalNanoUsd() != 16 || len(got.GetAttempts()) != 1 {
		t.Errorf("record %v", got)
	}
	if got := f.call.Request; got.MaxTokens != 7 || got.System != "be brief" || got.Temperature == nil || *got.Temperature != 0 || got.TopP != nil {
		t.Errorf("request %+v; a set 0 must stay apart from unset", got)
	}
	if diff := cmp.Diff([]string{"small"}, f.call.Models); diff != "" {
		t.Errorf("models (-want +got):\n%s", diff)
	}
}

func TestStreamRouteSendsDecisionThenPiecesThenRecord(t *testing.T) {
	r := startForwarding(t, &fakeDecider{}, &fakeForwarder{pieces: said, record: kept}, server.Config{})
	stream, err := r.client.StreamRoute(t.Context(), &semroutev1.StreamRouteRequest{Prompt: text("hi")})
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for {
		event, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := event.GetEvent().(type) {
		case *semroutev1.StreamRouteResponse_Decision:
			order = append(order, "decision "+e.Decision.GetRoute())
		case *semroutev1.StreamRouteResponse_Piece:
			order = append(order, "piece "+e.Piece.GetText()+e.Piece.GetToolCall().GetArgumentsJson())
		case *semroutev1.StreamRouteResponse_Record:
			order = append(order, "record "+e.Record.GetModel())
		}
	}
	want := []string{"decision refunds", "piece Hel", "piece lo", `piece {"a":`, "piece 1}", "record small"}
	if diff := cmp.Diff(want, order); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestCancellingTheCallerCancelsTheCall(t *testing.T) {
	f := &fakeForwarder{pieces: said[:1], ended: make(chan error, 1)}
	r := startForwarding(t, &fakeDecider{}, f, server.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	stream, err := r.client.StreamRoute(ctx, &semroutev1.StreamRouteRequest{Prompt: text("hi")})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // decision and first piece
		if _, err := stream.Recv(); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	if err := <-f.ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the call ended with %v", err)
	}
}

func TestForwardingErrors(t *testing.T) {
	tests := []struct {
		name   string
		err    error
		code   codes.Code
		reason string
	}{
		{"unknown budget", fmt.Errorf("%w: no answer", forward.ErrBudgetUnknown), codes.Unavailable, "BUDGET_UNKNOWN"},
		{"budget", fmt.Errorf("%w: user ann", forward.ErrBudget), codes.ResourceExhausted, "BUDGET_SPENT"},
		{"nothing fits", &forward.NoModelError{Reasons: []forward.Reason{{Model: "small", Err: forward.ErrTooLong}}}, codes.FailedPrecondition, "NO_MODEL"},
		{"provider cannot", &forward.UnsupportedError{Provider: "ollama", Field: "tool_choice"}, codes.FailedPrecondition, "NOT_SUPPORTED_BY_PROVIDER"},
		{"unpriced", forward.ErrUnpriced, codes.FailedPrecondition, "UNPRICED_MODEL"},
		{"bad request", fmt.Errorf("%w: tools[0].name: a tool needs a name", forward.ErrInvalid), codes.InvalidArgument, "INVALID_REQUEST"},
		{"all failed", fmt.Errorf("%w: secret address", forward.ErrUnavailable), codes.Unavailable, "MODELS_UNAVAILABLE"},
		{"too long for one, the other is down", fmt.Errorf("%w: %w", forward.ErrUnavailable, errors.Join(refused(forward.ContextLength), refused(forward.ServerError))), codes.Unavailable, "MODELS_UNAVAILABLE"},
		{"too long for all", errors.Join(refused(forward.ContextLength), refused(forward.ContextLength)), codes.FailedPrecondition, "PROMPT_TOO_LONG"},
		{"filtered", refused(forward.ContentFilter), codes.FailedPrecondition, "PROMPT_FILTERED"},
		{"upstream knows no such parameter", &forward.UpstreamError{Class: forward.UnsupportedInput}, codes.FailedPrecondition, "NOT_SUPPORTED_BY_PROVIDER"},
		{"upstream calls it wrong", refused(forward.BadRequest), codes.InvalidArgument, "REFUSED_BY_MODEL"},
		{"upstream failed", refused(forward.ServerError), codes.Unavailable, "UPSTREAM_FAILED"},
		{"slow caller", fmt.Errorf("the caller took no more: %w", forward.ErrSlowCaller), codes.DeadlineExceeded, "CALLER_TOO_SLOW"},
		{"a panic", fmt.Errorf("%w: secret", forward.ErrInternal), codes.Internal, "INTERNAL"},
		{"broke off", fmt.Errorf("%w: secret address", forward.ErrInterrupted), codes.Aborted, "ANSWER_INTERRUPTED"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &fakeForwarder{record: forward.Record{Attempts: kept.Attempts}, err: tt.err}
			r := startForwarding(t, &fakeDecider{}, f, server.Config{})
			_, whole := r.client.Route(t.Context(), &semroutev1.RouteRequest{Prompt: text("x"), Forward: true})
			for way, err := range map[string]error{"whole": whole, "streamed": streamedError(t, r, text("x"))} {
				if status.Code(err) != tt.code || reason(err) != tt.reason {
					t.Errorf("%s: got %v with reason %q; want %s with %q", way, err, reason(err), tt.code, tt.reason)
				}
				if strings.Contains(err.Error(), "secret") {
					t.Errorf("%s: internals leak: %v", way, err)
				}
				if got := detail[*semroutev1.CallRecord](err); len(got.GetAttempts()) != 1 {
					t.Errorf("%s: the attempts are not in the status: %v", way, got)
				}
				if got := detail[*semroutev1.Decision](err); got.GetRoute() != "refunds" || got.GetModel() != "small" {
					t.Errorf("%s: the decision is not in the status: %v", way, got)
				}
			}
		})
	}
}

// TestAnAbstentionIsServedByTheFallbackRoute and is recorded as what it is: the
// ledger's records become labels.
func TestAnAbstentionIsServedByTheFallbackRoute(t *testing.T) {
	abstained := router.Decision{
		ID: "1", Abstained: true, Reason: router.ReasonBelowConfidence, Stage: router.StageFallback, FallbackRoute: "general", Models: []string{"small"},
	}
	chosen := router.Decision{ID: "2", Route: "refunds", Stage: router.StageSemantic, Models: []string{"small"}}
	tests := map[string]struct {
		decided router.Decision
		want    forward.Call
	}{
		"abstained": {abstained, forward.Call{
			Decision: forward.Decision{ID: "1", Abstained: true, Reason: "below confidence", Stage: "FALLBACK"}, Route: "general",
		}},
		"chosen": {chosen, forward.Call{Decision: forward.Decision{ID: "2", Route: "refunds", Stage: "SEMANTIC"}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := &fakeDecider{decide: func(context.Context, []router.Prompt) ([]router.Decision, error) {
				return []router.Decision{tt.decided}, nil
			}}
			f := &fakeForwarder{pieces: said}
			r := startForwarding(t, d, f, server.Config{})
			if _, err := r.client.Route(t.Context(), &semroutev1.RouteRequest{Prompt: text("hi"), Forward: true}); err != nil {
				t.Fatal(err)
			}
			got := forward.Call{Decision: f.call.Decision, Route: f.call.Route}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("call (-want +got):\n%s", diff)
			}
		})
	}
}

func refused(class forward.Class) error {
	return &forward.UpstreamError{Class: class, Message: "secret address"}
}

// streamedError is how a stream ends.
func streamedError(t *testing.T, r *running, prompt *semroutev1.Prompt) error {
	t.Helper()
	stream, err := r.client.StreamRoute(t.Context(), &semroutev1.StreamRouteRequest{Prompt: prompt})
	for err == nil {
		_, err = stream.Recv()
	}
	return err
}

// detail is the detail of this type of a status.
func detail[T proto.Message](err error) T {
	for _, d := range status.Convert(err).Details() {
		if found, ok := d.(T); ok {
			return found
		}
	}
	var none T
	return none
}

func TestUnknownPartsAreRoutedButNotForwarded(t *testing.T) {
	prompt := conversation(&semroutev1.Message{Role: semroutev1.Message_USER, Parts: []*semroutev1.Part{
		textPart("listen"), {Content: &semroutev1.Part_Other{Other: "audio"}},
	}})
	r := startForwarding(t, &fakeDecider{}, &fakeForwarder{}, server.Config{})
	if _, err := r.client.Route(t.Context(), &semroutev1.RouteRequest{Prompt: prompt}); err != nil {
		t.Errorf("deciding: %v", err)
	}
	_, err := r.client.Route(t.Context(), &semroutev1.RouteRequest{Prompt: prompt, Forward: true})
	if status.Code(err) != codes.InvalidArgument || !strings.Contains(err.Error(), "prompt.chat.messages[0].parts[1]") {
		t.Errorf("forwarding: %v", err)
	}
	if got := detail[*semroutev1.Decision](err); got.GetRoute() != "refunds" {
		t.Errorf("the decision is not in the status: %v", got)
	}
}

func TestStreamRouteValidates(t *testing.T) {
	r := startForwarding(t, &fakeDecider{}, &fakeForwarder{}, server.Config{})
	stream, err := r.client.StreamRoute(t.Context(), &semroutev1.StreamRouteRequest{})
	if err == nil {
		_, err = stream.Recv()
	}
	if status.Code(err) != codes.InvalidArgument || !strings.Contains(err.Error(), "prompt") {
		t.Errorf("got %v", err)
	}
}

var _ server.Decider = (*router.Router)(nil)
