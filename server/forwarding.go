package server

import (
	"context"
	"errors"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/ingress"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/grpc"
)

// forward makes the call for a decision and gathers the whole answer.
func (s *service) forward(ctx context.Context, ask ingress.Ask) (*semroutev1.RouteResponse, error) {
	call, err := s.calls.Begin(ctx, ask)
	if err != nil {
		return nil, err
	}
	var answer forward.Collector
	record, err := call.Forward(ctx, answer.Add)
	if err != nil {
		return nil, err
	}
	return &semroutev1.RouteResponse{
		Decision: DecisionToProto(&call.Decision), Answer: answerToProto(answer.Answer()), Record: RecordToProto(&record),
	}, nil
}

// StreamRoute sends the decision, the pieces as they arrive, and the record.
// A call that fails sends its record, with the attempts and what they cost,
// before the status.
func (s *service) StreamRoute(req *semroutev1.StreamRouteRequest, stream grpc.ServerStreamingServer[semroutev1.StreamRouteResponse]) error {
	ctx := stream.Context()
	ask := askFromProto(req.GetPrompt(), req.GetOptions(), req.GetCall())
	ask.Session = req.GetSession()
	call, err := s.calls.Begin(ctx, ask)
	if err != nil {
		return err
	}
	first := &semroutev1.StreamRouteResponse{Event: &semroutev1.StreamRouteResponse_Decision{Decision: DecisionToProto(&call.Decision)}}
	if err := stream.Send(first); err != nil {
		return err
	}
	record, cause := call.Forward(ctx, func(piece forward.Piece) error {
		return stream.Send(pieceEvent(piece))
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(cause, forward.ErrSlowCaller) { // the stream is still blocked by the piece before
		return cause
	}
	err = stream.Send(&semroutev1.StreamRouteResponse{Event: &semroutev1.StreamRouteResponse_Record{Record: RecordToProto(&record)}})
	if cause != nil {
		return cause
	}
	return err
}
