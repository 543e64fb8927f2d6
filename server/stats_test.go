package server

import (
	"context"
	"net"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/router"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
)

// seenPayloads keeps what a stats handler is shown, as telemetry would be.
type seenPayloads struct {
	mu      sync.Mutex
	out, in []proto.Message
}

func (s *seenPayloads) HandleRPC(_ context.Context, event stats.RPCStats) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e := event.(type) {
	case *stats.OutPayload:
		s.out = append(s.out, e.Payload.(proto.Message))
	case *stats.InPayload:
		s.in = append(s.in, e.Payload.(proto.Message))
	}
}
func (s *seenPayloads) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context   { return ctx }
func (s *seenPayloads) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (s *seenPayloads) HandleConn(context.Context, stats.ConnStats)                       {}

// fixed decides the same for every prompt.
type fixed struct{ router.Decision }

func (f fixed) Decide(context.Context, router.Prompt, router.Limits) (router.Decision, error) {
	return f.Decision, nil
}

func (f fixed) DecideBatch(context.Context, []router.Prompt, router.Limits) ([]router.Decision, error) {
	return []router.Decision{f.Decision}, nil
}

func TestAStatsHandlerSeesWholeMessages(t *testing.T) {
	seen := &seenPayloads{}
	s, err := newServer(fixed{router.Decision{Route: "refunds"}}, nil, zerolog.Nop(), Config{}, grpc.StatsHandler(seen))
	if err != nil {
		t.Fatal(err)
	}
	listener := bufconn.Listen(1 << 16)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, listener) }()
	conn, err := grpc.NewClient("passthrough:///test", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	req := &semroutev1.RouteRequest{Prompt: &semroutev1.Prompt{Input: &semroutev1.Prompt_Text{Text: "hi"}}}
	resp, err := semroutev1.NewRouterServiceClient(conn).Route(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]proto.Message{req}, seen.in, protocmp.Transform()); diff != "" {
		t.Errorf("requests (-sent +seen):\n%s", diff)
	}
	if diff := cmp.Diff([]proto.Message{resp}, seen.out, protocmp.Transform()); diff != "" || resp.GetDecision().GetRoute() != "refunds" {
		t.Errorf("replies (-received +seen):\n%s", diff)
	}
}
