package measured

import (
	"context"
	"time"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/telemetry"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// Forwarder is what makes calls, as *engine.LiveForwarding does.
type Forwarder interface {
	Forward(ctx context.Context, call forward.Call, sink forward.Sink) (forward.Record, error)
	Models(call forward.Call) []string
	Calls() bool
}

// Provider tells whose protocol a model of the catalog speaks, "" for one that is
// not there.
type Provider func(model string) string

// calls measures a forwarder; what it does not measure is the forwarder's.
type calls struct {
	Forwarder
	instruments *telemetry.Instruments
	tracer      trace.Tracer
	provider    Provider
}

// Calls is the forwarder, measured, with a span a call and one a try of a model, in
// OpenTelemetry's conventions for generative models.
func Calls(f Forwarder, provider Provider, instruments *telemetry.Instruments, tracer trace.Tracer) Forwarder {
	return &calls{f, instruments, tracer, provider}
}

// Forward implements Forwarder.
func (m *calls) Forward(ctx context.Context, call forward.Call, sink forward.Sink) (forward.Record, error) {
	start := time.Now()
	ctx, span := m.tracer.Start(ctx, "forward")
	defer span.End()
	record, err := m.Forwarder.Forward(ctx, call, sink)
	m.instruments.Called(ctx, m.measures(&record, err))
	if span.IsRecording() {
		span.SetAttributes(
			attribute.String("semroute.decision_id", record.Decision.ID), attribute.String("semroute.route", record.Decision.Route),
			attribute.String("semroute.model", record.Model), attribute.Int("semroute.attempts", len(record.Attempts)),
			attribute.Int64("semroute.cost_nano_usd", record.Costs.Total()))
		if err != nil {
			span.SetStatus(codes.Error, outcome(&record, err))
		}
		m.tries(ctx, start, &record)
	}
	return record, err
}

// tries makes the spans of the single models out of the record.
func (m *calls) tries(ctx context.Context, start time.Time, record *forward.Record) {
	for i := range record.Attempts {
		a := &record.Attempts[i]
		began := start.Add(a.Start)
		_, span := m.tracer.Start(ctx, "chat "+a.Model, trace.WithTimestamp(began), trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
			attribute.String("gen_ai.operation.name", "chat"), attribute.String("gen_ai.provider.name", m.provider(a.Model)),
			attribute.String("gen_ai.request.model", a.Model), attribute.String("gen_ai.response.model", a.Answered),
			attribute.Int64("gen_ai.usage.input_tokens", a.Usage.InputTokens), attribute.Int64("gen_ai.usage.output_tokens", a.Usage.OutputTokens),
			attribute.String("semroute.attempt.status", string(a.Status)),
		))
		if a.FirstPiece > 0 {
			span.AddEvent("first piece", trace.WithTimestamp(began.Add(a.FirstPiece)))
		}
		if a.Status != forward.Done {
			span.SetStatus(codes.Error, string(a.Status))
			span.SetAttributes(attribute.String("error.type", string(a.Status)))
		}
		span.End(trace.WithTimestamp(began.Add(a.Latency)))
	}
}

// outcome is how a call ended, in one word of a closed set.
func outcome(record *forward.Record, err error) string {
	if err == nil {
		return string(forward.Done)
	}
	if n := len(record.Attempts); n > 0 && record.Attempts[n-1].Status != forward.Done {
		return string(record.Attempts[n-1].Status)
	}
	return "refused" // before any model was asked
}

func (m *calls) measures(record *forward.Record, err error) telemetry.Call {
	c := telemetry.Call{
		Route: record.Decision.Route, Model: record.Model, Outcome: outcome(record, err), FirstPiece: record.FirstPiece,
		Answer: record.Costs.Answer, Failed: record.Costs.Failed, Routing: record.Costs.Routing,
	}
	if s := record.Session; s != nil {
		c.Turn, c.Switched = s.Reason, s.Switched
	}
	for i := range record.Attempts {
		a := &record.Attempts[i]
		c.Attempts = append(c.Attempts, telemetry.Attempt{
			Model: a.Model, Provider: m.provider(a.Model), Status: string(a.Status), Took: a.Latency,
			Input: a.Usage.InputTokens, CachedInput: a.Usage.CachedInputTokens, Output: a.Usage.OutputTokens,
		})
	}
	return c
}
