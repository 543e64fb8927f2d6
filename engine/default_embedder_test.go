package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/embed/static"
	"github.com/semroute/semroute/embed/transformer/bgesmall"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

func needModel(t *testing.T) {
	t.Helper()
	if bgesmall.Compiled() == nil {
		t.Skip("built with the tag nomodel: there is no model to test with")
	}
}

// TestDefaultEmbedder: a catalog that was fitted for static vectors keeps them, and
// so decides as it did; all else is decided by the model in the program.
func TestDefaultEmbedder(t *testing.T) {
	needModel(t)
	vectors, err := static.New(static.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		catalog *routes.Catalog
		want    string
	}{
		"none":                       {nil, Transformer},
		"no fit":                     {&routes.Catalog{}, Transformer},
		"fitted for these vectors":   {&routes.Catalog{Fitted: &routes.Fitted{Embedder: vectors.Fingerprint()}}, Static},
		"fitted for other ones":      {&routes.Catalog{Fitted: &routes.Fitted{Embedder: "static:1234"}}, Transformer},
		"fitted for another model's": {&routes.Catalog{Fitted: &routes.Fitted{Embedder: "transformer:1234"}}, Transformer},
	} {
		if got := DefaultEmbedder(c.catalog); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// manyUtterances is a catalog that is large enough to stand in for and easy, but
// for some utterances under a wrong route: no model should be sure of everything.
func manyUtterances(t *testing.T) *routes.Catalog {
	t.Helper()
	things := map[string][]string{
		"money":   {"refund", "invoice", "payment", "bill"},
		"parcel":  {"package", "delivery", "courier", "shipment"},
		"account": {"password", "login", "profile", "username"},
		"weather": {"rain", "snow", "sunshine", "storm"},
	}
	random := rand.New(rand.NewPCG(5, 6))
	utterances := map[string][]string{}
	names := []string{"money", "parcel", "account", "weather"}
	for _, name := range names {
		for _, thing := range things[name] {
			for _, verb := range []string{"tell me about", "what is wrong with", "I have a question on", "who knows about", "please explain"} {
				for _, when := range []string{"today", "tomorrow", "of last week", "in May", "on Monday", "this year", "at noon", "tonight", "in winter", "again", "once more", "at home", "for my family"} {
					under := name
					if random.IntN(16) == 0 {
						under = names[random.IntN(len(names))]
					}
					utterances[under] = append(utterances[under], fmt.Sprintf("%s the %s %s", verb, thing, when))
				}
			}
		}
	}
	catalog := &routes.Catalog{}
	for _, name := range names {
		catalog.Routes = append(catalog.Routes, routes.Route{Name: name, Utterances: utterances[name]})
	}
	return catalog
}

// TestStaticVectorsStandInUntilTheModelsAreThere: a large catalog is served at once,
// and says that it is degraded; the model's vectors take over, behind a static
// stage whose bound nobody had to fit. The next start needs no stand-in.
func TestStaticVectorsStandInUntilTheModelsAreThere(t *testing.T) {
	needModel(t)
	catalog, cache := manyUtterances(t), t.TempDir()
	prompt := router.Prompt{Text: "please explain the refund of last week"}
	start := func(name string) (states []State) {
		var mu sync.Mutex
		var standIn []string // what decisions say meanwhile
		var e *Engine
		e = New(catalog, Config{
			Embedder: EmbedderConfig{Kind: Transformer}, Index: IndexConfig{Kind: Memory, Name: name}, CacheDir: cache, Log: zerolog.Nop(),
			OnStatus: func(s Status) {
				mu.Lock()
				defer mu.Unlock()
				if len(states) == 0 || states[len(states)-1] != s.State {
					states = append(states, s.State)
				}
			},
			Progress: func(string, int, int) {
				if d, err := e.Decide(t.Context(), prompt, router.Limits{}); err == nil {
					mu.Lock()
					defer mu.Unlock()
					standIn = append(standIn, d.DegradedTexts()...)
				}
			},
		})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- e.Run(ctx) }()
		for status, changed := e.StatusChange(); status.State != Serving; status, changed = e.StatusChange() {
			if status.Err != nil {
				t.Fatal(status.Err)
			}
			<-changed
		}
		d, err := e.Decide(t.Context(), prompt, router.Limits{})
		if err != nil || len(d.Degraded) > 0 || d.Stage != router.StageStatic {
			t.Errorf("%+v, %v: want a decision of the static stage, not degraded", d, err)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		if slices.Contains(states, Degraded) && !slices.ContainsFunc(standIn, func(s string) bool { return strings.Contains(s, "static vectors decided") }) {
			t.Errorf("decisions of the stand-in say %q", standIn)
		}
		return states
	}
	for _, c := range []struct {
		what, name string
		want       []State
	}{
		{"the first start", "a", []State{Degraded, Serving}},
		{"the second start", "a", []State{Serving}},
		{"a catalog of the same utterances and another name, whose vectors are not kept", "b", []State{Degraded, Serving}},
	} {
		if got := start(c.name); !slices.Equal(got, c.want) {
			t.Errorf("%s goes through %v, want %v", c.what, got, c.want)
		}
	}
}

// TestStaticStageWithoutAFit tells when there is one.
func TestStaticStageWithoutAFit(t *testing.T) {
	needModel(t)
	cache := t.TempDir()
	build := func(catalog *routes.Catalog, stages router.StagePolicy) *Assembly {
		t.Helper()
		built, err := Build(t.Context(), catalog, Config{
			Embedder: EmbedderConfig{Kind: Transformer}, Index: IndexConfig{Kind: Memory}, CacheDir: cache,
			Settings: router.Settings{Stages: stages}, Log: zerolog.Nop(),
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = built.Close() })
		return built
	}
	large := manyUtterances(t)
	found := build(large, router.StagePolicy{})
	if !found.Generation.StaticFirst() {
		t.Error("a large catalog: no static stage")
	}
	if build(large, router.StagePolicy{NoStatic: true}).Generation.StaticFirst() {
		t.Error("switched off: there is a static stage")
	}
	if build(catalogOf(t, ""), router.StagePolicy{}).Generation.StaticFirst() {
		t.Error("a few utterances, which say little about prompts: there is a static stage")
	}
	fitted := *large
	fitted.Fitted = &routes.Fitted{Embedder: found.Embedder.Fingerprint()}
	if build(&fitted, router.StagePolicy{}).Generation.StaticFirst() {
		t.Error("a fit that found no bound: there is a static stage")
	}
}

// TestWhatCannotBeKeptIsNoError: without a folder to write to, the default serves,
// and makes its vectors again at the next start.
func TestWhatCannotBeKeptIsNoError(t *testing.T) {
	needModel(t)
	notAFolder := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(notAFolder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	built, err := Build(t.Context(), catalogOf(t, ""), Config{
		Embedder: EmbedderConfig{Kind: Transformer}, Index: IndexConfig{Kind: Memory}, CacheDir: filepath.Join(notAFolder, "cache"), Log: zerolog.Nop(),
	})
	if err != nil {
		t.Fatal(err)
	}
	if built.Synced.Embedded != built.Synced.Utterances {
		t.Errorf("%d of %d utterances embedded", built.Synced.Embedded, built.Synced.Utterances)
	}
	if err := built.Close(); err != nil {
		t.Error(err)
	}
}
