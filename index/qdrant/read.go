package qdrant

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"

	"github.com/semroute/semroute/index"
)

const (
	routeField     = "route"
	utteranceField = "utterance"
	// pageBytes is about how much one page of entries may weigh.
	pageBytes = 2 << 20
)

// Search implements index.Index. A collection that is not complete yet counts
// as empty.
func (x *Index) Search(ctx context.Context, q index.Query) ([]index.Match, error) {
	if x.server.closed.Load() {
		return nil, index.ErrClosed
	}
	if err := index.CheckQuery(q, x.config.Dimension); err != nil {
		return nil, err
	}
	if serving, err := x.inService(ctx); err != nil {
		return nil, err
	} else if !serving {
		return nil, index.ErrEmpty
	}
	// One more than asked shows whether a tie is cut, where the server's order
	// is not ours.
	for limit := q.K + 1; ; limit *= 2 {
		matches, err := x.query(ctx, q, limit)
		if err != nil {
			return nil, err
		}
		if len(matches) == limit && matches[q.K-1].Similarity == matches[limit-1].Similarity && limit < index.MaxK {
			continue
		}
		if len(matches) == 0 {
			return matches, x.explainNone(ctx, q)
		}
		slices.SortFunc(matches, compareMatches)
		return matches[:min(q.K, len(matches))], nil
	}
}

// query returns the nearest matches in the server's order.
func (x *Index) query(ctx context.Context, q index.Query, limit int) ([]index.Match, error) {
	request := &pb.QueryPoints{
		CollectionName: x.collection,
		Query:          pb.NewQueryDense(q.Vector),
		Limit:          pb.PtrOf(uint64(limit)),
		WithPayload:    pb.NewWithPayload(true),
	}
	if len(q.Routes) > 0 {
		request.Filter = &pb.Filter{Must: []*pb.Condition{pb.NewMatchKeywords(routeField, q.Routes...)}}
	}
	request.Params = x.config.searchParams(limit)
	short, cancel := context.WithTimeout(ctx, x.config.SearchTimeout)
	defer cancel()
	matches, err := ask(short, x.server.next(), request)
	var foreign *foreignPoint
	if errors.As(err, &foreign) {
		return nil, x.notOurs(foreign)
	}
	if err != nil {
		return nil, x.server.failure(ctx, "a search", x.config.SearchTimeout, err)
	}
	return matches, nil
}

// notOurs explains a point that this index did not write.
func (x *Index) notOurs(p *foreignPoint) error {
	return fmt.Errorf("%w: collection %s at %s: %w: something else wrote there, use another prefix",
		index.ErrUnavailable, x.collection, x.config.Address, p)
}

// explainNone tells an empty collection from routes without entries.
func (x *Index) explainNone(ctx context.Context, q index.Query) error {
	if len(q.Routes) == 0 {
		return index.ErrEmpty
	}
	page, _, err := x.scroll(ctx, &pb.ScrollPoints{Limit: pb.PtrOf(uint32(1)), WithPayload: pb.NewWithPayload(false)})
	if err == nil && len(page) == 0 {
		err = index.ErrEmpty
	}
	return err
}

func compareMatches(a, b index.Match) int {
	switch {
	case a.Similarity > b.Similarity:
		return -1
	case a.Similarity < b.Similarity:
		return 1
	}
	if c := strings.Compare(a.Route, b.Route); c != 0 {
		return c
	}
	return strings.Compare(a.Utterance, b.Utterance)
}

// Entries implements index.Index. Of a collection that was never completed it
// returns what has arrived, which need not be embedded again.
func (x *Index) Entries(ctx context.Context) ([]index.Entry, error) {
	info, err := x.describe(ctx)
	if err != nil || info == nil {
		return nil, err
	}
	limit := uint32(min(1000, max(16, pageBytes/(4*x.config.Dimension+512))))
	var out []index.Entry
	var from *pb.PointId
	for {
		page, next, err := x.scroll(ctx, &pb.ScrollPoints{
			Limit: &limit, Offset: from, WithPayload: pb.NewWithPayload(true), WithVectors: pb.NewWithVectors(true),
		})
		if err != nil {
			return nil, err
		}
		for _, p := range page {
			e, err := x.entry(p)
			if err != nil {
				return nil, err
			}
			out = append(out, e)
		}
		if from = next; from == nil {
			break
		}
	}
	slices.SortFunc(out, func(a, b index.Entry) int {
		return compareMatches(index.Match{Route: a.Route, Utterance: a.Utterance}, index.Match{Route: b.Route, Utterance: b.Utterance})
	})
	return out, nil
}

// scroll returns one page of the collection and where the next begins; nil
// after the last. A collection that does not exist has no pages.
func (x *Index) scroll(ctx context.Context, request *pb.ScrollPoints) ([]*pb.RetrievedPoint, *pb.PointId, error) {
	request.CollectionName = x.collection
	short, cancel := context.WithTimeout(ctx, x.config.WriteTimeout)
	defer cancel()
	answer, err := x.server.points().Scroll(short, request)
	if isCode(err, codes.NotFound) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, x.server.failure(ctx, "reading entries", x.config.WriteTimeout, err)
	}
	return answer.GetResult(), answer.GetNextPageOffset(), nil
}

func (x *Index) entry(p *pb.RetrievedPoint) (index.Entry, error) {
	k, err := x.key(p.GetId(), p.GetPayload())
	if err != nil {
		return index.Entry{}, err
	}
	e := index.Entry{Key: k, Vector: p.GetVectors().GetVector().GetDenseVector().GetData()}
	if err := index.CheckEntry(e, x.config.Dimension); err != nil {
		return index.Entry{}, fmt.Errorf("%w: collection %s at %s holds a point that is not ours: %w", index.ErrUnavailable, x.collection, x.config.Address, err)
	}
	return e, nil
}

// key reads a point's payload.
func (x *Index) key(id *pb.PointId, payload map[string]*pb.Value) (index.Key, error) {
	route, hasRoute := payload[routeField].GetKind().(*pb.Value_StringValue)
	utterance, hasUtterance := payload[utteranceField].GetKind().(*pb.Value_StringValue)
	if !hasRoute || !hasUtterance {
		return index.Key{}, x.notOurs(&foreignPoint{id: id.GetUuid()})
	}
	return index.Key{Route: route.StringValue, Utterance: utterance.StringValue}, nil
}
