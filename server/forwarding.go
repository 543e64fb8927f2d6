package server

import (
	"context"
	"errors"

	"github.com/semroute/semroute/forward"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/router"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Forwarder makes the call to the chosen model; *policy.Forwarder is one.
type Forwarder interface {
	Forward(ctx context.Context, call forward.Call, sink forward.Sink) (forward.Record, error)
}

// changing is a Forwarder over a catalog that may come to have models, and to
// have none; it says whether it has some now. *engine.LiveForwarding is one.
type changing interface{ Calls() bool }

// decidesOnly says that there is nothing to call.
func (s *service) decidesOnly() bool {
	if c, ok := s.forwarder.(changing); ok {
		return !c.Calls()
	}
	return s.forwarder == nil
}

// orderer knows which models a call would be made to, and in which order, by
// the route's strategy, the user's tier, what the request needs and what is known
// of the models; *policy.Forwarder is one.
type orderer interface {
	Models(call forward.Call) []string
}

// orderModels gives a decision the models that a call for it would be made to.
// What can be decided but not sent on keeps the models of its route.
func (s *service) orderModels(d *router.Decision, p *semroutev1.Prompt, o *semroutev1.CallOptions) {
	if s.order == nil || len(d.Models) == 0 {
		return
	}
	if call, err := callFor(d, p, o); err == nil {
		d.Models = s.order.Models(call)
	}
}

// errDecidesOnly is the answer to forwarding where there are no models.
var errDecidesOnly = status.Error(codes.Unimplemented,
	"this server decides only: its catalog names no models; send the request without `forward` and make the call yourself")

// forward makes the call for a decision and gathers the whole answer.
func (s *service) forward(ctx context.Context, req *semroutev1.RouteRequest, d *router.Decision) (*semroutev1.RouteResponse, error) {
	call, err := callFor(d, req.GetPrompt(), req.GetCall())
	if err != nil {
		return nil, &callError{decision: d, cause: err}
	}
	s.orderModels(d, req.GetPrompt(), req.GetCall())
	var answer forward.Collector
	record, err := s.forwarder.Forward(ctx, call, answer.Add)
	if err != nil {
		return nil, &callError{decision: d, record: record, cause: err}
	}
	return &semroutev1.RouteResponse{
		Decision: DecisionToProto(d), Answer: answerToProto(answer.Answer()), Record: RecordToProto(&record),
	}, nil
}

// StreamRoute sends the decision, the pieces as they arrive, and the record.
// A call that fails sends its record, with the attempts and what they cost,
// before the status.
func (s *service) StreamRoute(req *semroutev1.StreamRouteRequest, stream grpc.ServerStreamingServer[semroutev1.StreamRouteResponse]) error {
	if s.decidesOnly() {
		return errDecidesOnly
	}
	ctx := stream.Context()
	decision, err := s.decider.Decide(ctx, promptFromProto(req.GetPrompt()), limitsFromProto(req.GetOptions()))
	if err != nil {
		return err
	}
	call, err := callFor(&decision, req.GetPrompt(), req.GetCall())
	if err != nil {
		return &callError{decision: &decision, cause: err}
	}
	s.orderModels(&decision, req.GetPrompt(), req.GetCall())
	first := &semroutev1.StreamRouteResponse{Event: &semroutev1.StreamRouteResponse_Decision{Decision: DecisionToProto(&decision)}}
	if err := stream.Send(first); err != nil {
		return err
	}
	record, cause := s.forwarder.Forward(ctx, call, func(piece forward.Piece) error {
		return stream.Send(pieceEvent(piece))
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(cause, forward.ErrSlowCaller) { // the stream is still blocked by the piece before
		return &callError{decision: &decision, record: record, cause: cause}
	}
	err = stream.Send(&semroutev1.StreamRouteResponse{Event: &semroutev1.StreamRouteResponse_Record{Record: RecordToProto(&record)}})
	if cause != nil {
		return &callError{decision: &decision, record: record, cause: cause}
	}
	return err
}

// callError is a failed call with the decision that led to it and its record,
// which go into the status' details.
type callError struct {
	decision *router.Decision
	record   forward.Record
	cause    error
}

func (e *callError) Error() string { return e.cause.Error() }
func (e *callError) Unwrap() error { return e.cause }
