package assemble

import (
	"testing"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/routes"
)

// TestTheNearestRoutesLeadToo holds what catalogs of very many routes rely on:
// the route of the nearest utterance is looked at, whatever the classifier
// thinks of it.
func TestTheNearestRoutesLeadToo(t *testing.T) {
	catalog, err := routes.Load("../../../examples/support")
	if err != nil {
		t.Fatal(err)
	}
	built, err := Build(t.Context(), catalog, Config{
		Embedder: EmbedderConfig{Kind: Static}, Index: IndexConfig{Kind: Memory}, Log: zerolog.Nop(),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = built.Close() }()
	r := built.ranker
	entries, err := built.Entries(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		s, _ := r.scratch.Get().(*scratch)
		leaders, err := r.leadByNearest(t.Context(), s, "words that say nothing", e.Vector, built.Index, nil)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, leader := range leaders {
			found = found || r.names[leader.Route] == e.Route
		}
		if !found || len(leaders) > nearestLeaders {
			t.Fatalf("%q of %s: the leaders are %v", e.Utterance, e.Route, leaders)
		}
		r.scratch.Put(s)
	}
}
