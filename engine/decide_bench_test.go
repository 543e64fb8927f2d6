package engine

import (
	"context"
	"os"
	"testing"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// BenchmarkDecide is one whole decision in process by static vectors, nothing
// cached. SEMROUTE_BENCH_CATALOG names another catalog than the example.
func BenchmarkDecide(b *testing.B) {
	path := os.Getenv("SEMROUTE_BENCH_CATALOG")
	if path == "" {
		path = "../examples/support"
	}
	catalog, err := routes.Load(path)
	if err != nil {
		b.Fatal(err)
	}
	built, err := Build(b.Context(), catalog, Config{
		Embedder: EmbedderConfig{Kind: Static}, Index: IndexConfig{Kind: Memory},
		CacheDir: os.Getenv("SEMROUTE_BENCH_CACHE"), Log: zerolog.Nop(),
	})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = built.Close() }()
	var prompts []string
	for i := range catalog.Routes {
		prompts = append(prompts, catalog.Routes[i].Utterances...)
	}
	r := router.New(router.Config{})
	r.Swap(built.Generation)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, err := r.Decide(context.Background(), router.Prompt{Text: prompts[i%len(prompts)]}, router.Limits{}); err != nil {
			b.Fatal(err)
		}
		i += 7919
	}
}
