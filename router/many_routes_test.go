package router_test

import (
	"slices"
	"testing"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// TestTheNearestRoutesLeadToo holds what catalogs of very many routes rely on:
// the route of the nearest utterance is looked at, whatever the classifier
// thinks of it.
func TestTheNearestRoutesLeadToo(t *testing.T) {
	catalog, err := routes.Load("../examples/support")
	if err != nil {
		t.Fatal(err)
	}
	built, err := engine.Build(t.Context(), catalog, engine.Config{
		Embedder: engine.EmbedderConfig{Kind: engine.Static}, Index: engine.IndexConfig{Kind: engine.Memory}, Log: zerolog.Nop(),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = built.Close() }()
	entries, err := built.Entries(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		leaders, err := built.Ranker().LeadByNearest(t.Context(), "words that say nothing", e.Vector, built.Index)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(leaders, e.Route) || len(leaders) > router.NearestLeaders {
			t.Fatalf("%q of %s: the leaders are %v", e.Utterance, e.Route, leaders)
		}
	}
}
