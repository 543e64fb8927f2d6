package server_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/forward"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/server"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// people are who calls, by their keys.
type people map[string]auth.Claims

func (p people) Authenticate(_ context.Context, c auth.Credentials) (*auth.Identity, error) {
	switch claims, ok := p[c.Secret]; {
	case c.Secret == "down":
		return nil, fmt.Errorf("%w: secret detail", auth.ErrUnavailable)
	case c.Secret == "panic":
		panic("secret detail")
	case !ok:
		return nil, fmt.Errorf("%w: secret detail", auth.ErrUnauthenticated)
	default:
		return &auth.Identity{ID: "key:" + c.Secret, Name: c.Secret, Claims: claims}, nil
	}
}

func as(ctx context.Context, key string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+key)
}

func TestWhoMayCallWhat(t *testing.T) {
	d := &fakeDecider{decide: func(_ context.Context, prompts []router.Prompt) ([]router.Decision, error) {
		all := make([]router.Decision, len(prompts))
		for i, p := range prompts {
			all[i] = router.Decision{Route: p.Text, Models: []string{"large", "small"}}
			if p.Text == "none" {
				all[i] = router.Decision{FallbackRoute: "refunds", Models: []string{"large", "small"}}
			}
		}
		return all, nil
	}}
	f := &fakeForwarder{}
	everything := auth.Roles()
	r := startForwarding(t, d, f, server.Config{Authenticator: people{
		"all": {Roles: everything}, "decider": {Roles: []auth.Role{auth.Decide}}, "caller": {Roles: []auth.Role{auth.Forward}},
		"billing": {Roles: everything, Routes: []string{"billing"}}, "small": {Roles: everything, Models: []string{"small"}},
		"none": {Roles: everything, Models: []string{"medium"}}, "nobody": {},
	}})
	calls := map[string]func(ctx context.Context, route string) error{
		"Route": func(ctx context.Context, route string) error {
			_, err := r.client.Route(ctx, &semroutev1.RouteRequest{Prompt: text(route)})
			return err
		},
		"Route with forward": func(ctx context.Context, route string) error {
			_, err := r.client.Route(ctx, &semroutev1.RouteRequest{Prompt: text(route), Forward: true})
			return err
		},
		"RouteBatch": func(ctx context.Context, route string) error {
			_, err := r.client.RouteBatch(ctx, &semroutev1.RouteBatchRequest{Prompts: []*semroutev1.Prompt{text("billing"), text(route)}})
			return err
		},
		"StreamRoute": func(ctx context.Context, route string) error { return streamError(ctx, r, text(route)) },
	}
	const ok, unknown, denied = codes.OK, codes.Unauthenticated, codes.PermissionDenied
	for _, test := range []struct {
		key, route                   string
		decide, forward, batch, live codes.Code
	}{
		{"all", "refunds", ok, ok, ok, ok},
		{"", "refunds", unknown, unknown, unknown, unknown},
		{"wrong", "refunds", unknown, unknown, unknown, unknown},
		{"nobody", "refunds", denied, denied, denied, denied},
		{"decider", "refunds", ok, denied, ok, denied},
		{"caller", "refunds", denied, denied, denied, ok},
		{"billing", "billing", ok, ok, ok, ok},
		{"billing", "refunds", denied, denied, denied, denied},
		{"billing", "none", ok, denied, ok, denied}, // whose fallback is another route's
		{"small", "refunds", ok, ok, ok, ok},
		{"none", "refunds", ok, denied, ok, denied},
		{"down", "refunds", codes.Unavailable, codes.Unavailable, codes.Unavailable, codes.Unavailable},
		{"panic", "refunds", codes.Internal, codes.Internal, codes.Internal, codes.Internal},
	} {
		for name, want := range map[string]codes.Code{
			"Route": test.decide, "Route with forward": test.forward, "RouteBatch": test.batch, "StreamRoute": test.live,
		} {
			ctx := t.Context()
			if test.key != "" {
				ctx = as(ctx, test.key)
			}
			err := calls[name](ctx, test.route)
			if status.Code(err) != want {
				t.Errorf("%s to %s by %q: %v, want %s", name, test.route, test.key, err, want)
			}
			if err != nil && (reason(err) == "" || strings.Contains(err.Error(), "secret detail")) {
				t.Errorf("%s by %q: reason %q, %v", name, test.key, reason(err), err)
			}
		}
	}
	if _, err := r.health.Check(t.Context(), &healthv1.HealthCheckRequest{}); err != nil {
		t.Errorf("health needs no key: %v", err)
	}
}

// streamError reads a stream to its end.
func streamError(ctx context.Context, r *running, p *semroutev1.Prompt) error {
	stream, err := r.client.StreamRoute(ctx, &semroutev1.StreamRouteRequest{Prompt: p})
	for err == nil {
		_, err = stream.Recv()
	}
	if err.Error() == "EOF" {
		return nil
	}
	return err
}

// TestACallCountsAsItsKeys: the decision's rules, the call, its budgets and its
// record all see who the key says it is.
func TestACallCountsAsItsKeys(t *testing.T) {
	usd := int64(3_000_000_000)
	d, f := &fakeDecider{}, &fakeForwarder{}
	r := startForwarding(t, d, f, server.Config{Authenticator: people{
		"a": {Roles: auth.Roles(), Tier: "free", Budget: &auth.Budget{USD: &usd, Window: "month", TokensPerMinute: 9}},
	}})
	p := text("x")
	p.User = &semroutev1.User{Id: "invented", Team: "invented", Tier: "gold"}
	if _, err := r.client.Route(as(t.Context(), "a"), &semroutev1.RouteRequest{Prompt: p, Forward: true}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(router.User{ID: "key:a", Tier: "free"}, d.prompts[0].User); diff != "" {
		t.Errorf("the decision's user (-want +got):\n%s", diff)
	}
	call := f.call
	if call.User != "key:a" || call.Team != "" || call.Tier != "free" || call.Key != "key:a" || call.Request.User != "key:a" {
		t.Errorf("the call is of %q, %q, %q, key %q; the provider is told %q", call.User, call.Team, call.Tier, call.Key, call.Request.User)
	}
	if diff := cmp.Diff(&forward.Allowance{USD: &usd, Month: true, TokensPerMinute: 9}, call.Allowance); diff != "" {
		t.Errorf("what the key may spend (-want +got):\n%s", diff)
	}
}

// TestOnlyAllowedRoutesAreTold: neither candidates nor matches show the others.
func TestOnlyAllowedRoutesAreTold(t *testing.T) {
	d := &fakeDecider{decide: func(context.Context, []router.Prompt) ([]router.Decision, error) {
		return []router.Decision{{
			Route: "billing", Models: []string{"large", "small"},
			Candidates: []router.Candidate{{Route: "billing"}, {Route: "secret-plans"}},
			Matches:    []router.Match{{Route: "secret-plans", Utterance: "secret"}, {Route: "billing"}},
		}}, nil
	}}
	r := start(t, d, server.Config{Authenticator: people{"a": {Roles: auth.Roles(), Routes: []string{"billing"}, Models: []string{"small"}}}})
	resp, err := r.client.Route(as(t.Context(), "a"), &semroutev1.RouteRequest{Prompt: text("x")})
	if err != nil || len(resp.GetDecision().GetCandidates()) != 1 || len(resp.GetDecision().GetMatches()) != 1 || strings.Contains(resp.String(), "secret") {
		t.Errorf("%v, %v", resp, err)
	}
	if got := resp.GetDecision().GetModels(); len(got) != 1 || got[0] != "small" {
		t.Errorf("models %q", got)
	}
}

func TestLimitsOfAKey(t *testing.T) {
	release, entered := make(chan struct{}), make(chan struct{}, 1)
	d := &fakeDecider{}
	r := start(t, d, server.Config{Authenticator: people{
		"rare": {Roles: auth.Roles(), Limits: auth.Limits{PerSecond: 0.001, Burst: 3}}, "single": {Roles: auth.Roles(), Limits: auth.Limits{Concurrent: 1}},
	}})
	batch := &semroutev1.RouteBatchRequest{Prompts: []*semroutev1.Prompt{text("a"), text("b")}}
	if _, err := r.client.RouteBatch(as(t.Context(), "rare"), batch); err != nil {
		t.Fatal(err)
	}
	_, err := r.client.RouteBatch(as(t.Context(), "rare"), batch)
	if status.Code(err) != codes.ResourceExhausted || reason(err) != "CALLER_LIMIT" || retryDelay(err) == "" {
		t.Errorf("a third and a fourth prompt: %v, reason %q, retry %q", err, reason(err), retryDelay(err))
	}
	d.decide = func(context.Context, []router.Prompt) ([]router.Decision, error) {
		entered <- struct{}{}
		<-release
		return nil, errors.New("x")
	}
	done := make(chan error, 1)
	go func() {
		_, err := r.client.Route(as(context.Background(), "single"), &semroutev1.RouteRequest{Prompt: text("x")})
		done <- err
	}()
	<-entered
	_, err = r.client.Route(as(t.Context(), "single"), &semroutev1.RouteRequest{Prompt: text("x")})
	if status.Code(err) != codes.ResourceExhausted {
		t.Errorf("two at once: %v", err)
	}
	close(release)
	if err := <-done; status.Code(err) != codes.Internal {
		t.Errorf("the first: %v", err)
	}
}

// retryDelay is what a status says of when to ask again, "" for nothing.
func retryDelay(err error) string {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.RetryInfo); ok {
			return info.GetRetryDelay().AsDuration().String()
		}
	}
	return ""
}
