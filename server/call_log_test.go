package server_test

import (
	"strings"
	"testing"

	"github.com/semroute/semroute/forward"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/server"
	"google.golang.org/grpc/codes"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

func TestLogLine(t *testing.T) {
	const secret = "my-private-words"
	for _, tt := range []struct {
		allowed bool
		want    int
	}{{false, 0}, {true, 1}} {
		r := start(t, &fakeDecider{}, server.Config{LogPrompts: tt.allowed})
		if _, err := r.client.Route(t.Context(), &semroutev1.RouteRequest{Prompt: text(secret)}); err != nil {
			t.Fatal(err)
		}
		r.stop()
		if err := <-r.done; err != nil {
			t.Fatal(err)
		}
		log := r.log.String()
		if got := strings.Count(log, secret); got != tt.want {
			t.Errorf("prompts allowed %v: the text stands %d times in the log, want %d:\n%s", tt.allowed, got, tt.want, log)
		}
		if got := strings.Count(log, `"message":"call"`); got != 1 {
			t.Errorf("%d lines for one call:\n%s", got, log)
		}
	}
}

// An empty chat is refused by validation; the log line must survive it too.
func TestLogLineOfAnInvalidRequest(t *testing.T) {
	r := start(t, &fakeDecider{}, server.Config{LogPrompts: true})
	if _, err := r.client.Route(t.Context(), &semroutev1.RouteRequest{Prompt: conversation()}); status.Code(err) != codes.InvalidArgument {
		t.Fatalf("got %v; want INVALID_ARGUMENT", err)
	}
	if _, err := r.client.Route(t.Context(), &semroutev1.RouteRequest{Prompt: text("x")}); err != nil {
		t.Errorf("the next call fails: %v", err)
	}
}

// TestLogLineOfAFailedCall says what was decided and what was tried.
func TestLogLineOfAFailedCall(t *testing.T) {
	f := &fakeForwarder{record: forward.Record{Attempts: kept.Attempts, Costs: kept.Costs}, err: forward.ErrUnavailable}
	r := startForwarding(t, &fakeDecider{}, f, server.Config{})
	if _, err := r.client.Route(t.Context(), &semroutev1.RouteRequest{Prompt: text("x"), Forward: true}); err == nil {
		t.Fatal("the call went well")
	}
	_ = streamedError(t, r, text("x"))
	r.stop()
	if err := <-r.done; err != nil {
		t.Fatal(err)
	}
	lines := 0
	for line := range strings.Lines(r.log.String()) {
		if !strings.Contains(line, `"message":"call"`) {
			continue
		}
		lines++
		for _, want := range []string{`"level":"warn"`, `"latency_ms":`, `"route":"refunds"`, `"attempts":1`, `"cost_nano_usd":16`, `"cause":`} {
			if !strings.Contains(line, want) {
				t.Errorf("%s is not in %s", want, line)
			}
		}
	}
	if lines != 2 {
		t.Errorf("%d lines for two calls:\n%s", lines, r.log)
	}
}

// TestUpkeepIsLoggedAtDebugOnly: orchestrators ask for health every few seconds.
func TestUpkeepIsLoggedAtDebugOnly(t *testing.T) {
	r := start(t, &fakeDecider{}, server.Config{})
	if _, err := r.health.Check(t.Context(), &healthv1.HealthCheckRequest{}); err != nil {
		t.Fatal(err)
	}
	r.stop()
	if err := <-r.done; err != nil {
		t.Fatal(err)
	}
	if got := r.log.String(); !strings.Contains(got, `"level":"debug","method":"/grpc.health.v1.Health/Check"`) {
		t.Errorf("log:\n%s", got)
	}
}
