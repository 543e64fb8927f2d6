package router

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/semroute/semroute/classify"
	"github.com/semroute/semroute/index"
)

// Classifier ranks by a trained model and by the neighbours within the routes
// that lead by it. It is safe for concurrent use.
type Classifier struct {
	model       *classify.Model
	fingerprint string
	names       []string // of the routes, by the model's number
	ids         map[string]int32
	scratch     sync.Pool // of *scratch
}

var _ Ranker = (*Classifier)(nil)

// routeSearcher is an index that searches inside each of the leading routes at
// once; index.RouteSearcher without the rest of an index.
type routeSearcher interface {
	SearchRoutes(answer *index.RouteAnswer, q index.RouteQuery) error
}

// scratch is the working memory of one Rank.
type scratch struct {
	score      *classify.Scratch
	routes     []string
	numbers    []int32 // beside routes
	only       []int32
	answer     index.RouteAnswer
	neighbours []classify.Neighbour
}

// NewClassifier makes the ranker of a trained model. names are the routes by the
// model's numbers; fingerprint identifies all that the training saw.
func NewClassifier(model *classify.Model, names []string, fingerprint string) *Classifier {
	r := &Classifier{model: model, fingerprint: fingerprint, names: names, ids: make(map[string]int32, len(names))}
	for i, name := range names {
		r.ids[name] = int32(i)
	}
	r.scratch.New = func() any { return &scratch{score: model.NewScratch()} }
	return r
}

// Model is what was trained; it is to be read only.
func (r *Classifier) Model() *classify.Model { return r.model }

// Routes are the routes' names by the model's numbers; to be read only.
func (r *Classifier) Routes() []string { return r.names }

// RouteID is the model's number of a route; classify.None where it has none.
func (r *Classifier) RouteID(name string) int32 {
	if id, ok := r.ids[name]; ok {
		return id
	}
	return classify.None
}

// Rank implements Ranker.
func (r *Classifier) Rank(ctx context.Context, text string, vector []float32, in Searcher, limits Limits) (Ranking, error) {
	s, _ := r.scratch.Get().(*scratch)
	defer r.scratch.Put(s)
	leaders, err := r.lead(ctx, s, text, vector, in, limits.Only)
	if err != nil {
		return Ranking{}, err
	}
	s.routes, s.numbers = s.routes[:0], s.numbers[:0]
	for _, leader := range leaders {
		s.routes, s.numbers = append(s.routes, r.names[leader.Route]), append(s.numbers, leader.Route)
	}
	start := time.Now()
	if err := s.search(ctx, vector, in, max(0, limits.Matches)); err != nil {
		return Ranking{}, err
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
func (r *Classifier) lead(ctx context.Context, s *scratch, text string, vector []float32, in Searcher, only []string) ([]classify.Leader, error) {
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
	return r.model.ScoreSubset(s.score, text, vector, s.only)
}

// leadByNearest puts the routes of the nearest utterances in place of the
// classifier's last leaders.
func (r *Classifier) leadByNearest(ctx context.Context, s *scratch, text string, vector []float32, in Searcher, leaders []classify.Leader) ([]classify.Leader, error) {
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
	return r.model.ScoreSubset(s.score, text, vector, s.only)
}

// search finds the neighbours within the leading routes. A server's index gives
// the nearest of all these together, in one call.
func (s *scratch) search(ctx context.Context, vector []float32, in Searcher, matches int) error {
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
func (r *Classifier) ranking(s *scratch, v *classify.Verdict, limits Limits, searched time.Duration) Ranking {
	out := Ranking{Nearest: float64(v.Similarity), Known: float64(v.Known), NearestNone: float64(v.NearestNone), SearchMicros: uint32(searched.Microseconds())}
	out.Candidates = make([]Candidate, min(v.N, max(2, limits.Candidates)))
	for i := range out.Candidates {
		c := &v.Candidates[i]
		out.Candidates[i] = Candidate{
			Route: r.names[c.Route], Probability: float64(c.Probability), Similarity: float64(c.Similarity),
		}
	}
	out.Matches = slices.Clone(s.answer.Matches)
	return out
}

// Defaults implements Ranker: bounds found on held-out utterances.
func (r *Classifier) Defaults() Bounds {
	t := r.model.Thresholds()
	return Bounds{Confidence: float64(t.Confidence), Known: float64(t.Known), LeastKnown: float64(t.LeastKnown), Similarity: -1}
}

// Fingerprint implements Ranker.
func (r *Classifier) Fingerprint() string { return r.fingerprint }
