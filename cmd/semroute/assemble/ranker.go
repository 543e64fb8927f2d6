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
	only       []int32
	matches    []index.Match
	neighbours []classify.Neighbour
}

// intoSearcher is an index that can write its matches where it is told.
type intoSearcher interface {
	SearchInto(dst []index.Match, q index.Query) ([]index.Match, error)
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
	leaders, err := r.lead(s, text, vector, limits.Only)
	if err != nil {
		return router.Ranking{}, err
	}
	s.routes = s.routes[:0]
	for _, leader := range leaders {
		s.routes = append(s.routes, r.names[leader.Route])
	}
	start := time.Now()
	if err := s.search(ctx, vector, in); err != nil {
		return router.Ranking{}, err
	}
	searched := time.Since(start)
	s.neighbours = s.neighbours[:0]
	for i := range s.matches {
		if k := slices.Index(s.routes, s.matches[i].Route); k >= 0 {
			s.neighbours = append(s.neighbours, classify.Neighbour{Route: leaders[k].Route, Similarity: s.matches[i].Similarity})
		}
	}
	verdict := r.model.Confidence(s.score, s.neighbours)
	return r.ranking(s, verdict, limits, searched), nil
}

// lead scores the prompt and gives the leading routes among those that may win.
func (r *ranker) lead(s *scratch, text string, vector []float32, only []string) ([]classify.Leader, error) {
	if only == nil {
		return r.model.Score(s.score, text, vector)
	}
	s.only = s.only[:0]
	for _, name := range only {
		if id, ok := r.ids[name]; ok {
			s.only = append(s.only, id)
		}
	}
	return r.model.ScoreAmong(s.score, text, vector, s.only)
}

func (s *scratch) search(ctx context.Context, vector []float32, in router.Searcher) (err error) {
	q := index.Query{Vector: vector, K: classify.NeighboursPerRoute * len(s.routes), Routes: s.routes}
	if direct, ok := in.(intoSearcher); ok {
		s.matches, err = direct.SearchInto(s.matches[:0], q)
		return err
	}
	s.matches, err = in.Search(ctx, q)
	return err
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
	out.Matches = slices.Clone(s.matches[:max(0, min(len(s.matches), limits.Matches))])
	return out
}

// Defaults implements router.Ranker: bounds found on held-out utterances.
func (r *ranker) Defaults() router.Bounds {
	t := r.model.Thresholds()
	return router.Bounds{Confidence: float64(t.Confidence), Known: float64(t.Known), Similarity: -1}
}

// Fingerprint implements router.Ranker.
func (r *ranker) Fingerprint() string { return r.fingerprint }
