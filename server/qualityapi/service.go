// Package qualityapi is the gRPC face of what a server measures about itself: it
// converts, and leaves the measuring to package eval/live.
package qualityapi

import (
	"context"
	"errors"

	"github.com/semroute/semroute/eval"
	"github.com/semroute/semroute/eval/live"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// usualWrong is how many wrong decisions are listed where nobody says.
const usualWrong = 100

// Evaluation measures; *live.Evaluation is one.
type Evaluation interface {
	Measure(ctx context.Context) (live.Measured, error)
}

// Register gives what registers the service with a server.
func Register(e Evaluation) func(grpc.ServiceRegistrar) {
	return func(r grpc.ServiceRegistrar) { semroutev1.RegisterQualityServiceServer(r, &service{evaluation: e}) }
}

// service implements the generated QualityServiceServer. Requests reach it validated.
type service struct {
	semroutev1.UnimplementedQualityServiceServer
	evaluation Evaluation
}

// GetEvaluation implements the service.
func (s *service) GetEvaluation(ctx context.Context, req *semroutev1.GetEvaluationRequest) (*semroutev1.GetEvaluationResponse, error) {
	measured, err := s.evaluation.Measure(ctx)
	switch {
	case errors.Is(err, live.ErrNoPrompts), errors.Is(err, eval.ErrNoPrompts):
		return nil, status.Error(codes.FailedPrecondition, "this server has no labelled prompts of routes that it knows; start it with --gate-data FILE, lines such as {\"text\": \"where is my parcel\", \"route\": \"delivery\"}")
	case errors.Is(err, live.ErrChanging):
		return nil, status.Error(codes.Unavailable, "the catalog changed while it was measured; try again")
	case err != nil:
		return nil, err
	}
	wrong := int(req.GetWrong())
	if wrong == 0 {
		wrong = usualWrong
	}
	return toProto(measured, wrong), nil
}
