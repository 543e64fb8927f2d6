package telemetry

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// Reading is what a gauge shows: a value, with labels of closed sets.
type Reading struct {
	Value  float64
	Labels []attribute.KeyValue
}

// Gauge is a value that is read at every scrape, or a count that only grows.
type Gauge struct {
	Name, Unit, About string
	// Counter says that it only grows.
	Counter bool
	// Read must be quick and safe for concurrent use.
	Read func() []Reading
}

// One is the reading of a gauge without labels.
func One(value float64) []Reading { return []Reading{{Value: value}} }

// Register has the gauges read at every scrape.
func Register(meter metric.Meter, gauges ...Gauge) error {
	var problems []error
	for _, g := range gauges {
		observe := func(_ context.Context, o metric.Float64Observer) error {
			for _, r := range g.Read() {
				o.Observe(r.Value, metric.WithAttributes(r.Labels...))
			}
			return nil
		}
		var err error
		if g.Counter {
			_, err = meter.Float64ObservableCounter(g.Name, metric.WithUnit(g.Unit), metric.WithDescription(g.About), metric.WithFloat64Callback(observe))
		} else {
			_, err = meter.Float64ObservableGauge(g.Name, metric.WithUnit(g.Unit), metric.WithDescription(g.About), metric.WithFloat64Callback(observe))
		}
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}
