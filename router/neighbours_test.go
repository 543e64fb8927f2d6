package router_test

import (
	"cmp"
	"context"
	"slices"

	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/router"
)

// neighbours is the ranker of these tests: the similarities of a route among
// the ten nearest utterances are summed, the route with the largest sum leads.
// A route's probability is its share of the sum, scaled by how near the nearest
// utterance is, so that a prompt far from everything is unsure of all.
type neighbours struct{}

var _ router.Ranker = neighbours{}

// Rank implements router.Ranker.
func (neighbours) Rank(ctx context.Context, _ string, vector []float32, in router.Searcher, limits router.Limits) (router.Ranking, error) {
	matches, err := in.Search(ctx, index.Query{Vector: vector, K: 10, Routes: limits.Only})
	if err != nil {
		return router.Ranking{}, err
	}
	r := router.Ranking{Matches: matches, Nearest: -1, Known: 1}
	if len(matches) == 0 {
		return r, nil
	}
	r.Nearest = float64(matches[0].Similarity)
	r.Candidates = shares(matches)
	return r, nil
}

// shares sums the matches by route and turns the sums into probabilities.
func shares(matches []router.Match) []router.Candidate {
	var candidates []router.Candidate
	total := 0.0
	for _, m := range matches {
		similarity := max(0, float64(m.Similarity))
		at := slices.IndexFunc(candidates, func(c router.Candidate) bool { return c.Route == m.Route })
		if at < 0 {
			at = len(candidates)
			candidates = append(candidates, router.Candidate{Route: m.Route, Similarity: float64(m.Similarity)})
		}
		candidates[at].Probability += similarity
		total += similarity
	}
	nearest := max(0, float64(matches[0].Similarity))
	for i := range candidates {
		if total > 0 {
			candidates[i].Probability = min(1, candidates[i].Probability/total*nearest)
		}
	}
	slices.SortStableFunc(candidates, func(a, b router.Candidate) int {
		return cmp.Or(cmp.Compare(b.Probability, a.Probability), cmp.Compare(a.Route, b.Route))
	})
	return candidates
}

// Defaults implements router.Ranker.
func (neighbours) Defaults() router.Bounds { return router.Bounds{Confidence: 0.25, Similarity: -1} }

// Fingerprint implements router.Ranker.
func (neighbours) Fingerprint() string { return "neighbours" }
