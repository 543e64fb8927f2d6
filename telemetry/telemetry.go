package telemetry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/attribute"
	bridge "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// scope names who makes the instruments and spans.
const scope = "github.com/semroute/semroute"

// Config says what is collected.
type Config struct {
	// Version is that of the program.
	Version string
	// TraceShare of the calls whose caller does not say whether they are traced are,
	// in [0, 1]. OTEL_TRACES_SAMPLER goes before it.
	TraceShare float64
	// Getenv reads the standard environment; nil is os.Getenv.
	Getenv func(string) string
}

// Telemetry is what collects. It is safe for concurrent use.
type Telemetry struct {
	// Meter makes instruments, Tracer spans.
	Meter  metric.Meter
	Tracer trace.Tracer
	// Meters, Traces and Propagator are for other libraries' instrumentation.
	Meters     metric.MeterProvider
	Traces     trace.TracerProvider
	Propagator propagation.TextMapPropagator

	registry *prometheus.Registry
	shutdown []func(context.Context) error
}

// New collects metrics for Handler, and sends metrics and traces to a collector where
// the environment names one. An environment that cannot be used is an error.
func New(ctx context.Context, config Config) (*Telemetry, error) {
	if config.Getenv == nil {
		config.Getenv = os.Getenv
	}
	about, err := resource.New(ctx, resource.WithFromEnv(), resource.WithTelemetrySDK(), resource.WithAttributes(
		attribute.String("service.name", serviceName(config.Getenv)), attribute.String("service.version", config.Version)))
	if err != nil {
		return nil, fmt.Errorf("telemetry: %w", err)
	}
	t := &Telemetry{
		registry:   prometheus.NewRegistry(),
		Propagator: propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}),
	}
	if err := errors.Join(t.registry.Register(collectors.NewGoCollector()), t.registry.Register(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))); err != nil {
		return nil, fmt.Errorf("telemetry: %w", err)
	}
	if err := errors.Join(t.meters(ctx, config, about), t.traces(ctx, config, about)); err != nil {
		return nil, errors.Join(fmt.Errorf("telemetry: %w", err), t.Shutdown(ctx))
	}
	t.Meter, t.Tracer = t.Meters.Meter(scope), t.Traces.Tracer(scope)
	return t, nil
}

// serviceName is OTEL_SERVICE_NAME's, which goes before what we call ourselves.
func serviceName(getenv func(string) string) string {
	if name := getenv("OTEL_SERVICE_NAME"); name != "" {
		return name
	}
	return "semroute"
}

func (t *Telemetry) meters(ctx context.Context, config Config, about *resource.Resource) error {
	exporter, err := bridge.New(bridge.WithRegisterer(t.registry), bridge.WithoutScopeInfo())
	if err != nil {
		return err
	}
	options := []sdkmetric.Option{sdkmetric.WithReader(exporter), sdkmetric.WithResource(about), sdkmetric.WithCardinalityLimit(cardinality)}
	options = append(options, views()...)
	pushed, err := metricExporter(ctx, config.Getenv)
	if err != nil {
		return err
	}
	if pushed != nil {
		options = append(options, sdkmetric.WithReader(sdkmetric.NewPeriodicReader(pushed)))
	}
	provider := sdkmetric.NewMeterProvider(options...)
	t.Meters, t.shutdown = provider, append(t.shutdown, provider.Shutdown)
	return nil
}

func (t *Telemetry) traces(ctx context.Context, config Config, about *resource.Resource) error {
	exporter, err := traceExporter(ctx, config.Getenv)
	if err != nil {
		return err
	}
	if exporter == nil {
		t.Traces = noop.NewTracerProvider()
		return nil
	}
	options := []sdktrace.TracerProviderOption{sdktrace.WithBatcher(exporter), sdktrace.WithResource(about)}
	if config.Getenv("OTEL_TRACES_SAMPLER") == "" {
		options = append(options, sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(config.TraceShare))))
	}
	provider := sdktrace.NewTracerProvider(options...)
	t.Traces, t.shutdown = provider, append(t.shutdown, provider.Shutdown)
	return nil
}

// Handler answers a scrape of Prometheus, with exemplars for those that ask for
// OpenMetrics.
func (t *Telemetry) Handler() http.Handler {
	return promhttp.HandlerFor(t.registry, promhttp.HandlerOpts{EnableOpenMetrics: true, MaxRequestsInFlight: maxScrapes})
}

// maxScrapes at once; a scrape takes milliseconds.
const maxScrapes = 4

// Shutdown sends what has not been sent. No more is collected.
func (t *Telemetry) Shutdown(ctx context.Context) error {
	var problems []error
	for _, end := range t.shutdown {
		problems = append(problems, end(ctx))
	}
	return errors.Join(problems...)
}
