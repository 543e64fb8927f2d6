package trafficapi

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/store"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// usualPage is how many decisions are listed where nobody says.
const usualPage = 100

// errKeepsNothing: there are no records to read.
var errKeepsNothing = status.Error(codes.FailedPrecondition, "this server keeps no records; start it with --ledger FILE, or --store")

// GetDecision implements the service.
func (s *service) GetDecision(ctx context.Context, req *semroutev1.GetDecisionRequest) (*semroutev1.GetDecisionResponse, error) {
	if s.parts.Records == nil {
		return nil, errKeepsNothing
	}
	if err := s.parts.Records.Sync(ctx); err != nil {
		return nil, err
	}
	record, err := s.parts.Records.Record(ctx, req.GetDecisionId())
	if errors.Is(err, store.ErrNotFound) {
		return nil, status.Error(codes.NotFound, "nothing is kept of this decision: another server made it, or its record was removed")
	}
	if err != nil {
		return nil, err
	}
	kept, err := keptToProto(&record)
	return &semroutev1.GetDecisionResponse{Decision: kept}, err
}

// ListDecisions implements the service.
func (s *service) ListDecisions(ctx context.Context, req *semroutev1.ListDecisionsRequest) (*semroutev1.ListDecisionsResponse, error) {
	if s.parts.Records == nil {
		return nil, errKeepsNothing
	}
	filter := store.RecordFilter{Route: req.GetRoute(), Model: req.GetModel(), User: req.GetUser(), Limit: usualPage}
	if n := int(req.GetPageSize()); n > 0 {
		filter.Limit = n
	}
	filter.Abstained, filter.Failed, filter.Reason, filter.WithText = req.GetAbstained(), req.GetFailed(), req.GetReason(), req.GetWithText()
	var err error
	if filter.After, err = placeOf(req.GetPageToken()); err != nil {
		return nil, err
	}
	if t := req.GetSince(); t != nil {
		filter.Since = t.AsTime()
	}
	if t := req.GetBefore(); t != nil {
		filter.Before = t.AsTime()
	}
	if err := s.parts.Records.Sync(ctx); err != nil {
		return nil, err
	}
	records, err := s.parts.Records.Records(ctx, filter)
	if err != nil {
		return nil, err
	}
	resp := &semroutev1.ListDecisionsResponse{}
	for i := range records {
		kept, err := keptToProto(&records[i])
		if err != nil {
			return nil, err
		}
		resp.Decisions = append(resp.Decisions, kept)
	}
	if len(records) == filter.Limit {
		resp.NextPageToken = tokenOf(&records[len(records)-1])
	}
	return resp, nil
}

func keptToProto(r *store.Record) (*semroutev1.KeptDecision, error) {
	var body map[string]any
	if err := json.Unmarshal(r.Body, &body); err != nil {
		return nil, err
	}
	record, err := structpb.NewStruct(body)
	if err != nil {
		return nil, err
	}
	valid := func(text string) string { return strings.ToValidUTF8(text, "\ufffd") }
	return &semroutev1.KeptDecision{
		DecisionId: r.Decision, Time: timestamppb.New(r.Time), Route: r.Route, Model: r.Model, User: valid(r.User),
		Forwarded: r.Forwarded, Failed: r.Failed, Prompt: valid(r.Prompt), Record: record,
	}, nil
}
