package catalogapi

import (
	"context"
	"fmt"

	"github.com/semroute/semroute/eval/diff"
	"github.com/semroute/semroute/ingress"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/routes"
)

// mostChanged is how many decisions an answer lists.
const mostChanged = 1000

// Preview decides prompts before and after changes.
func (s *Service) Preview(ctx context.Context, req *semroutev1.PreviewRequest) (*semroutev1.PreviewResponse, error) {
	labelled, others, err := s.previewPrompts(ctx, req)
	if err != nil {
		return nil, err
	}
	built, err := s.source.Preview(ctx, changesFromProto(req.GetChanges()))
	if err != nil {
		return nil, toldOf(err, inChanges(req.GetChanges()))
	}
	defer func() { _ = built.Close() }()
	after, err := built.Decider()
	if err != nil {
		return nil, err
	}
	resp := &semroutev1.PreviewResponse{Warnings: warningsToProto(built.Generation.Catalog().Warnings)}
	for _, part := range []struct {
		prompts  []routes.Labelled
		labelled bool
	}{{labelled, true}, {others, false}} {
		if len(part.prompts) == 0 {
			continue
		}
		changes, err := diff.Run(ctx, s.engine, after, part.prompts, diff.Config{Labelled: part.labelled})
		if err != nil {
			return nil, fmt.Errorf("deciding the prompts: %w", err)
		}
		addChanges(resp, changes)
	}
	return resp, nil
}

// previewPrompts are those with a right route, and those without.
func (s *Service) previewPrompts(ctx context.Context, req *semroutev1.PreviewRequest) (labelled, others []routes.Labelled, err error) {
	for _, p := range req.GetPrompts() {
		if p.Route == nil {
			others = append(others, routes.Labelled{Text: p.GetText()})
			continue
		}
		labelled = append(labelled, routes.Labelled{Text: p.GetText(), Route: p.GetRoute()})
	}
	if req.GetEvaluation() {
		labelled = append(labelled, s.own...)
	}
	if n := int(req.GetRecent()); n > 0 && s.recent != nil {
		texts, err := s.recent(ctx, n)
		if err != nil {
			return nil, nil, fmt.Errorf("reading the prompts that were decided last: %w", err)
		}
		for _, text := range texts {
			others = append(others, routes.Labelled{Text: text})
		}
	}
	if len(labelled)+len(others) == 0 {
		return nil, nil, failed(errNoPrompts, ingress.Invalid, "NO_PROMPTS")
	}
	return labelled, others, nil
}

func addChanges(resp *semroutev1.PreviewResponse, c *diff.Changes) {
	resp.Decided += uint32(c.N)
	resp.Changed += uint32(c.Changed)
	resp.FingerprintBefore, resp.FingerprintAfter = c.Before, c.After
	if c.Labels != nil {
		resp.Fixed += uint32(c.Labels.Fixed)
		resp.Broken += uint32(c.Labels.Broken)
		resp.Labelled += uint32(c.N)
		resp.RightBefore += uint32(c.Labels.RightBefore)
		resp.RightAfter += uint32(c.Labels.RightAfter)
	}
	for i := range c.Decisions {
		if len(resp.GetDecisions()) == mostChanged {
			return
		}
		d := &c.Decisions[i]
		resp.Decisions = append(resp.Decisions, &semroutev1.ChangedDecision{
			Text: d.Text, Before: sideToProto(&d.Before), After: sideToProto(&d.After), Effect: d.Effect,
		})
	}
}

func sideToProto(s *diff.Side) *semroutev1.ChangedDecision_Side {
	return &semroutev1.ChangedDecision_Side{Route: s.Route, Leading: s.Leading, Model: s.Model, Confidence: s.Confidence}
}
