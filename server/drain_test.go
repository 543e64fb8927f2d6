package server_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/server"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
)

func TestDrain(t *testing.T) {
	t.Run("a call in flight may finish", func(t *testing.T) {
		entered, release := make(chan struct{}), make(chan struct{})
		d := &fakeDecider{decide: func(_ context.Context, prompts []router.Prompt) ([]router.Decision, error) {
			close(entered)
			<-release
			return make([]router.Decision, len(prompts)), nil
		}}
		r := start(t, d, server.Config{})
		answered := make(chan error, 1)
		go func() {
			_, err := r.client.Route(context.Background(), &semroutev1.RouteRequest{Prompt: text("x")})
			answered <- err
		}()
		<-entered
		r.stop()
		close(release)
		if err := <-answered; err != nil {
			t.Errorf("the call in flight failed: %v", err)
		}
		if err := <-r.done; err != nil {
			t.Errorf("a drain is no error, got %v", err)
		}
	})
	t.Run("one that never ends is cut off", func(t *testing.T) {
		entered := make(chan struct{})
		d := &fakeDecider{decide: func(ctx context.Context, _ []router.Prompt) ([]router.Decision, error) {
			close(entered)
			<-ctx.Done()
			return nil, ctx.Err()
		}}
		r := start(t, d, server.Config{DrainTimeout: 20 * time.Millisecond})
		go func() {
			_, _ = r.client.Route(context.Background(), &semroutev1.RouteRequest{Prompt: text("x")})
		}()
		<-entered
		r.stop()
		if err := <-r.done; err != nil {
			t.Errorf("got %v", err)
		}
	})
	t.Run("one that does not even end then is left behind", func(t *testing.T) {
		entered, release := make(chan struct{}), make(chan struct{})
		defer close(release)
		d := &fakeDecider{decide: func(context.Context, []router.Prompt) ([]router.Decision, error) {
			close(entered)
			<-release
			return nil, errors.New("too late")
		}}
		r := start(t, d, server.Config{DrainTimeout: 20 * time.Millisecond})
		go func() {
			_, _ = r.client.Route(context.Background(), &semroutev1.RouteRequest{Prompt: text("x")})
		}()
		<-entered
		r.stop()
		if err := <-r.done; err != nil {
			t.Errorf("got %v", err)
		}
		if !strings.Contains(r.log.String(), "left behind") {
			t.Errorf("the log does not say so:\n%s", r.log)
		}
	})
	t.Run("a health watch keeps nobody waiting", func(t *testing.T) {
		r := start(t, &fakeDecider{}, server.Config{DrainTimeout: time.Hour})
		watch, err := r.health.Watch(t.Context(), &healthv1.HealthCheckRequest{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := watch.Recv(); err != nil {
			t.Fatal(err)
		}
		r.stop()
		if err := <-r.done; err != nil {
			t.Errorf("got %v", err)
		}
	})
}
