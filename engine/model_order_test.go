package engine

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

const withModels = `
models:
  - {name: dear, provider: openai, model: x, price: {input_per_mtok: 9, output_per_mtok: 9}, capabilities: [vision]}
  - {name: small, provider: openai, model: x, price: {input_per_mtok: 1, output_per_mtok: 1}}
routes:
  - name: refunds
    models: [dear, small]
    strategy: cheapest
    tiers: {free: [small]}
    utterances: [where is my refund, i want my money back, give me a refund]
  - name: parcels
    models: [dear, small]
    utterances: [where is my parcel, my package has not arrived, track my delivery]
fallback: {route: refunds}
`

func orderingEngine(t testing.TB) *Engine {
	t.Helper()
	catalog, err := routes.Parse("catalog.yaml", []byte(withModels))
	if err != nil {
		t.Fatal(err)
	}
	e := New(catalog, Config{Embedder: EmbedderConfig{Kind: Static}, Index: IndexConfig{Kind: Memory}, Log: zerolog.Nop()})
	if err := e.Build(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func TestADecisionNamesTheModelsThatACallWouldUse(t *testing.T) {
	e := orderingEngine(t)
	picture := []chat.Message{{Role: chat.User, Parts: []chat.Part{
		{Text: "where is my refund"}, {Image: &chat.Image{URL: "http://x/y.png"}},
	}}}
	for name, c := range map[string]struct {
		prompt router.Prompt
		want   []string
	}{
		"cheapest":         {router.Prompt{Text: "where is my refund"}, []string{"small", "dear"}},
		"order":            {router.Prompt{Text: "where is my parcel"}, []string{"dear", "small"}},
		"tier":             {router.Prompt{Text: "where is my refund", User: router.User{Tier: "free"}}, []string{"small"}},
		"capability":       {router.Prompt{Messages: picture}, []string{"dear"}},
		"nobody is able":   {router.Prompt{Messages: picture, User: router.User{Tier: "free"}}, []string{}},
		"the fallback's":   {router.Prompt{Text: ""}, []string{"small", "dear"}},
		"tier of fallback": {router.Prompt{Text: "", User: router.User{Tier: "free"}}, []string{"small"}},
	} {
		t.Run(name, func(t *testing.T) {
			one, err := e.Decide(t.Context(), c.prompt, router.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			batch, err := e.DecideBatch(t.Context(), []router.Prompt{{Text: "where is my parcel"}, c.prompt}, router.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			for way, d := range map[string]router.Decision{"alone": one, "in a batch": batch[1]} {
				if diff := cmp.Diff(c.want, append([]string{}, d.Models...)); diff != "" {
					t.Errorf("%s: models (-want +got):\n%s", way, diff)
				}
			}
		})
	}
}

// TestTheOrderIsThatOfTheGeneration: a decision on the generation before is
// ordered by its own catalog, and what is older keeps its route's order.
func TestTheOrderIsThatOfTheGeneration(t *testing.T) {
	e := orderingEngine(t)
	first, err := e.Decide(t.Context(), router.Prompt{Text: "where is my refund"}, router.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	late := func() []string {
		d := first
		d.Models = []string{"dear", "small"}
		e.orderModels(&d, &router.Prompt{Text: "where is my refund"})
		return d.Models
	}
	for i, want := range [][]string{{"small", "dear"}, {"dear", "small"}} {
		catalog, err := routes.Parse("catalog.yaml", []byte(withModels))
		if err != nil {
			t.Fatal(err)
		}
		catalog.Routes[1].Utterances = append(catalog.Routes[1].Utterances, "another "+string(rune('a'+i)))
		if err := e.Replace(t.Context(), catalog); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, late()); diff != "" {
			t.Errorf("after %d replacements (-want +got):\n%s", i+1, diff)
		}
	}
}

// BenchmarkOrderModels is what the order adds to a decision.
func BenchmarkOrderModels(b *testing.B) {
	e := orderingEngine(b)
	for _, route := range []string{"refunds", "parcels"} {
		b.Run(route, func(b *testing.B) {
			models := []string{"dear", "small"}
			prompt := router.Prompt{Text: "where is the refund that I was promised"}
			fingerprint := e.Status().Fingerprint
			b.ReportAllocs()
			for b.Loop() {
				d := router.Decision{ID: "1", Route: route, Models: models, Fingerprint: fingerprint}
				e.orderModels(&d, &prompt)
			}
		})
	}
}
