package measured

import (
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/forward/health"
	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/telemetry"
	"go.opentelemetry.io/otel/attribute"
)

// Generation are the gauges of what decides.
func Generation(status func() engine.Status) []telemetry.Gauge {
	read := func(value func(engine.Status) float64) func() []telemetry.Reading {
		return func() []telemetry.Reading { return telemetry.One(value(status())) }
	}
	return []telemetry.Gauge{
		{Name: "semroute.ready", About: "1 while prompts are answered", Read: read(func(s engine.Status) float64 { return is(s.State.Ready()) })},
		{Name: "semroute.state", About: "1 at the state that the engine is in", Read: func() []telemetry.Reading { return states(status().State) }},
		{Name: "semroute.generation.building", About: "1 while the next generation is built", Read: read(func(s engine.Status) float64 { return is(s.Building.What != "") })},
		{Name: "semroute.generation.swaps", Unit: "{swap}", About: "Generations that were put in place", Counter: true, Read: read(func(s engine.Status) float64 { return float64(s.Swaps) })},
		{Name: "semroute.generation.failures", Unit: "{build}", About: "Builds that changed nothing", Counter: true, Read: read(func(s engine.Status) float64 { return float64(s.Failures) })},
		{Name: "semroute.generation.failing", About: "1 while the newest catalog could not be built", Read: read(func(s engine.Status) float64 { return is(s.Err != nil) })},
		{Name: "semroute.generation.routes", Unit: "{route}", About: "Routes that are known", Read: read(func(s engine.Status) float64 { return float64(s.Routes) })},
		{Name: "semroute.generation.utterances", Unit: "{utterance}", About: "Utterances that are known", Read: read(func(s engine.Status) float64 { return float64(s.Utterances) })},
		{Name: "semroute.generation.left_out", Unit: "{utterance}", About: "Utterances of the catalog that could not be embedded", Read: read(func(s engine.Status) float64 { return float64(s.LeftOut) })},
	}
}

// states has every state once, so that one that ends is seen to.
func states(now engine.State) []telemetry.Reading {
	var all []telemetry.Reading
	for _, s := range []engine.State{engine.Starting, engine.Serving, engine.Degraded, engine.Stale} {
		all = append(all, telemetry.Reading{Value: is(s == now), Labels: []attribute.KeyValue{attribute.String("state", s.String())}})
	}
	return all
}

// Store are the gauges of what is kept.
func Store(stats func() store.Stats) []telemetry.Gauge {
	read := func(value func(store.Stats) float64) func() []telemetry.Reading {
		return func() []telemetry.Reading { return telemetry.One(value(stats())) }
	}
	return []telemetry.Gauge{
		{Name: "semroute.store.failing", About: "1 while nothing can be kept", Read: read(func(s store.Stats) float64 { return is(s.Failing != "") })},
		{Name: "semroute.store.written", Unit: "{record}", About: "Records that were kept", Counter: true, Read: read(func(s store.Stats) float64 { return float64(s.Written) })},
		{Name: "semroute.store.lost", Unit: "{record}", About: "Records that could not be kept", Counter: true, Read: read(func(s store.Stats) float64 { return float64(s.Lost) })},
		{Name: "semroute.store.waiting", Unit: "{record}", About: "Records that wait to be kept", Read: read(func(s store.Stats) float64 { return float64(s.Waiting) })},
		{Name: "semroute.store.waiting.size", Unit: "By", About: "Memory that these take", Read: read(func(s store.Stats) float64 { return float64(s.WaitingBytes) })},
	}
}

// Gate is what bounds decisions at once; *admission.Gate is one.
type Gate interface {
	Limit() int
	Queued() int
}

// Admission are the gauges of overload.
func Admission(g Gate) []telemetry.Gauge {
	return []telemetry.Gauge{
		{Name: "semroute.admission.limit", Unit: "{decision}", About: "Decisions at once that are let in now", Read: func() []telemetry.Reading { return telemetry.One(float64(g.Limit())) }},
		{Name: "semroute.admission.queued", Unit: "{decision}", About: "Decisions that wait to be let in", Read: func() []telemetry.Reading { return telemetry.One(float64(g.Queued())) }},
	}
}

func is(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// Circuits is the gauge of models that are left alone because they fail.
func Circuits(states func() []health.State) telemetry.Gauge {
	return telemetry.Gauge{Name: "semroute.circuit.open", About: "1 while a model is left alone because it fails", Read: func() []telemetry.Reading {
		open := map[string]bool{}
		for _, s := range states() {
			open[s.Name] = open[s.Name] || s.Open
		}
		var all []telemetry.Reading
		for name, broken := range open {
			all = append(all, telemetry.Reading{Value: is(broken), Labels: []attribute.KeyValue{attribute.String("model", name)}})
		}
		return all
	}}
}
