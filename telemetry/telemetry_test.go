package telemetry

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
)

func env(pairs ...string) func(string) string {
	values := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return values[name] }
}

func TestWhoIsSentTo(t *testing.T) {
	for name, tt := range map[string]struct {
		env    func(string) string
		traces string
		fails  bool
	}{
		"nobody":                {env(), "", false},
		"a collector":           {env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"), "http/protobuf", false},
		"of traces":             {env("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c:4318"), "http/protobuf", false},
		"of metrics":            {env("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://c:4318"), "", false},
		"by gRPC":               {env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4317", "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"), "grpc", false},
		"the signal goes first": {env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c", "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf"), "http/protobuf", false},
		"none of traces":        {env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c", "OTEL_TRACES_EXPORTER", "none"), "", false},
		"switched off":          {env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c", "OTEL_SDK_DISABLED", "true"), "", false},
		"unknown":               {env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c", "OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"), "", true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := protocol(tt.env, "TRACES")
			if got != tt.traces || (err != nil) != tt.fails {
				t.Errorf("%q, %v", got, err)
			}
			if tt.fails && !strings.Contains(err.Error(), "OTEL_EXPORTER_OTLP_PROTOCOL") {
				t.Errorf("%v does not say which variable", err)
			}
			if tt.fails {
				if _, err := New(t.Context(), Config{Getenv: tt.env}); err == nil {
					t.Error("it is taken all the same")
				}
			}
		})
	}
}

func TestNobodyMakesSeriesWithoutBound(t *testing.T) {
	all, err := New(t.Context(), Config{Getenv: env()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = all.Shutdown(context.Background()) }()
	instruments, err := NewInstruments(all.Meter)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 * cardinality {
		instruments.Said(t.Context(), fmt.Sprint("route ", i), "right")
	}
	w := httptest.NewRecorder()
	all.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	text := w.Body.String()
	if n := strings.Count(text, "\nsemroute_feedback_total{"); n > cardinality {
		t.Errorf("there are %d series", n)
	}
	if !strings.Contains(text, `semroute_feedback_total{otel_metric_overflow="true"}`) {
		t.Error("what is beyond is not counted")
	}
}
