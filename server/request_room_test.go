package server_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/semroute/semroute/ingress"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/server"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// TestRequestsOfAllProtocolsShareOneRoom: while a request is answered another one has
// no room, by gRPC and by HTTP, with its length said or not; afterwards it has.
func TestRequestsOfAllProtocolsShareOneRoom(t *testing.T) {
	begun, goOn := make(chan struct{}), make(chan struct{})
	decider := &fakeDecider{decide: func(_ context.Context, prompts []router.Prompt) ([]router.Decision, error) {
		if strings.HasPrefix(prompts[0].Text, "first") {
			close(begun)
			<-goOn
		}
		return make([]router.Decision, len(prompts)), nil
	}}
	r := start(t, decider, server.Config{RequestBytes: 40 << 10})
	large := strings.Repeat("x", 30<<10)
	first := make(chan error, 1)
	go func() {
		_, err := r.client.Route(context.Background(), &semroutev1.RouteRequest{Prompt: text("first" + large)})
		first <- err
	}()
	<-begun

	_, err := r.client.Route(t.Context(), &semroutev1.RouteRequest{Prompt: text("second" + large)})
	s := status.Convert(err)
	if s.Code() != codes.ResourceExhausted {
		t.Errorf("gRPC: %v", err)
	}
	retry := false
	for _, d := range s.Details() {
		if _, ok := d.(*errdetails.RetryInfo); ok {
			retry = true
		}
	}
	if !retry {
		t.Errorf("gRPC: nothing says when to come again: %v", s.Details())
	}
	if _, err := r.client.Route(t.Context(), &semroutev1.RouteRequest{Prompt: text("small")}); err != nil {
		t.Errorf("a small one beside it: %v", err)
	}
	handlers := r.server.Guarded(map[string]ingress.Route{"POST /v1/messages": {
		Handle: func(w http.ResponseWriter, r *http.Request) {
			buffer := make([]byte, 64<<10)
			for {
				if _, err := r.Body.Read(buffer); err != nil {
					failure, known := ingress.FailureOf(err)
					if known {
						http.Error(w, failure.Reason, http.StatusTooManyRequests)
					}
					return
				}
			}
		},
		Fail: func(w http.ResponseWriter, err error) { http.Error(w, err.Error(), http.StatusTeapot) },
	}})
	post := func(length int64) int {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/messages", strings.NewReader(large))
		request.ContentLength = length
		answer := httptest.NewRecorder()
		handlers["POST /v1/messages"](answer, request)
		return answer.Code
	}
	for _, length := range []int64{int64(len(large)), -1, 1} {
		if got := post(length); got != http.StatusTooManyRequests {
			t.Errorf("HTTP with the length %d: %d", length, got)
		}
	}
	close(goOn)
	if err := <-first; err != nil {
		t.Error(err)
	}
	for _, length := range []int64{int64(len(large)), -1} {
		if got := post(length); got != http.StatusOK {
			t.Errorf("HTTP afterwards: %d", got)
		}
	}
}
