package trafficapi

import (
	"context"
	"errors"
	"time"

	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/store"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// What is summed up where nobody says.
const (
	usualSpan  = 24 * time.Hour
	usualSteps = 48
)

// GetTraffic implements the service.
func (s *service) GetTraffic(ctx context.Context, req *semroutev1.GetTrafficRequest) (*semroutev1.GetTrafficResponse, error) {
	if s.parts.Records == nil {
		return nil, errKeepsNothing
	}
	filter := timelineOf(req, s.now())
	if err := filter.Check(); err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	if err := s.parts.Records.Sync(ctx); err != nil {
		return nil, err
	}
	timeline, err := s.parts.Records.Timeline(ctx, filter)
	if errors.Is(err, store.ErrInvalid) {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	if err != nil {
		return nil, err
	}
	return timelineToProto(filter, &timeline), nil
}

// timelineOf is the span that is asked for; steps are whole milliseconds, so that
// their length can be told.
func timelineOf(req *semroutev1.GetTrafficRequest, now time.Time) store.TimelineFilter {
	f := store.TimelineFilter{Before: now, Lines: int(req.GetLines())}
	if t := req.GetBefore(); t != nil {
		f.Before = t.AsTime()
	}
	f.Since = f.Before.Add(-usualSpan)
	if t := req.GetSince(); t != nil {
		f.Since = t.AsTime()
	}
	steps := time.Duration(req.GetSteps())
	if steps == 0 {
		steps = usualSteps
	}
	step := (f.Before.Sub(f.Since) + steps - 1) / steps
	f.Step = max((step + time.Millisecond - 1).Truncate(time.Millisecond), time.Millisecond)
	return f
}

func timelineToProto(f store.TimelineFilter, t *store.Timeline) *semroutev1.GetTrafficResponse {
	resp := &semroutev1.GetTrafficResponse{
		Since: timestamppb.New(f.Since), StepMs: f.Step.Milliseconds(), From: timestamppb.New(t.From),
		Routes: linesToProto(t.Routes), Reasons: linesToProto(t.Reasons),
		Decided: durationsToProto(t.Decided), Answered: durationsToProto(t.Answered), Total: &semroutev1.TrafficSum{},
	}
	for i := range t.Steps {
		sum := sumToProto(&t.Steps[i])
		for _, reason := range t.Reasons {
			sum.Abstentions += reason.Counts[i]
		}
		resp.Steps = append(resp.Steps, sum)
		addTo(resp.Total, sum)
	}
	for _, m := range t.Models {
		resp.Models = append(resp.Models, &semroutev1.ModelTraffic{
			Name: m.Name, Other: m.Other, Asked: m.Asked, Failed: m.Failed, Took: durationToProto(m.Took),
		})
	}
	return resp
}

func sumToProto(s *store.Sum) *semroutev1.TrafficSum {
	return &semroutev1.TrafficSum{
		Decisions: s.Decisions, Calls: s.Calls, Failed: s.Failed, InputTokens: s.InputTokens, OutputTokens: s.OutputTokens,
		CostNanoUsd: s.Total(), DearestNanoUsd: s.Dearest, Inexact: s.Estimated + s.Unpriced,
	}
}

func addTo(total, sum *semroutev1.TrafficSum) {
	total.Decisions += sum.GetDecisions()
	total.Abstentions += sum.GetAbstentions()
	total.Calls += sum.GetCalls()
	total.Failed += sum.GetFailed()
	total.InputTokens = store.Add(total.GetInputTokens(), sum.GetInputTokens())
	total.OutputTokens = store.Add(total.GetOutputTokens(), sum.GetOutputTokens())
	total.CostNanoUsd = store.Add(total.GetCostNanoUsd(), sum.GetCostNanoUsd())
	total.DearestNanoUsd = store.Add(total.GetDearestNanoUsd(), sum.GetDearestNanoUsd())
	total.Inexact += sum.GetInexact()
}

func linesToProto(lines []store.Line) []*semroutev1.TrafficLine {
	list := make([]*semroutev1.TrafficLine, len(lines))
	for i, l := range lines {
		list[i] = &semroutev1.TrafficLine{Name: l.Name, Other: l.Other, Counts: l.Counts}
	}
	return list
}

func durationsToProto(all []store.Quantiles) []*semroutev1.Durations {
	list := make([]*semroutev1.Durations, len(all))
	for i, q := range all {
		list[i] = durationToProto(q)
	}
	return list
}

func durationToProto(q store.Quantiles) *semroutev1.Durations {
	return &semroutev1.Durations{Count: q.Count, P50Us: q.P50.Microseconds(), P90Us: q.P90.Microseconds(), P99Us: q.P99.Microseconds()}
}
