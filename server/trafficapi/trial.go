package trafficapi

import (
	"context"

	"github.com/semroute/semroute/learn/trial"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// errNoFeedback: nothing is kept that trials could be judged by.
var errNoFeedback = status.Error(codes.Unimplemented, "this server keeps no feedback; start it with --ledger or --store")

// GetTrials implements the service.
func (s *service) GetTrials(ctx context.Context, req *semroutev1.GetTrialsRequest) (*semroutev1.GetTrialsResponse, error) {
	if s.parts.Outcomes == nil {
		return nil, errNoFeedback
	}
	arms := trial.Of(s.parts.Catalog(), req.GetRoute())
	if req.GetRoute() != "" && len(arms) == 0 {
		return nil, status.Errorf(codes.NotFound, "route %q does not share out its calls by weights: give it strategy: weighted", req.GetRoute())
	}
	outcomes, truncated, err := trial.Gather(ctx, s.parts.Outcomes, arms)
	if err != nil {
		return nil, err
	}
	resp := &semroutev1.GetTrialsResponse{Truncated: truncated}
	for _, r := range trial.Compare(arms, outcomes) {
		resp.Trials = append(resp.Trials, trialToProto(&r))
	}
	return resp, nil
}

func trialToProto(r *trial.Result) *semroutev1.Trial {
	p := &semroutev1.Trial{Route: r.Route, RepeatedOutcomes: r.Repeated}
	for i := range r.Arms {
		a := &r.Arms[i]
		p.Arms = append(p.Arms, &semroutev1.TrialArm{
			Model: a.Model, Weight: uint32(a.Weight), Outcomes: a.N, Successes: a.Successes, Low: a.Low, High: a.High,
		})
	}
	for _, pair := range r.Pairs {
		p.Pairs = append(p.Pairs, &semroutev1.TrialPair{Better: pair.Better, Worse: pair.Worse, EValue: pair.E, Certain: pair.Certain})
	}
	return p
}
