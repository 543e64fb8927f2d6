package telemetry

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// Instruments are the product's own metrics of decisions and calls. Their names are
// those of docs/metrics.md, with dots where Prometheus has underscores. They are safe
// for concurrent use.
type Instruments struct {
	decisions, undecided, degraded         metric.Int64Counter
	confidence, took, embedding, searching metric.Float64Histogram
	calls, attempts, tokens, turns         metric.Int64Counter
	feedback, alarm                        metric.Int64Counter
	cost                                   metric.Float64Counter
	operation, firstPiece                  metric.Float64Histogram
}

// maker makes instruments and keeps what goes wrong.
type maker struct {
	meter metric.Meter
	err   error
}

func (m *maker) counter(name, unit, about string) metric.Int64Counter {
	c, err := m.meter.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(about))
	m.err = errors.Join(m.err, err)
	return c
}

func (m *maker) histogram(name, unit, about string) metric.Float64Histogram {
	h, err := m.meter.Float64Histogram(name, metric.WithUnit(unit), metric.WithDescription(about))
	m.err = errors.Join(m.err, err)
	return h
}

// NewInstruments makes them.
func NewInstruments(meter metric.Meter) (*Instruments, error) {
	m := &maker{meter: meter}
	i := &Instruments{
		decisions:  m.counter("semroute.decisions", "{decision}", "Decisions, by route (none where it is empty), stage and reason"),
		undecided:  m.counter("semroute.decisions.failed", "{decision}", "Prompts that could not be decided"),
		degraded:   m.counter("semroute.decisions.degraded", "{decision}", "Decisions that had to do without something, by what"),
		confidence: m.histogram("semroute.decision.confidence", "1", "Probability that the leading route is right, by route"),
		took:       m.histogram("semroute.decision.duration", "s", "Time to decide, by stage"),
		embedding:  m.histogram("semroute.embed.duration", "s", "Time to embed a prompt that was not in the cache"),
		searching:  m.histogram("semroute.search.duration", "s", "Time to search the index"),
		calls:      m.counter("semroute.calls", "{call}", "Calls to models, by route, model that answered and outcome"),
		attempts:   m.counter("semroute.call.attempts", "{attempt}", "Tries of single models, by model and status"),
		tokens:     m.counter("semroute.call.tokens", "{token}", "Tokens, by model and type"),
		turns:      m.counter("semroute.session.turns", "{turn}", "Turns of conversations that are known, by whether the model changed and why"),
		operation:  m.histogram("gen_ai.client.operation.duration", "s", "Time of a model's answer, by model and status"),
		firstPiece: m.histogram("semroute.call.first_piece.duration", "s", "Time to the first piece that reached the caller, by model"),
		feedback:   m.counter("semroute.feedback", "{verdict}", "What was said of decisions, by route and verdict"),
		alarm:      m.counter("semroute.alarms", "{alarm}", "Alarms that were raised, by kind"),
	}
	var err error
	i.cost, err = meter.Float64Counter("semroute.call.cost.usd", metric.WithDescription("What calls cost in dollars, by model and part"))
	return i, errors.Join(m.err, err)
}

// Decision is what is measured of one.
type Decision struct {
	// Route is of the catalog, or "" for none; Stage and Reason are closed sets.
	Route, Stage, Reason string
	Cached               bool
	// Degraded are what the decision had to do without, of a closed set.
	Degraded            []string
	Confidence          float64
	Took, Embed, Search time.Duration
}

// Decided counts a decision.
func (i *Instruments) Decided(ctx context.Context, d Decision) {
	route := attribute.String("route", d.Route)
	i.decisions.Add(ctx, 1, metric.WithAttributes(route, attribute.String("stage", d.Stage), attribute.String("reason", d.Reason), attribute.Bool("cached", d.Cached)))
	i.confidence.Record(ctx, d.Confidence, metric.WithAttributes(route))
	i.took.Record(ctx, d.Took.Seconds(), metric.WithAttributes(attribute.String("stage", d.Stage)))
	if d.Embed > 0 && !d.Cached {
		i.embedding.Record(ctx, d.Embed.Seconds())
	}
	if d.Search > 0 {
		i.searching.Record(ctx, d.Search.Seconds())
	}
	for _, cause := range d.Degraded {
		i.degraded.Add(ctx, 1, metric.WithAttributes(attribute.String("cause", cause)))
	}
}

// Undecided counts a prompt that could not be decided.
func (i *Instruments) Undecided(ctx context.Context) { i.undecided.Add(ctx, 1) }

// Attempt is what is measured of one try of one model.
type Attempt struct {
	// Model and Provider are of the catalog; Status is a closed set.
	Model, Provider, Status    string
	Took                       time.Duration
	Input, CachedInput, Output int64
}

// Call is what is measured of one call.
type Call struct {
	// Route and Model are of the catalog; "" for none. Outcome is a closed set.
	Route, Model, Outcome string
	// FirstPiece is 0 where there was none.
	FirstPiece time.Duration
	// Turn says why the conversation's model stayed or changed, of a closed set; ""
	// where it is no turn of a conversation that is known.
	Turn     string
	Switched bool
	// Answer, Failed and Routing are what it cost in nano-dollars.
	Answer, Failed, Routing int64
	Attempts                []Attempt
}

// Called counts a call.
func (i *Instruments) Called(ctx context.Context, c Call) {
	model := attribute.String("model", c.Model)
	i.calls.Add(ctx, 1, metric.WithAttributes(attribute.String("route", c.Route), model, attribute.String("outcome", c.Outcome)))
	if c.Turn != "" {
		i.turns.Add(ctx, 1, metric.WithAttributes(attribute.Bool("switched", c.Switched), attribute.String("reason", c.Turn)))
	}
	if c.FirstPiece > 0 {
		i.firstPiece.Record(ctx, c.FirstPiece.Seconds(), metric.WithAttributes(model))
	}
	for part, nano := range map[string]int64{"answer": c.Answer, "failed": c.Failed, "routing": c.Routing} {
		if nano > 0 {
			i.cost.Add(ctx, float64(nano)/1e9, metric.WithAttributes(model, attribute.String("part", part)))
		}
	}
	for _, a := range c.Attempts {
		i.attempt(ctx, a)
	}
}

func (i *Instruments) attempt(ctx context.Context, a Attempt) {
	model := attribute.String("model", a.Model)
	status := attribute.String("status", a.Status)
	i.attempts.Add(ctx, 1, metric.WithAttributes(model, status))
	if a.Took > 0 {
		i.operation.Record(ctx, a.Took.Seconds(), metric.WithAttributes(attribute.String("gen_ai.operation.name", "chat"),
			attribute.String("gen_ai.provider.name", a.Provider), attribute.String("gen_ai.request.model", a.Model), status))
	}
	for kind, count := range map[string]int64{"input": a.Input, "cached_input": a.CachedInput, "output": a.Output} {
		if count > 0 {
			i.tokens.Add(ctx, count, metric.WithAttributes(model, attribute.String("type", kind)))
		}
	}
}

// Said counts what was said of a decision; the verdict is of a closed set.
func (i *Instruments) Said(ctx context.Context, route, verdict string) {
	i.feedback.Add(ctx, 1, metric.WithAttributes(attribute.String("route", route), attribute.String("verdict", verdict)))
}

// Alarmed counts an alarm; the kind is of a closed set.
func (i *Instruments) Alarmed(ctx context.Context, kind string) {
	i.alarm.Add(ctx, 1, metric.WithAttributes(attribute.String("kind", kind)))
}
