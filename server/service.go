package server

import (
	"context"
	"slices"

	"github.com/semroute/semroute/forward"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/router"
	"google.golang.org/grpc"
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
	decisions forward.Log // nil keeps none
	replies   *replies
}

// route is the method Route: it decides one prompt and, where asked to, makes
// the call. What it returns is for the codec and the log line: a *reply or a
// *called.
func (s *service) route(ctx context.Context, req *semroutev1.RouteRequest) (any, error) {
	if req.GetForward() && s.forwarder == nil {
		return nil, errDecidesOnly
	}
	r := s.replies.take()
	var err error
	r.decision, err = s.decider.Decide(ctx, promptFromProto(req.GetPrompt()), limitsFromProto(req.GetOptions()))
	if err != nil {
		return nil, err
	}
	if req.GetForward() {
		response, err := s.forward(ctx, req, &r.decision)
		return &called{response: response, decision: &r.decision}, err
	}
	s.note(&r.decision, req.GetPrompt())
	return r, nil
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
		s.note(&decisions[i], req.GetPrompts()[i])
		resp.Decisions[i] = DecisionToProto(&decisions[i])
	}
	return resp, nil
}

// description is the generated one, with a method Route whose answer need not
// be a message.
func description() *grpc.ServiceDesc {
	d := semroutev1.RouterService_ServiceDesc
	d.Methods = slices.Clone(d.Methods)
	route := slices.IndexFunc(d.Methods, func(m grpc.MethodDesc) bool { return m.MethodName == "Route" })
	d.Methods[route].Handler = handleRoute
	return &d
}

// handleRoute does what generated handlers do.
func handleRoute(srv any, ctx context.Context, decode func(any) error, interceptor grpc.UnaryServerInterceptor) (any, error) { //nolint:revive // the order is grpc's
	req := &semroutev1.RouteRequest{}
	if err := decode(req); err != nil {
		return nil, err
	}
	info := &grpc.UnaryServerInfo{Server: srv, FullMethod: semroutev1.RouterService_Route_FullMethodName}
	return interceptor(ctx, req, info, func(ctx context.Context, req any) (any, error) {
		return srv.(*service).route(ctx, req.(*semroutev1.RouteRequest))
	})
}
