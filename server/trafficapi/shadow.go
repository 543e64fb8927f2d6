package trafficapi

import (
	"context"
	"strings"

	"github.com/semroute/semroute/learn/shadow"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Candidate is what decides beside what serves.
type Candidate interface {
	// Name says what it is, Report what it would change.
	Name() string
	Report() shadow.Report
	// Ready is nil once it can decide.
	Ready() error
	// Promote puts it in the place of what serves and gives the fingerprint of
	// that. Its error's text may be told to callers.
	Promote(ctx context.Context, author, cause string) (fingerprint string, err error)
}

// errNoShadow: the server was started without a candidate.
var errNoShadow = status.Error(codes.Unimplemented, "no candidate decides beside this server; start it with --shadow-catalog or --shadow-embedder")

// GetShadow implements the service.
func (s *service) GetShadow(context.Context, *semroutev1.GetShadowRequest) (*semroutev1.GetShadowResponse, error) {
	if s.parts.Candidate == nil {
		return nil, errNoShadow
	}
	p := shadowToProto(s.parts.Candidate.Report())
	p.Candidate = s.parts.Candidate.Name()
	if err := s.parts.Candidate.Ready(); err != nil {
		p.Error = strings.ToValidUTF8(err.Error(), "\ufffd")
	}
	return p, nil
}

// PromoteShadow implements the service.
func (s *service) PromoteShadow(ctx context.Context, req *semroutev1.PromoteShadowRequest) (*semroutev1.PromoteShadowResponse, error) {
	if s.parts.Candidate == nil {
		return nil, errNoShadow
	}
	fingerprint, err := s.parts.Candidate.Promote(ctx, req.GetRemark().GetAuthor(), req.GetRemark().GetCause())
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, status.Error(codes.FailedPrecondition, "the candidate cannot take over: "+strings.ToValidUTF8(err.Error(), "\ufffd"))
	}
	return &semroutev1.PromoteShadowResponse{Fingerprint: fingerprint}, nil
}

func shadowToProto(r shadow.Report) *semroutev1.GetShadowResponse {
	p := &semroutev1.GetShadowResponse{
		Compared: r.Compared, Dropped: r.Dropped, Failed: r.Failed, LastError: strings.ToValidUTF8(r.LastError, "\ufffd"),
		RoutesChanged: r.Routes, AbstentionsChanged: r.Abstentions, ModelsChanged: r.Models, MeanLatencyUs: r.Latency.Microseconds(),
		Priced: r.Costs.Decisions, ActiveNanoUsd: r.Costs.Active, CandidateNanoUsd: r.Costs.Candidate,
	}
	for _, route := range r.PerRoute {
		p.Routes = append(p.Routes, &semroutev1.ShadowRoute{Route: route.Route, Active: route.Active, Candidate: route.Candidate, Same: route.Same})
	}
	for _, m := range r.Moves {
		move := &semroutev1.ShadowMove{From: m.From, To: m.To, Count: m.Count}
		for _, e := range m.Examples {
			move.Examples = append(move.Examples, &semroutev1.ShadowExample{
				Text: strings.ToValidUTF8(e.Text, "\ufffd"), FromConfidence: e.FromConfidence, ToConfidence: e.ToConfidence,
			})
		}
		p.Moves = append(p.Moves, move)
	}
	return p
}
