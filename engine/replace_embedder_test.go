package engine

import (
	"context"
	"errors"
	"testing"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/embed/embedtest"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

func TestAnotherEmbedderTakesOver(t *testing.T) {
	catalog := &routes.Catalog{Routes: []routes.Route{
		{Name: "refunds", Utterances: []string{"i want my money back", "refund my order"}},
		{Name: "weather", Utterances: []string{"will it rain today", "how warm is it outside"}},
	}}
	e := New(catalog, Config{Embedder: EmbedderConfig{Kind: Static}, Index: IndexConfig{Kind: Memory}, Log: zerolog.Nop()})
	if err := e.Build(t.Context()); err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- e.Run(running) }()
	defer func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}()
	decide := func() string {
		t.Helper()
		d, err := e.Decide(t.Context(), router.Prompt{Text: "refund my order"}, router.Limits{})
		if err != nil || d.Leading != "refunds" {
			t.Fatalf("%q, %v", d.Leading, err)
		}
		return d.Fingerprint
	}
	before := decide()
	broken := errors.New("no such model")
	fails := EmbedderConfig{Kind: Ollama, Open: func(context.Context) (embed.Embedder, error) { return nil, broken }}
	if err := e.ReplaceBy(t.Context(), Replacement{Catalog: catalog, Embedder: &fails}); !errors.Is(err, broken) {
		t.Errorf("an embedder that cannot be opened: %v", err)
	}
	if got := decide(); got != before {
		t.Error("a failure has changed what serves")
	}
	other := EmbedderConfig{Kind: Ollama, Open: func(context.Context) (embed.Embedder, error) { return embedtest.New(embedtest.Config{Dimension: 32}) }}
	refused := errors.New("refused")
	commit := func(context.Context) error { return refused }
	if err := e.ReplaceBy(t.Context(), Replacement{Catalog: catalog, Embedder: &other, Commit: commit}); !errors.Is(err, refused) {
		t.Errorf("one that is not committed: %v", err)
	}
	if got := decide(); got != before {
		t.Error("a refusal has changed what serves")
	}
	if err := e.ReplaceBy(t.Context(), Replacement{Catalog: catalog, Embedder: &other}); err != nil {
		t.Fatal(err)
	}
	after := decide()
	if after == before {
		t.Error("the same generation decides")
	}
	if err := e.Build(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := decide(); got != after {
		t.Error("the next build is not by the new embedder")
	}
}
