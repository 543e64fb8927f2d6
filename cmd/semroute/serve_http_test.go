package main

import (
	"maps"
	"slices"
	"testing"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/console"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/ingress"
	"github.com/semroute/semroute/ingress/anthropic"
	"github.com/semroute/semroute/ingress/openai"
	"github.com/semroute/semroute/ingress/openai/responses"
	"github.com/semroute/semroute/ingress/systemone"
	"github.com/semroute/semroute/routes"
)

// TestEveryPathNeedsARole: the table of roles has each path of the HTTP protocols.
func TestEveryPathNeedsARole(t *testing.T) {
	calls := ingress.New(ingress.Config{})
	counter, err := engine.NewCounter()
	if err != nil {
		t.Fatal(err)
	}
	embedder := engine.New(&routes.Catalog{}, engine.Config{})
	paths := map[string]ingress.Route{}
	for _, protocol := range []map[string]ingress.Route{
		openai.New(openai.Config{Calls: calls, Embedder: embedder, Tokens: counter, Log: zerolog.Nop()}).Routes(),
		responses.New(responses.Config{Calls: calls, Kept: keptValues{}, Log: zerolog.Nop()}).Routes(),
		anthropic.New(anthropic.Config{Calls: calls, Tokens: counter, Log: zerolog.Nop()}).Routes(),
		console.Sessions(true),
		systemone.New(systemone.Config{Calls: calls, Embedder: embedder, Tokens: counter, Log: zerolog.Nop()}).Routes(),
	} {
		maps.Copy(paths, protocol)
	}
	if len(paths) < 10 {
		t.Fatalf("only %d paths", len(paths))
	}
	for pattern := range paths {
		if !slices.Contains(auth.Actions(), auth.Action(pattern)) {
			t.Errorf("%s stands in no row of the table: only administrators may ask it", pattern)
		}
	}
}
