package measured

import (
	"context"
	"slices"
	"time"

	"github.com/semroute/semroute/ingress"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/telemetry"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// decisions measures a decider.
type decisions struct {
	decider     ingress.Decider
	instruments *telemetry.Instruments
	tracer      trace.Tracer
}

// Decisions is the decider, measured, with a span a decision and one a stage of it.
func Decisions(d ingress.Decider, instruments *telemetry.Instruments, tracer trace.Tracer) ingress.Decider {
	return &decisions{d, instruments, tracer}
}

// Decide implements ingress.Decider.
func (m *decisions) Decide(ctx context.Context, p router.Prompt, limits router.Limits) (router.Decision, error) {
	ctx, span := m.tracer.Start(ctx, "decide")
	defer span.End()
	d, err := m.decider.Decide(ctx, p, limits)
	if err != nil {
		span.SetStatus(codes.Error, "not decided")
		m.instruments.Undecided(ctx)
		return d, err
	}
	m.seen(ctx, span, &d)
	return d, nil
}

// DecideBatch implements ingress.Decider.
func (m *decisions) DecideBatch(ctx context.Context, prompts []router.Prompt, limits router.Limits) ([]router.Decision, error) {
	ctx, span := m.tracer.Start(ctx, "decide batch")
	defer span.End()
	span.SetAttributes(attribute.Int("semroute.prompts", len(prompts)))
	list, err := m.decider.DecideBatch(ctx, prompts, limits)
	if err != nil {
		span.SetStatus(codes.Error, "not decided")
		m.instruments.Undecided(ctx)
		return list, err
	}
	for i := range list {
		m.count(ctx, &list[i])
	}
	return list, nil
}

func (m *decisions) seen(ctx context.Context, span trace.Span, d *router.Decision) {
	m.count(ctx, d)
	if !span.IsRecording() {
		return
	}
	span.SetAttributes(
		attribute.String("semroute.decision_id", d.ID), attribute.String("semroute.route", d.Route),
		attribute.String("semroute.stage", d.Stage.String()), attribute.String("semroute.reason", string(d.Reason)),
		attribute.Float64("semroute.confidence", d.Confidence), attribute.Float64("semroute.margin", d.Margin),
		attribute.Bool("semroute.cached", d.Cached), attribute.String("semroute.generation", d.Fingerprint),
	)
	m.stages(ctx, d)
}

// stages makes the spans of what was done one after another, out of the times that
// the decision has: nothing is measured twice.
func (m *decisions) stages(ctx context.Context, d *router.Decision) {
	at := time.Now().Add(-micros(d.Timings.Total))
	for _, stage := range []struct {
		name string
		took uint32
	}{{"rules", d.Timings.Rules}, {"embed", d.Timings.Embed}, {"search", d.Timings.Search}, {"score", d.Timings.Score}} {
		if stage.took == 0 {
			continue
		}
		_, span := m.tracer.Start(ctx, stage.name, trace.WithTimestamp(at))
		at = at.Add(micros(stage.took))
		span.End(trace.WithTimestamp(at))
	}
}

func (m *decisions) count(ctx context.Context, d *router.Decision) {
	m.instruments.Decided(ctx, telemetry.Decision{
		Route: d.Route, Stage: d.Stage.String(), Reason: string(d.Reason), Cached: d.Cached, Degraded: causesOf(d),
		Confidence: d.Confidence, Took: micros(d.Timings.Total), Embed: micros(d.Timings.Embed), Search: micros(d.Timings.Search),
	})
}

// causesOf are what a decision had to do without, each once.
func causesOf(d *router.Decision) []string {
	var causes []string
	for _, one := range d.Degraded {
		if word := one.Cause.String(); !slices.Contains(causes, word) {
			causes = append(causes, word)
		}
	}
	return causes
}

func micros(n uint32) time.Duration { return time.Duration(n) * time.Microsecond }
