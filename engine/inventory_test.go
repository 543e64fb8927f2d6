package engine_test

import (
	"context"
	"errors"
	"testing"

	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

func TestInventory(t *testing.T) {
	catalog := &routes.Catalog{Routes: []routes.Route{
		{Name: "refunds", Utterances: []string{"give me my money back", "i want a refund", "return and refund this"}},
		{Name: "parcels", Utterances: []string{"where is my parcel", "track my delivery", "my package is late"}},
	}, None: []string{"what is the weather"}}
	e := engine.New(catalog, engine.Config{Embedder: engine.EmbedderConfig{Kind: engine.Static}, Index: engine.IndexConfig{Kind: engine.Memory}})
	if _, err := e.Inventory(t.Context(), true); !errors.Is(err, router.ErrNotReady) {
		t.Errorf("before the first build: %v", err)
	}
	if err := e.Build(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	got, err := e.Inventory(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Entries) != 6 || len(got.HeldOut) != 6 || len(got.Routes) != 2 || got.Fitted != nil || got.Fingerprint != e.Status().Fingerprint {
		t.Errorf("%d entries, %d held-out decisions, routes %v, fitted %v", len(got.Entries), len(got.HeldOut), got.Routes, got.Fitted)
	}
	for _, p := range got.HeldOut {
		if own := got.Entries[p.Example].Route; own != got.Routes[p.Label] {
			t.Errorf("a held-out decision of %q is on an utterance of %q", got.Routes[p.Label], own)
		}
	}
	if brief, err := e.Inventory(t.Context(), false); err != nil || brief.Entries != nil || brief.HeldOut != nil {
		t.Errorf("without vectors: %d entries, %v", len(brief.Entries), err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := e.Inventory(ctx, true); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of the context: %v", err)
	}
}
