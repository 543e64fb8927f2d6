package server_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/forwardtest"
	"github.com/semroute/semroute/forward/policy"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/server"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// records hands over every record.
type records chan forward.Record

func (r records) Append(record forward.Record) { r <- record }

// TestReadersThatStopAreLeftBehind on a real connection: the call of a client
// that reads no more ends, its goroutine too, and the model is as healthy as
// before.
func TestReadersThatStopAreLeftBehind(t *testing.T) {
	block := strings.Repeat("x", 64<<10)
	ended := make(chan struct{}, 16)
	large := &forwardtest.Provider{StreamFunc: func(_ context.Context, _ forward.Request, emit func(forward.Piece) error) (forward.End, error) {
		defer func() { ended <- struct{}{} }()
		for range 32 { // more than a stream's window holds
			if err := emit(forward.Piece{Text: block}); err != nil {
				return forward.End{}, err
			}
		}
		return forward.End{Finish: forward.FinishStop}, nil
	}}
	log := make(records, 16)
	f, err := policy.New(policy.Deps{
		Catalog: &routes.Catalog{
			Models: []routes.Model{{Name: "small", MaxConcurrent: 1}},
			Routes: []routes.Route{{Name: "refunds", Models: []string{"small"}}},
		},
		Providers: map[string]forward.Provider{"small": large}, Tokens: oneToken{}, Log: log,
	}, forward.Config{SendTimeout: 500 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	r := startForwarding(t, &fakeDecider{}, f, server.Config{})
	var streams []interface {
		Recv() (*semroutev1.StreamRouteResponse, error)
	}
	for range 6 {
		stream, err := r.client.StreamRoute(t.Context(), &semroutev1.StreamRouteRequest{Prompt: text("hi")})
		if err != nil {
			t.Fatal(err)
		}
		<-ended
		record := <-log
		if a := record.Attempts[0]; a.Status != forward.Cancelled || !strings.Contains(record.Error, "too slowly") {
			t.Fatalf("the record is %+v", record)
		}
		streams = append(streams, stream)
	}
	for _, stream := range streams { // what was sent before is still there
		var err error
		for err == nil {
			_, err = stream.Recv()
		}
		if status.Code(err) != codes.DeadlineExceeded || reason(err) != "CALLER_TOO_SLOW" {
			t.Errorf("the stream ended with %v", err)
		}
	}
	whole, err := r.client.Route(t.Context(), &semroutev1.RouteRequest{Prompt: text("hi"), Forward: true})
	if err != nil || len(whole.GetAnswer().GetText()) != 32*len(block) {
		t.Errorf("the model was charged: %v", err)
	}
}
