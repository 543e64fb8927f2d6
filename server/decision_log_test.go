package server_test

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/semroute/semroute/forward"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/server"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// keptRecords is a log in memory.
type keptRecords struct {
	mu      sync.Mutex
	records []forward.Record
}

func (k *keptRecords) Append(r forward.Record) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.records = append(k.records, r)
}

func TestDecisionsWithoutACallAreKept(t *testing.T) {
	var kept keptRecords
	r := startForwarding(t, &fakeDecider{}, &fakeForwarder{pieces: said}, server.Config{Decisions: &kept})
	asked := text("hi")
	asked.User = &semroutev1.User{Id: "ann", Team: "red", Tier: "gold"}
	if _, err := r.client.Route(t.Context(), &semroutev1.RouteRequest{Prompt: asked}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.client.Route(t.Context(), &semroutev1.RouteRequest{Prompt: text("forwarded"), Forward: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.client.RouteBatch(t.Context(), &semroutev1.RouteBatchRequest{Prompts: []*semroutev1.Prompt{text("one"), text("two")}}); err != nil {
		t.Fatal(err)
	}
	// Who only tries is not recorded.
	if _, err := r.client.Route(t.Context(), &semroutev1.RouteRequest{Prompt: text("tried"), DryRun: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.client.Route(t.Context(), &semroutev1.RouteRequest{Prompt: text("tried"), DryRun: true, Forward: true}); status.Code(err) != codes.InvalidArgument {
		t.Errorf("a dry run that makes a call: %v", err)
	}
	decision := forward.Decision{ID: "1", Route: "refunds", Confidence: 0.75, Stage: "SEMANTIC"}
	want := []forward.Record{
		{Decision: decision, Prompt: "hi", User: "ann", Team: "red", Tier: "gold"},
		{Decision: decision, Prompt: "one"},
		{Decision: decision, Prompt: "two"},
	}
	if diff := cmp.Diff(want, kept.records, cmpopts.IgnoreFields(forward.Record{}, "Time")); diff != "" {
		t.Errorf("records (-want +got); the forwarder keeps those of calls:\n%s", diff)
	}
	for _, record := range kept.records {
		if record.Time.IsZero() {
			t.Error("a record has no time")
		}
	}
}
