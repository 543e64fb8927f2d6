package telemetry

import (
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
)

// cardinality bounds the series of one instrument; what is beyond is counted
// together under otel_metric_overflow. A catalog of 1,000 routes fits.
const cardinality = 4000

// Bounds of histograms.
var (
	// latencies in seconds: a decision takes tens of microseconds, a model's
	// answer minutes.
	latencies = []float64{.00001, .000025, .00005, .0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120}
	// probabilities are narrow where bounds lie.
	probabilities = []float64{.1, .2, .3, .4, .5, .6, .7, .8, .85, .9, .95, .98, .99, 1}
)

// views give histograms their bounds, and keep from other libraries' instruments the
// labels that callers could make as many of as they like.
func views() []sdkmetric.Option {
	buckets := func(bounds []float64) sdkmetric.AggregationExplicitBucketHistogram {
		return sdkmetric.AggregationExplicitBucketHistogram{Boundaries: bounds}
	}
	only := attribute.NewAllowKeysFilter
	view := func(name string, stream sdkmetric.Stream) sdkmetric.Option {
		return sdkmetric.WithView(sdkmetric.NewView(sdkmetric.Instrument{Name: name}, stream))
	}
	return []sdkmetric.Option{
		view("semroute.decision.confidence", sdkmetric.Stream{Aggregation: buckets(probabilities)}),
		view("semroute.*.duration", sdkmetric.Stream{Aggregation: buckets(latencies)}),
		view("gen_ai.client.*", sdkmetric.Stream{Aggregation: buckets(latencies)}),
		view("rpc.server.*", sdkmetric.Stream{
			Aggregation:     buckets(latencies),
			AttributeFilter: only("rpc.method", "rpc.service", "rpc.grpc.status_code", "rpc.response.status_code"),
		}),
		view("http.server.request.duration", sdkmetric.Stream{
			Aggregation:     buckets(latencies),
			AttributeFilter: only("http.route", "http.request.method", "http.response.status_code"),
		}),
		view("http.server.request.body.size", sdkmetric.Stream{Aggregation: sdkmetric.AggregationDrop{}}),
		view("http.server.response.body.size", sdkmetric.Stream{Aggregation: sdkmetric.AggregationDrop{}}),
	}
}
