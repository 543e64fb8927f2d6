package server

import (
	"context"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/ingress"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
)

// Decider decides; *router.Router is one.
type Decider = ingress.Decider

// Forwarder makes the call to the chosen model; *policy.Forwarder is one.
type Forwarder = ingress.Forwarder

// service implements the generated RouterServiceServer. Requests reach it
// validated, errors leave it unmapped: both are the interceptors' work.
type service struct {
	semroutev1.UnimplementedRouterServiceServer
	calls *ingress.Service
}

// Route decides one prompt and, where asked to, makes the call.
func (s *service) Route(ctx context.Context, req *semroutev1.RouteRequest) (*semroutev1.RouteResponse, error) {
	ask := askFromProto(req.GetPrompt(), req.GetOptions(), req.GetCall())
	ask.Session = req.GetSession()
	ask.DryRun = req.GetDryRun()
	if req.GetForward() {
		return s.forward(ctx, ask)
	}
	decision, err := s.calls.Decide(ctx, ask)
	if err != nil {
		return nil, err
	}
	return &semroutev1.RouteResponse{Decision: DecisionToProto(&decision)}, nil
}

// RouteBatch decides many prompts on one generation.
func (s *service) RouteBatch(ctx context.Context, req *semroutev1.RouteBatchRequest) (*semroutev1.RouteBatchResponse, error) {
	asks := make([]ingress.Ask, len(req.GetPrompts()))
	for i, p := range req.GetPrompts() {
		asks[i] = askFromProto(p, req.GetOptions(), nil)
	}
	decisions, err := s.calls.DecideBatch(ctx, asks)
	if err != nil {
		return nil, err
	}
	resp := &semroutev1.RouteBatchResponse{Decisions: make([]*semroutev1.Decision, len(decisions))}
	for i := range decisions {
		resp.Decisions[i] = DecisionToProto(&decisions[i])
	}
	return resp, nil
}

// askFromProto converts a validated prompt with what is wanted of it.
func askFromProto(p *semroutev1.Prompt, o *semroutev1.DecisionOptions, call *semroutev1.CallOptions) ingress.Ask {
	return ingress.Ask{
		Prompt: promptFromProto(p), Limits: limitsFromProto(o),
		Request: func() (forward.Request, error) { return requestFromProto(p, call) },
	}
}
