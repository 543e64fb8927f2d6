package router_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// remembering is an embedder whose cache holds every text.
type remembering struct {
	*axes
	memos map[string]*embed.Memo
}

func (r *remembering) EmbedQuery(ctx context.Context, text string, _ *[]float32) (embed.Embedded, error) {
	b, err := r.EmbedQueries(ctx, []string{text})
	if err != nil {
		return embed.Embedded{}, err
	}
	e := b.At(0)
	if r.memos[text] == nil {
		r.memos[text] = &embed.Memo{}
	}
	e.Cached, e.Memo = true, r.memos[text]
	return e, nil
}

// counted counts what is ranked.
type counted struct {
	neighbours
	ranked *int
}

func (c counted) Rank(ctx context.Context, text string, vector []float32, in router.Searcher, limits router.Limits) (router.Ranking, error) {
	*c.ranked++
	return c.neighbours.Rank(ctx, text, vector, in, limits)
}

const ruledYAML = catalogYAML + `
rules:
  - {name: only parcels, when: '"strict" in metadata', only: [parcels]}
`

func TestARememberedPromptIsRankedOnceAGeneration(t *testing.T) {
	catalog, err := routes.Parse("catalog.yaml", []byte(ruledYAML))
	if err != nil {
		t.Fatal(err)
	}
	ranked := 0
	embedder := &remembering{&axes{words: []string{"refund", "money", "parcel", "rain", "weather"}}, map[string]*embed.Memo{}}
	generation := func() *router.Generation {
		index := &scan{}
		fillIndex(t, index, embedder.axes, catalog)
		g, err := router.NewGeneration(router.Parts{
			Catalog: catalog, Semantic: router.Space{Embedder: embedder, Index: index, Ranker: counted{ranked: &ranked}}, Tokens: words{},
		})
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	r := router.New(router.Config{})
	r.Swap(generation())
	ask := func(p router.Prompt, limits router.Limits) router.Decision {
		t.Helper()
		d, err := r.Decide(t.Context(), p, limits)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	prompt := router.Prompt{Text: "money back, a refund"}
	strict := router.Prompt{Text: prompt.Text, Metadata: map[string]string{"strict": ""}}
	first := ask(prompt, router.Limits{})

	for _, step := range []struct {
		name   string
		do     func() router.Decision
		ranks  int  // how often something is ranked
		differ bool // from the first decision
	}{
		{"the same again", func() router.Decision { return ask(prompt, router.Limits{}) }, 0, false},
		{"another prompt", func() router.Decision { return ask(router.Prompt{Text: "where is my parcel"}, router.Limits{}) }, 1, true},
		{"other limits", func() router.Decision { return ask(prompt, router.Limits{Matches: 1}) }, 1, true},
		{"these limits again", func() router.Decision { return ask(prompt, router.Limits{Matches: 1}) }, 0, true},
		{"restricted by a rule", func() router.Decision { return ask(strict, router.Limits{Matches: 1}) }, 1, true},
		{"and again", func() router.Decision { return ask(strict, router.Limits{Matches: 1}) }, 1, true},
		{"another generation", func() router.Decision { r.Swap(generation()); return ask(prompt, router.Limits{}) }, 1, false},
		{"the same there", func() router.Decision { return ask(prompt, router.Limits{}) }, 0, false},
	} {
		ranked = 0
		got := step.do()
		if ranked != step.ranks {
			t.Errorf("%s: ranked %d times, want %d", step.name, ranked, step.ranks)
		}
		diff := cmp.Diff(first, got, cmpopts.IgnoreFields(router.Decision{}, "ID", "Timings", "RuleCost"))
		if (diff != "") != step.differ {
			t.Errorf("%s: differs %v, want %v:\n%s", step.name, diff != "", step.differ, diff)
		}
	}
}
