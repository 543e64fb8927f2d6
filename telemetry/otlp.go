package telemetry

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// protocol is how the collector of a signal is spoken to; "" where the environment
// names no collector. The exporters read address, headers and certificates from the
// same environment themselves.
func protocol(getenv func(string) string, signal string) (string, error) {
	if getenv("OTEL_SDK_DISABLED") == "true" || getenv("OTEL_"+signal+"_EXPORTER") == "none" {
		return "", nil
	}
	if getenv("OTEL_EXPORTER_OTLP_"+signal+"_ENDPOINT") == "" && getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" {
		return "", nil
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_" + signal + "_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"} {
		switch said := getenv(name); said {
		case "":
		case "grpc", "http/protobuf":
			return said, nil
		default:
			return "", fmt.Errorf("%s is %q: grpc and http/protobuf are spoken", name, said)
		}
	}
	return "http/protobuf", nil // the standard's default
}

func traceExporter(ctx context.Context, getenv func(string) string) (sdktrace.SpanExporter, error) {
	switch spoken, err := protocol(getenv, "TRACES"); {
	case err != nil || spoken == "":
		return nil, err
	case spoken == "grpc":
		return otlptracegrpc.New(ctx)
	default:
		return otlptracehttp.New(ctx)
	}
}

func metricExporter(ctx context.Context, getenv func(string) string) (sdkmetric.Exporter, error) {
	switch spoken, err := protocol(getenv, "METRICS"); {
	case err != nil || spoken == "":
		return nil, err
	case spoken == "grpc":
		return otlpmetricgrpc.New(ctx)
	default:
		return otlpmetrichttp.New(ctx)
	}
}

// Sends says whether the environment names a collector of metrics or traces.
func Sends(getenv func(string) string) bool {
	for _, signal := range []string{"METRICS", "TRACES"} {
		if spoken, err := protocol(getenv, signal); err != nil || spoken != "" {
			return true
		}
	}
	return false
}
