// Package telemetry has the product's metrics and traces: OpenTelemetry's SDK with
// Prometheus' exposition beside it, and OTLP where the standard OTEL_ environment
// names a collector. It promises that labels are bounded — routes and models come
// from the catalog, everything else from closed sets — and that nothing of a
// prompt, an answer or a caller is in any of it. It knows nothing of the product's
// types; server/measured takes what there is to measure to it.
package telemetry
