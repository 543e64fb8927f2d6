package server_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"github.com/semroute/semroute/chat"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/server"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/testing/protocmp"
)

// fakeDecider answers what the test says and keeps what it was asked.
type fakeDecider struct {
	decide  func(ctx context.Context, prompts []router.Prompt) ([]router.Decision, error)
	prompts []router.Prompt
	limits  router.Limits
	models  []string // of the route; "small" where there are none
}

func (f *fakeDecider) Decide(ctx context.Context, p router.Prompt, limits router.Limits) (router.Decision, error) {
	ds, err := f.DecideBatch(ctx, []router.Prompt{p}, limits)
	if err != nil {
		return router.Decision{}, err
	}
	return ds[0], nil
}

func (f *fakeDecider) DecideBatch(ctx context.Context, prompts []router.Prompt, limits router.Limits) ([]router.Decision, error) {
	f.prompts, f.limits = prompts, limits
	if f.decide != nil {
		return f.decide(ctx, prompts)
	}
	models := f.models
	if models == nil {
		models = []string{"small"}
	}
	ds := make([]router.Decision, len(prompts))
	for i := range ds {
		ds[i] = router.Decision{ID: "1", Route: "refunds", Models: models, Confidence: 0.75, Stage: router.StageSemantic}
	}
	return ds, nil
}

// running is a served server with a client.
type running struct {
	client semroutev1.RouterServiceClient
	health healthv1.HealthClient
	server *server.Server
	stop   context.CancelFunc
	done   chan error
	log    *strings.Builder

	address string
}

// start serves decisions only, on a real socket.
func start(t *testing.T, d server.Decider, config server.Config) *running {
	t.Helper()
	return startForwarding(t, d, nil, config)
}

func startForwarding(t *testing.T, d server.Decider, f server.Forwarder, config server.Config) *running {
	t.Helper()
	log := &strings.Builder{}
	s, err := server.New(d, f, zerolog.New(zerolog.SyncWriter(log)), config)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &running{server: s, stop: stop, done: make(chan error, 1), log: log, address: listener.Addr().String()}
	go func() { r.done <- s.Serve(ctx, listener) }()
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		_ = conn.Close()
	})
	r.client, r.health = semroutev1.NewRouterServiceClient(conn), healthv1.NewHealthClient(conn)
	return r
}

func text(s string) *semroutev1.Prompt {
	return &semroutev1.Prompt{Input: &semroutev1.Prompt_Text{Text: s}}
}

func conversation(messages ...*semroutev1.Message) *semroutev1.Prompt {
	return &semroutev1.Prompt{Input: &semroutev1.Prompt_Chat{Chat: &semroutev1.Chat{Messages: messages}}}
}

func textPart(s string) *semroutev1.Part {
	return &semroutev1.Part{Content: &semroutev1.Part_Text{Text: s}}
}

func TestRouteConvertsTheDecision(t *testing.T) {
	d := &fakeDecider{decide: func(context.Context, []router.Prompt) ([]router.Decision, error) {
		return []router.Decision{{
			ID: "42", Route: "refunds", Models: []string{"small", "large"}, Confidence: 0.75, Margin: 0.5,
			Stage: router.StageSemantic, Fingerprint: "f00d", Truncated: true, NonText: 2, Turns: 1,
			Candidates: []router.Candidate{{Route: "refunds", Probability: 0.75, Similarity: 0.5}},
			Matches:    []router.Match{{Route: "refunds", Utterance: "money back", Similarity: 0.5}},
			Timings:    router.Timings{Total: 9, Embed: 5},
		}}, nil
	}}
	r := start(t, d, server.Config{})
	resp, err := r.client.Route(t.Context(), &semroutev1.RouteRequest{Prompt: text("hi")})
	if err != nil {
		t.Fatal(err)
	}
	want := &semroutev1.Decision{
		DecisionId: "42", Route: "refunds", Model: "small", Models: []string{"small", "large"}, Confidence: 0.75, Margin: 0.5,
		Stage: semroutev1.Decision_SEMANTIC, Explanation: "refunds with confidence 0.75.", Fingerprint: "f00d",
		Truncated: true, NonTextParts: 2, EmbeddedTurns: 1,
		Candidates: []*semroutev1.Candidate{{Route: "refunds", Probability: 0.75, Similarity: 0.5}},
		Matches:    []*semroutev1.Match{{Route: "refunds", Utterance: "money back", Similarity: 0.5}},
		TimingsUs:  &semroutev1.Timings{Total: 9, Embed: 5},
	}
	if diff := cmp.Diff(want, resp.GetDecision(), protocmp.Transform()); diff != "" {
		t.Errorf("decision (-want +got):\n%s", diff)
	}
}

func TestChatIsNeverEmbeddedAsObjects(t *testing.T) {
	d := &fakeDecider{}
	r := start(t, d, server.Config{})
	_, err := r.client.Route(t.Context(), &semroutev1.RouteRequest{
		Prompt: conversation(
			&semroutev1.Message{Role: semroutev1.Message_SYSTEM, Parts: []*semroutev1.Part{textPart("be kind")}},
			&semroutev1.Message{Role: semroutev1.Message_USER, Parts: []*semroutev1.Part{
				textPart("what is this"),
				{Content: &semroutev1.Part_Image{Image: &semroutev1.Image{Source: &semroutev1.Image_Url{Url: "x"}}}},
				{Content: &semroutev1.Part_Other{Other: "audio"}},
				textPart("and that"),
			}},
		),
		Options: &semroutev1.DecisionOptions{MaxCandidates: new(uint32)},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []router.Prompt{{Messages: []chat.Message{
		chat.Say(chat.System, "be kind"),
		{Role: chat.User, Parts: []chat.Part{
			{Text: "what is this"}, {Image: &chat.Image{URL: "x"}}, {Other: "audio"}, {Text: "and that"},
		}},
	}}}
	if diff := cmp.Diff(want, d.prompts); diff != "" {
		t.Errorf("prompt (-want +got):\n%s", diff)
	}
	if d.limits.Candidates != router.None || d.limits.Matches != 0 {
		t.Errorf("limits %+v; want no candidates and the default of matches", d.limits)
	}
}

func TestInvalidRequestsNameTheField(t *testing.T) {
	r := start(t, &fakeDecider{}, server.Config{})
	many := make([]*semroutev1.Prompt, 257)
	for i := range many {
		many[i] = text("x")
	}
	tests := []struct {
		name  string
		call  func(ctx context.Context) error
		field string
	}{
		{"no prompt", func(ctx context.Context) error {
			_, err := r.client.Route(ctx, &semroutev1.RouteRequest{})
			return err
		}, "prompt"},
		{"neither text nor chat", func(ctx context.Context) error {
			_, err := r.client.Route(ctx, &semroutev1.RouteRequest{Prompt: &semroutev1.Prompt{}})
			return err
		}, "prompt.input"},
		{"an empty chat", func(ctx context.Context) error {
			_, err := r.client.Route(ctx, &semroutev1.RouteRequest{Prompt: conversation()})
			return err
		}, "prompt.chat.messages"},
		{"a message without role", func(ctx context.Context) error {
			_, err := r.client.Route(ctx, &semroutev1.RouteRequest{Prompt: conversation(&semroutev1.Message{Parts: []*semroutev1.Part{textPart("x")}})})
			return err
		}, "prompt.chat.messages[0].role"},
		{"a text over 1 MiB", func(ctx context.Context) error {
			_, err := r.client.Route(ctx, &semroutev1.RouteRequest{Prompt: text(strings.Repeat("x", 1<<20+1))})
			return err
		}, "prompt.text"},
		{"an empty batch", func(ctx context.Context) error {
			_, err := r.client.RouteBatch(ctx, &semroutev1.RouteBatchRequest{})
			return err
		}, "prompts"},
		{"a batch of 257", func(ctx context.Context) error {
			_, err := r.client.RouteBatch(ctx, &semroutev1.RouteBatchRequest{Prompts: many})
			return err
		}, "prompts"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.call(t.Context())
			if status.Code(err) != codes.InvalidArgument {
				t.Fatalf("got %v; want INVALID_ARGUMENT", err)
			}
			var fields []string
			for _, detail := range status.Convert(err).Details() {
				if bad, ok := detail.(*errdetails.BadRequest); ok {
					for _, v := range bad.GetFieldViolations() {
						fields = append(fields, v.GetField())
					}
				}
			}
			if diff := cmp.Diff([]string{tt.field}, fields); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
			if !strings.Contains(err.Error(), tt.field) {
				t.Errorf("the message does not name the field: %v", err)
			}
		})
	}
}

func TestEveryErrorHasOneStatus(t *testing.T) {
	tests := []struct {
		name   string
		err    error
		code   codes.Code
		reason string
	}{
		{"not ready", router.ErrNotReady, codes.Unavailable, "NOT_READY"},
		{"embedder", errors.Join(router.ErrEmbedder, errors.New("secret detail")), codes.Unavailable, "EMBEDDER_UNAVAILABLE"},
		{"index", errors.Join(router.ErrIndex, errors.New("secret detail")), codes.Unavailable, "INDEX_UNAVAILABLE"},
		{"deadline inside the embedder", errors.Join(router.ErrEmbedder, context.DeadlineExceeded), codes.DeadlineExceeded, "DEADLINE_EXCEEDED"},
		{"unknown", errors.New("secret detail"), codes.Internal, "INTERNAL"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := start(t, &fakeDecider{decide: func(context.Context, []router.Prompt) ([]router.Decision, error) { return nil, tt.err }}, server.Config{})
			_, err := r.client.Route(t.Context(), &semroutev1.RouteRequest{Prompt: text("x")})
			if status.Code(err) != tt.code || reason(err) != tt.reason {
				t.Errorf("got %v with reason %q; want %s with %q", err, reason(err), tt.code, tt.reason)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("internals leak to the caller: %v", err)
			}
		})
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

func TestForwardIsRefusedInWords(t *testing.T) {
	r := start(t, &fakeDecider{}, server.Config{})
	_, err := r.client.Route(t.Context(), &semroutev1.RouteRequest{Prompt: text("x"), Forward: true})
	if status.Code(err) != codes.Unimplemented || !strings.Contains(err.Error(), "decides only") {
		t.Errorf("got %v", err)
	}
}

func TestPanicIsOneFailedCall(t *testing.T) {
	d := &fakeDecider{decide: func(context.Context, []router.Prompt) ([]router.Decision, error) { panic("boom") }}
	r := start(t, d, server.Config{})
	if _, err := r.client.Route(t.Context(), &semroutev1.RouteRequest{Prompt: text("x")}); status.Code(err) != codes.Internal || strings.Contains(err.Error(), "boom") {
		t.Errorf("got %v; want INTERNAL without internals", err)
	}
	d.decide = nil
	if _, err := r.client.Route(t.Context(), &semroutev1.RouteRequest{Prompt: text("x")}); err != nil {
		t.Errorf("the next call fails too: %v", err)
	}
}

func TestCallsWithoutDeadlineGetOne(t *testing.T) {
	d := &fakeDecider{decide: func(ctx context.Context, _ []router.Prompt) ([]router.Decision, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	r := start(t, d, server.Config{RequestTimeout: 10 * time.Millisecond})
	_, err := r.client.Route(context.Background(), &semroutev1.RouteRequest{Prompt: text("x")})
	if status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("got %v; want DEADLINE_EXCEEDED", err)
	}
}

func TestHealthFollowsTheGeneration(t *testing.T) {
	r := start(t, &fakeDecider{}, server.Config{})
	check := func(want healthv1.HealthCheckResponse_ServingStatus) {
		t.Helper()
		for _, service := range []string{"", "semroute.v1.RouterService"} {
			resp, err := r.health.Check(t.Context(), &healthv1.HealthCheckRequest{Service: service})
			if err != nil || resp.GetStatus() != want {
				t.Errorf("%q: %v, %v; want %s", service, resp.GetStatus(), err, want)
			}
		}
	}
	check(healthv1.HealthCheckResponse_NOT_SERVING)
	r.server.Ready()
	check(healthv1.HealthCheckResponse_SERVING)
	r.server.SetReady(false)
	check(healthv1.HealthCheckResponse_NOT_SERVING)
}
