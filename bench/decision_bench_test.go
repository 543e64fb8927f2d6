package main

import (
	"testing"

	"github.com/semroute/semroute/bench/catalogs"
	"github.com/semroute/semroute/bench/measure"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/server"
	"google.golang.org/protobuf/proto"
)

// installed is a server with the made-up catalog, cut to so many routes, and
// its prompts.
func installed(b *testing.B, count int) (*installation, []string) {
	b.Helper()
	e := testEnv(b)
	yaml, prompts := catalogs.Synthetic()
	catalog, err := routes.Parse("synthetic.yaml", []byte(yaml))
	if err != nil {
		b.Fatal(err)
	}
	catalog.Routes = catalog.Routes[:count]
	in, err := e.install(b.Context(), catalog, e.staticMemory(), false)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := in.close(); err != nil {
			b.Error(err)
		}
	})
	return in, prompts
}

const fewRoutes = 8

func BenchmarkDecision(b *testing.B) {
	in, prompts := installed(b, fewRoutes)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := in.engine.Decide(b.Context(), router.Prompt{Text: prompts[i%len(prompts)]}, router.Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecisionOverGRPC(b *testing.B) {
	in, prompts := installed(b, fewRoutes)
	decide := in.decide(prompts, false)
	b.ReportAllocs()
	b.SetParallelism(measure.ManyCallers)
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if err := decide(b.Context(), 0); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func BenchmarkEmptyCall(b *testing.B) {
	e := testEnv(b)
	f, err := e.floor(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	check := checkBy(f.clients)
	b.ReportAllocs()
	b.SetParallelism(measure.ManyCallers)
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if err := check(b.Context(), 0); err != nil {
				b.Error(err)
				return
			}
		}
	})
	if err := f.close(); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkDecisionToWire(b *testing.B) {
	in, prompts := installed(b, fewRoutes)
	d, err := in.engine.Decide(b.Context(), router.Prompt{Text: prompts[0]}, router.Limits{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := proto.Marshal(server.DecisionToProto(&d)); err != nil {
			b.Fatal(err)
		}
	}
}
