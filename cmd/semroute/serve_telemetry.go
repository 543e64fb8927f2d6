package main

import (
	"context"
	"net/http"
	"os"
	"time"

	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/ingress/admission"
	"github.com/semroute/semroute/learn/alarm"
	"github.com/semroute/semroute/learn/feedback"
	"github.com/semroute/semroute/server"
	"github.com/semroute/semroute/server/measured"
	"github.com/semroute/semroute/telemetry"
	"github.com/spf13/cobra"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"google.golang.org/grpc/stats"
)

// telemetryFlags say what is measured of `serve`.
type telemetryFlags struct {
	adminListen string
	traceShare  float64
}

func (f *telemetryFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.adminListen, "admin-listen", "", "address of /metrics, /healthz, /readyz and /debug/pprof, such as 127.0.0.1:9090 (default: none)")
	flags.Float64Var(&f.traceShare, "trace-share", 0.01, "share of the calls that are traced where their callers do not say, and OTEL_EXPORTER_OTLP_ENDPOINT names a collector")
}

// observing is what measures a server; nil measures nothing.
type observing struct {
	*telemetry.Telemetry
	instruments *telemetry.Instruments
}

// openTelemetry makes it ready where somebody asks for metrics or the environment
// names a collector.
func openTelemetry(ctx context.Context, flags telemetryFlags) (*observing, error) {
	if !(flags.traceShare >= 0 && flags.traceShare <= 1) {
		return nil, wrongUse("--trace-share must be between 0 and 1, not %v", flags.traceShare)
	}
	if flags.adminListen == "" && !telemetry.Sends(os.Getenv) {
		return nil, nil
	}
	collected, err := telemetry.New(ctx, telemetry.Config{Version: buildVersion().Version, TraceShare: flags.traceShare})
	if err != nil {
		return nil, wrongUse("%w", err)
	}
	instruments, err := telemetry.NewInstruments(collected.Meter)
	return &observing{collected, instruments}, err
}

// decider is the one whose decisions are measured.
func (o *observing) decider(d server.Decider) server.Decider {
	if o == nil {
		return d
	}
	return measured.Decisions(d, o.instruments, o.Tracer)
}

// forwarder is the one whose calls are measured; nil where there are none.
func (o *observing) forwarder(c *calls, serving *engine.Engine) server.Forwarder {
	if o == nil || c.forwarding == nil {
		return c.forwarder
	}
	provider := func(model string) string {
		for _, m := range serving.Catalog().Models {
			if m.Name == model {
				return string(m.Provider)
			}
		}
		return ""
	}
	return measured.Calls(c.forwarding, provider, o.instruments, o.Tracer)
}

// stats measures gRPC.
func (o *observing) stats() stats.Handler {
	if o == nil {
		return nil
	}
	return otelgrpc.NewServerHandler(otelgrpc.WithMeterProvider(o.Meters), otelgrpc.WithTracerProvider(o.Traces), otelgrpc.WithPropagators(o.Propagator))
}

// around measures HTTP.
func (o *observing) around() func(http.Handler) http.Handler {
	if o == nil {
		return nil
	}
	return func(next http.Handler) http.Handler {
		return otelhttp.NewHandler(next, "http", otelhttp.WithMeterProvider(o.Meters), otelhttp.WithTracerProvider(o.Traces), otelhttp.WithPropagators(o.Propagator),
			otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return r.Method + " " + r.Pattern }))
	}
}

// alarmed counts alarms; nil where nothing is measured.
func (o *observing) alarmed() func(alarm.Alarm) {
	if o == nil {
		return nil
	}
	return func(a alarm.Alarm) {
		if a.Over == nil {
			o.instruments.Alarmed(context.Background(), string(a.Source))
		}
	}
}

// said counts feedback; nil where nothing is measured.
func (o *observing) said() func(feedback.Feedback) {
	if o == nil {
		return nil
	}
	return func(f feedback.Feedback) { o.instruments.Said(context.Background(), f.Of.Route, string(f.Verdict)) }
}

// gauges shows the state of what serves.
func (o *observing) gauges(serving *engine.Engine, c *calls, gate *admission.Gate) error {
	if o == nil {
		return nil
	}
	gauges := measured.Generation(serving.Status)
	if c.ledger != nil {
		gauges = append(gauges, measured.Store(c.ledger.Stats)...)
	}
	if c.forwarding != nil {
		gauges = append(gauges, measured.Circuits(c.forwarding.Health))
	}
	if gate != nil {
		gauges = append(gauges, measured.Admission(gate)...)
	}
	return telemetry.Register(o.Meter, gauges...)
}

// sendTimeout bounds how long the end waits for a collector.
const sendTimeout = 5 * time.Second

// close sends what was not sent. A collector that is gone is no failure of serving.
func (o *observing) close() {
	if o == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), sendTimeout)
	defer cancel()
	_ = o.Shutdown(ctx)
}
