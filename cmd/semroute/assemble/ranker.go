package assemble

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/semroute/semroute/classify"
	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/router"
)

// ranker scores prompts by the classifier and the neighbours within its
// leading routes. It is safe for concurrent use.
type ranker struct {
	model       *classify.Model
	fingerprint string
	names       []string // of the routes, by the model's number
	ids         map[string]int32
	scratch     sync.Pool // of *scratch
}

var _ router.Ranker = (*ranker)(nil)

// scratch is the working memory of one Rank.
type scratch struct {
	score      *classify.Scratch
	routes     []string
	numbers    []int32 // beside routes
	only       []int32
	answer     index.RouteAnswer
	neighbours []classify.Neighbour
}

// routeSearcher is an index in process that finds the nearest utterances of
// each leading route at once, into memory it is given.
type routeSearcher interface {
	SearchRoutes(answer *index.RouteAnswer, q index.RouteQuery) error
}

func newRanker(model *classify.Model, names []string, fingerprint string) *ranker {
	r := &ranker{model: model, fingerprint: fingerprint, names: names, ids: make(map[string]int32, len(names))}
	for i, name := range names {
		r.ids[name] = int32(i)
	}
	r.scratch.New = func() any { return &scratch{score: model.NewScratch()} }
	return r
}

// Rank implements router.Ranker.
func (r *ranker) Rank(ctx context.Context, text string, vector []float32, in router.Searcher, limits router.Limits) (router.Ranking, error) {
	s, _ := r.scratch.Get().(*scratch)
	defer r.scratch.Put(s)
	leaders, err := r.lead(ctx, s, text, vector, in, limits.Only)
	if err != nil {
		return router.Ranking{}, err
	}
	s.routes, s.numbers = s.routes[:0], s.numbers[:0]
	for _, leader := range leaders {
		s.routes, s.numbers = append(s.routes, r.names[leader.Route]), append(s.numbers, leader.Route)
	}
	start := time.Now()
	if err := s.search(ctx, vector, in, max(0, limits.Matches)); err != nil {
		return router.Ranking{}, err
	}
	searched := time.Since(start)
	s.neighbours = s.neighbours[:0]
	for _, n := range s.answer.Neighbours {
		s.neighbours = append(s.neighbours, classify.Neighbour{Route: leaders[n.Route].Route, Similarity: n.Similarity})
	}
	verdict := r.model.Confidence(s.score, s.neighbours)
	return r.ranking(s, verdict, limits, searched), nil
}

// With more routes than this, a few utterances each, the right route may not be
// among the classifier's leaders: those of the nearest utterances lead too.
const (
	manyRoutes     = 2000
	nearestLeaders = classify.Leaders / 2
	nearestLooked  = 32
)

// lead scores the prompt and gives the leading routes among those that may win.
func (r *ranker) lead(ctx context.Context, s *scratch, text string, vector []float32, in router.Searcher, only []string) ([]classify.Leader, error) {
	if only == nil {
		leaders, err := r.model.Score(s.score, text, vector)
		if err != nil || len(r.names) <= manyRoutes {
			return leaders, err
		}
		return r.leadByNearest(ctx, s, text, vector, in, leaders)
	}
	s.only = s.only[:0]
	for _, name := range only {
		if id, ok := r.ids[name]; ok {
			s.only = append(s.only, id)
		}
	}
	return r.model.ScoreAmong(s.score, text, vector, s.only)
}

// leadByNearest puts the routes of the nearest utterances in place of the
// classifier's last leaders.
func (r *ranker) leadByNearest(ctx context.Context, s *scratch, text string, vector []float32, in router.Searcher, leaders []classify.Leader) ([]classify.Leader, error) {
	found, err := in.Search(ctx, index.Query{Vector: vector, K: nearestLooked})
	if err != nil {
		return nil, err
	}
	s.only = s.only[:0]
	for i := range found {
		if id, ok := r.ids[found[i].Route]; ok && len(s.only) < nearestLeaders && !slices.Contains(s.only, id) {
			s.only = append(s.only, id)
		}
	}
	for _, leader := range leaders {
		if len(s.only) < classify.Leaders && !slices.Contains(s.only, leader.Route) {
			s.only = append(s.only, leader.Route)
		}
	}
	return r.model.ScoreAmong(s.score, text, vector, s.only)
}

// search finds the neighbours within the leading routes. A server's index gives
// the nearest of all these together, in one call.
func (s *scratch) search(ctx context.Context, vector []float32, in router.Searcher, matches int) error {
	if direct, ok := in.(routeSearcher); ok {
		return direct.SearchRoutes(&s.answer, index.RouteQuery{
			Vector: vector, Routes: s.routes, Numbers: s.numbers, PerRoute: classify.NeighboursPerRoute, Matches: matches,
		})
	}
	found, err := in.Search(ctx, index.Query{Vector: vector, K: classify.NeighboursPerRoute * len(s.routes), Routes: s.routes})
	if err != nil {
		return err
	}
	s.answer.Neighbours = s.answer.Neighbours[:0]
	for i := range found {
		if k := slices.Index(s.routes, found[i].Route); k >= 0 {
			s.answer.Neighbours = append(s.answer.Neighbours, index.RouteNeighbour{Route: int32(k), Similarity: found[i].Similarity})
		}
	}
	s.answer.Matches = append(s.answer.Matches[:0], found[:min(len(found), matches)]...)
	return nil
}

// ranking copies out what the caller wants to see. Two candidates are always
// there, because the margin needs them.
func (r *ranker) ranking(s *scratch, v *classify.Verdict, limits router.Limits, searched time.Duration) router.Ranking {
	out := router.Ranking{Nearest: float64(v.Similarity), Known: float64(v.Known), SearchMicros: uint32(searched.Microseconds())}
	out.Candidates = make([]router.Candidate, min(v.N, max(2, limits.Candidates)))
	for i := range out.Candidates {
		c := &v.Candidates[i]
		out.Candidates[i] = router.Candidate{
			Route: r.names[c.Route], Probability: float64(c.Probability), Similarity: float64(c.Similarity),
		}
	}
	out.Matches = slices.Clone(s.answer.Matches)
	return out
}

// Defaults implements router.Ranker: bounds found on held-out utterances.
func (r *ranker) Defaults() router.Bounds {
	t := r.model.Thresholds()
	return router.Bounds{Confidence: float64(t.Confidence), Known: float64(t.Known), Similarity: -1}
}

// Fingerprint implements router.Ranker.
func (r *ranker) Fingerprint() string { return r.fingerprint }
