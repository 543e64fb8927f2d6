package qdrant

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"

	"github.com/semroute/semroute/index"
)

// maxLimit bounds how many points one search asks for.
const maxLimit = 4 * index.MaxK

// Search implements index.Index. It reports ErrLost when entries that must be
// there are not.
func (x *Index) Search(ctx context.Context, q index.Query) ([]index.Match, error) {
	if err := x.usable(ctx); err != nil {
		return nil, err
	}
	if err := index.CheckQuery(q, x.config.Dimension); err != nil {
		return nil, err
	}
	s := x.state.Load()
	switch {
	case !s.complete, len(s.ids) == 0:
		return nil, index.ErrEmpty
	case x.lost.Load():
		return nil, x.errLost("entries were deleted by others")
	}
	offers, known := s.offers(q.Routes)
	if !known {
		offers = index.MaxK + 1
	}
	if offers == 0 {
		return nil, nil
	}
	hits, err := x.hits(ctx, s, q, offers)
	if err != nil {
		return nil, err
	}
	if err := x.explainFew(ctx, s, q, len(hits)); err != nil {
		return nil, err
	}
	matches, err := x.matches(ctx, s, hits)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(matches, compareMatches)
	return matches[:min(q.K, len(matches))], nil
}

// hit is an entry of the state, by its place there, that a search has found.
type hit struct {
	place int
	score float32
}

// hits are the nearest entries of the state, best first, and all that tie with
// the last of them. There are at most so many as the state offers.
func (x *Index) hits(ctx context.Context, s *state, q index.Query, offers int) ([]hit, error) {
	// One more than asked shows whether a tie is cut, where the server's order is
	// not ours. Points that are not the state's are found too: then more is asked.
	for limit := min(q.K, offers) + 1; ; limit = min(2*limit, maxLimit) {
		points, err := x.nearest(ctx, q, limit)
		if err != nil {
			return nil, err
		}
		hits := s.only(points)
		enough := len(hits) >= offers || len(hits) > q.K && hits[q.K-1].score > hits[len(hits)-1].score
		if enough || len(points) < limit {
			return hits, nil
		}
		if limit >= index.MaxK && len(hits) >= q.K { // ties without end
			return hits, nil
		}
		if limit == maxLimit {
			return nil, fmt.Errorf("%w: collection %s at %s: of the %d points nearest to the query only %d belong to this catalog",
				index.ErrUnavailable, x.collection, x.config.Address, len(points), len(hits))
		}
	}
}

// only are the state's own among the points.
func (s *state) only(points []*pb.ScoredPoint) []hit {
	hits := make([]hit, 0, len(points))
	for _, p := range points {
		id, ok := parseID(p.GetId())
		if !ok {
			continue
		}
		if place, held := s.place(id); held {
			hits = append(hits, hit{place: place, score: max(-1, min(1, p.GetScore()))})
		}
	}
	return hits
}

// nearest asks the server for ids and scores.
func (x *Index) nearest(ctx context.Context, q index.Query, limit int) ([]*pb.ScoredPoint, error) {
	short, cancel := context.WithTimeout(ctx, x.config.SearchTimeout)
	defer cancel()
	answer, err := x.server.points().Query(short, &pb.QueryPoints{
		CollectionName: x.collection,
		Query:          pb.NewQueryDense(q.Vector),
		Filter:         routesFilter(q.Routes),
		Params:         x.config.searchParams(limit),
		Limit:          pb.PtrOf(uint64(limit)),
		WithPayload:    pb.NewWithPayload(false),
	})
	switch {
	case isCode(err, codes.NotFound):
		return nil, x.errLost("the collection was deleted")
	case isCode(err, codes.InvalidArgument):
		if info, failed := x.describe(ctx); failed == nil && info != nil && x.checkVectors(info) != nil {
			return nil, x.checkVectors(info)
		}
	}
	return answer.GetResult(), x.server.failure(ctx, "a search", x.config.SearchTimeout, err)
}

func routesFilter(routes []string) *pb.Filter {
	if len(routes) == 0 {
		return nil
	}
	return &pb.Filter{Must: []*pb.Condition{pb.NewMatchKeywords(routeField, routes...)}}
}

// explainFew tells, where fewer were found than there must be, an approximate
// search from a server that lost entries.
func (x *Index) explainFew(ctx context.Context, s *state, q index.Query, found int) error {
	offers, known := s.offers(q.Routes)
	filter := routesFilter(q.Routes)
	if !known { // then all that can be told is whether any are left
		offers, filter = len(s.ids), nil
	}
	if found >= min(q.K, offers) || !known && found > 0 {
		return nil
	}
	n, err := x.count(ctx, filter)
	if err == nil && n < offers {
		err = x.errLost(fmt.Sprintf("%d of %d entries are there", n, offers))
	}
	return err
}

// matches words hits, whose texts are held here or, of a large catalog, read
// by their ids. Points of a state stay while it is searched, so none is missing.
func (x *Index) matches(ctx context.Context, s *state, hits []hit) ([]index.Match, error) {
	keys := make([]index.Key, len(hits))
	if s.keys == nil {
		if err := x.readKeys(ctx, s, hits, keys); err != nil {
			return nil, err
		}
	} else {
		for i, h := range hits {
			keys[i] = s.keys[h.place]
		}
	}
	matches := make([]index.Match, len(hits))
	for i, h := range hits {
		matches[i] = index.Match{Route: keys[i].Route, Utterance: keys[i].Utterance, Similarity: h.score}
	}
	return matches, nil
}

func (x *Index) readKeys(ctx context.Context, s *state, hits []hit, keys []index.Key) error {
	ids := make([]uuid.UUID, len(hits))
	for i, h := range hits {
		ids[i] = s.ids[h.place]
	}
	for batch := range slices.Chunk(ids, getBatch) {
		found, err := x.get(ctx, batch, true, false)
		if err != nil {
			return err
		}
		for i, id := range batch {
			p, ok := found[id]
			if !ok {
				return x.errLost("point " + id.String() + " was deleted")
			}
			if _, keys[i], err = x.ours(p); err != nil {
				return err
			}
		}
		keys = keys[len(batch):]
	}
	return nil
}

func compareMatches(a, b index.Match) int {
	return cmp.Or(cmp.Compare(b.Similarity, a.Similarity), strings.Compare(a.Route, b.Route), strings.Compare(a.Utterance, b.Utterance))
}

func compareKeys(a, b index.Key) int {
	return cmp.Or(strings.Compare(a.Route, b.Route), strings.Compare(a.Utterance, b.Utterance))
}
