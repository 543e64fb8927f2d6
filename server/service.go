package server

import (
	"context"

	"github.com/semroute/semroute/forward"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/router"
)

// Decider decides; *router.Router is one.
type Decider interface {
	Decide(ctx context.Context, p router.Prompt, limits router.Limits) (router.Decision, error)
	DecideBatch(ctx context.Context, prompts []router.Prompt, limits router.Limits) ([]router.Decision, error)
}

// service implements the generated RouterServiceServer. Requests reach it
// validated, errors leave it unmapped: both are the interceptors' work.
type service struct {
	semroutev1.UnimplementedRouterServiceServer
	decider   Decider
	forwarder Forwarder   // nil decides only
	order     orderer     // nil leaves the models as the decider has them
	decisions forward.Log // nil keeps none
}

// Route decides one prompt and, where asked to, makes the call.
func (s *service) Route(ctx context.Context, req *semroutev1.RouteRequest) (*semroutev1.RouteResponse, error) {
	if req.GetForward() && s.decidesOnly() {
		return nil, errDecidesOnly
	}
	decision, err := s.decider.Decide(ctx, promptFromProto(req.GetPrompt()), limitsFromProto(req.GetOptions()))
	if err != nil {
		return nil, err
	}
	if req.GetForward() {
		return s.forward(ctx, req, &decision)
	}
	s.orderModels(&decision, req.GetPrompt(), req.GetCall())
	s.recordDecision(&decision, req.GetPrompt())
	return &semroutev1.RouteResponse{Decision: DecisionToProto(&decision)}, nil
}

// RouteBatch decides many prompts on one generation.
func (s *service) RouteBatch(ctx context.Context, req *semroutev1.RouteBatchRequest) (*semroutev1.RouteBatchResponse, error) {
	prompts := make([]router.Prompt, len(req.GetPrompts()))
	for i, p := range req.GetPrompts() {
		prompts[i] = promptFromProto(p)
	}
	decisions, err := s.decider.DecideBatch(ctx, prompts, limitsFromProto(req.GetOptions()))
	if err != nil {
		return nil, err
	}
	resp := &semroutev1.RouteBatchResponse{Decisions: make([]*semroutev1.Decision, len(decisions))}
	for i := range decisions {
		s.orderModels(&decisions[i], req.GetPrompts()[i], nil)
		s.recordDecision(&decisions[i], req.GetPrompts()[i])
		resp.Decisions[i] = DecisionToProto(&decisions[i])
	}
	return resp, nil
}
