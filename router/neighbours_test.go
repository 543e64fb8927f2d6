package router

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/semroute/semroute/internal/vec"
)

// Neighbours ranks routes by their utterances among the K nearest: the
// similarities of a route are summed, the route with the largest sum leads.
// A route's probability is its share of the sum, scaled by how near the
// nearest utterance is, so that a prompt far from everything is unsure of all.
type Neighbours struct {
	// K is the number of utterances looked at, 10 by default.
	K int
	// Clock tells the time, time.Now by default.
	Clock Clock
}

var _ Ranker = (*Neighbours)(nil)

const defaultNeighbours = 10

// Rank implements Ranker.
func (n *Neighbours) Rank(ctx context.Context, _ string, vector []float32, in Searcher, limits Limits) (Ranking, error) {
	clock := n.Clock
	if clock == nil {
		clock = time.Now
	}
	start := clock()
	matches, err := in.Search(ctx, vec.Query{Vector: vector, K: n.k(), Routes: limits.Only})
	if err != nil {
		return Ranking{}, err
	}
	r := Ranking{Matches: matches, SearchMicros: micros(clock().Sub(start)), Nearest: -1, Known: 1}
	if len(matches) == 0 {
		return r, nil
	}
	r.Nearest = float64(matches[0].Similarity)
	r.Candidates = shares(matches)
	return r, nil
}

// shares sums the matches by route and turns the sums into probabilities.
func shares(matches []Match) []Candidate {
	var candidates []Candidate
	total := 0.0
	for _, m := range matches {
		similarity := max(0, float64(m.Similarity))
		at := slices.IndexFunc(candidates, func(c Candidate) bool { return c.Route == m.Route })
		if at < 0 {
			at = len(candidates)
			candidates = append(candidates, Candidate{Route: m.Route, Similarity: float64(m.Similarity)})
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
	slices.SortStableFunc(candidates, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.Probability, a.Probability), cmp.Compare(a.Route, b.Route))
	})
	return candidates
}

// Defaults are low: without calibration a higher bound would be a guess.
func (n *Neighbours) Defaults() Bounds { return Bounds{Confidence: 0.25, Similarity: -1} }

// Fingerprint implements Ranker.
func (n *Neighbours) Fingerprint() string { return fmt.Sprintf("neighbours/%d", n.k()) }

func (n *Neighbours) k() int {
	if n.K == 0 {
		return defaultNeighbours
	}
	return n.K
}
