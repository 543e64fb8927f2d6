package load

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// slow answers after a while, and refuses empty prompts.
type slow struct {
	semroutev1.UnimplementedRouterServiceServer
	takes time.Duration
}

func (s slow) Route(_ context.Context, r *semroutev1.RouteRequest) (*semroutev1.RouteResponse, error) {
	time.Sleep(s.takes)
	if r.GetPrompt().GetText() == "" {
		return nil, status.Error(codes.InvalidArgument, "empty")
	}
	return &semroutev1.RouteResponse{}, nil
}

func serving(t *testing.T, takes time.Duration) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	semroutev1.RegisterRouterServiceServer(server, slow{takes: takes})
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

// TestLatencyCountsFromTheIntendedStart has one caller for calls that take
// longer than the gap between them: those that had to wait must show it.
func TestLatencyCountsFromTheIntendedStart(t *testing.T) {
	const takes = 20 * time.Millisecond
	r, err := Attack(t.Context(), Config{Target: serving(t, takes), Prompts: []string{"x"}, Rate: 200, Duration: 100 * time.Millisecond, Callers: 1})
	if err != nil {
		t.Fatal(err)
	}
	if r.Calls != 20 || r.Errors != 0 {
		t.Errorf("%d calls, %d errors; want 20 and none", r.Calls, r.Errors)
	}
	// The last call is meant to start after 95 ms and cannot end before 400 ms.
	if least := 250_000.0; r.LatencyUS.Max < least {
		t.Errorf("the slowest took %.0f µs: waiting for a free caller is not counted", r.LatencyUS.Max)
	}
}

func TestBackToBackCallersDoNotWait(t *testing.T) {
	r, err := Attack(t.Context(), Config{Target: serving(t, 0), Prompts: []string{"x", "y"}, Duration: 50 * time.Millisecond, Callers: 4, Connections: 2})
	if err != nil {
		t.Fatal(err)
	}
	if r.Calls == 0 || r.AskedRate != 0 || r.Rate <= 0 {
		t.Errorf("got %+v", r)
	}
}

func TestFailedCallsAreCounted(t *testing.T) {
	r, err := Attack(t.Context(), Config{Target: serving(t, 0), Prompts: []string{"x", ""}, Rate: 100, Duration: 100 * time.Millisecond, Callers: 2})
	if err != nil {
		t.Fatal(err)
	}
	if r.Calls != 10 || r.Errors != 5 || r.ErrorsByCode["InvalidArgument"] != 5 {
		t.Errorf("got %+v; want 5 of 10 with INVALID_ARGUMENT", r)
	}
}

func TestUnusableLoads(t *testing.T) {
	good := Config{Target: "127.0.0.1:1", Prompts: []string{"x"}, Rate: 1, Duration: time.Second, Callers: 1}
	for name, spoil := range map[string]func(*Config){
		"no prompts":    func(c *Config) { c.Prompts = nil },
		"no callers":    func(c *Config) { c.Callers = 0 },
		"no duration":   func(c *Config) { c.Duration = 0 },
		"negative rate": func(c *Config) { c.Rate = -1 },
	} {
		t.Run(name, func(t *testing.T) {
			c := good
			spoil(&c)
			if _, err := Attack(t.Context(), c); !errors.Is(err, ErrLoad) {
				t.Errorf("got %v; want ErrLoad", err)
			}
		})
	}
	t.Run("nobody there", func(t *testing.T) {
		if _, err := Attack(t.Context(), good); status.Code(err) != codes.Unavailable {
			t.Errorf("got %v; want UNAVAILABLE", err)
		}
	})
}
