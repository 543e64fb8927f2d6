package engine

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// plainIndex finds neighbours by comparing everything in float32, one by one.
type plainIndex struct{ entries []index.Entry }

func (p *plainIndex) Search(context.Context, index.Query) ([]router.Match, error) {
	panic("the ranker asks for neighbours by route")
}

func (p *plainIndex) SearchRoutes(answer *index.RouteAnswer, q index.RouteQuery) error {
	*answer = index.RouteAnswer{}
	for place, name := range q.Routes {
		var own []router.Match
		for _, e := range p.entries {
			if e.Route == name {
				own = append(own, router.Match{Route: name, Utterance: e.Utterance, Similarity: dot(e.Vector, q.Vector)})
			}
		}
		slices.SortStableFunc(own, bySimilarity)
		own = own[:min(len(own), q.PerRoute)]
		for _, m := range own {
			answer.Neighbours = append(answer.Neighbours, index.RouteNeighbour{Route: int32(place), Similarity: m.Similarity})
		}
		answer.Matches = append(answer.Matches, own...)
	}
	slices.SortStableFunc(answer.Matches, bySimilarity)
	answer.Matches = answer.Matches[:min(len(answer.Matches), q.Matches)]
	return nil
}

func bySimilarity(a, b router.Match) int { return cmp.Compare(b.Similarity, a.Similarity) }

func dot(a, b []float32) float32 {
	var sum float64
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return float32(sum)
}

// TestFastPathDecidesAsThePlainOne holds that 8-bit scans, SIMD and pooled
// memory change no decision: 10,000 prompts, one router with and one without.
func TestFastPathDecidesAsThePlainOne(t *testing.T) {
	prompts := 10_000
	if testing.Short() {
		prompts = 1000
	}
	catalog, err := routes.Load("../examples/support")
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
	entries, err := built.Entries(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	plain := &plainIndex{entries: entries}
	random := rand.New(rand.NewPCG(1, 1))
	for range prompts {
		text := madeUp(random, catalog)
		batch, err := built.Embedder.EmbedQueries(t.Context(), []string{text})
		if err != nil {
			t.Fatal(err)
		}
		limits := router.Limits{Candidates: 5, Matches: 3}
		got, err := built.Ranker().Rank(t.Context(), text, batch.Vectors[0], built.Index, limits)
		if err != nil {
			t.Fatal(err)
		}
		want, err := built.Ranker().Rank(t.Context(), text, batch.Vectors[0], plain, limits)
		if err != nil {
			t.Fatal(err)
		}
		if got.Candidates[0].Route != want.Candidates[0].Route ||
			math.Abs(got.Candidates[0].Probability-want.Candidates[0].Probability) > 1e-3 ||
			math.Abs(got.Nearest-want.Nearest) > 1e-5 {
			t.Fatalf("%q: the fast path says %+v, the plain one %+v", text, got.Candidates[0], want.Candidates[0])
		}
	}
}

// madeUp joins the beginning of one utterance with the end of another.
func madeUp(random *rand.Rand, catalog *routes.Catalog) string {
	pick := func() []string {
		route := catalog.Routes[random.IntN(len(catalog.Routes))]
		return strings.Fields(route.Utterances[random.IntN(len(route.Utterances))])
	}
	head, tail := pick(), pick()
	return strings.Join(append(head[:(len(head)+1)/2], tail[len(tail)/2:]...), " ")
}
