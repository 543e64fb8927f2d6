package qdrant

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"

	"github.com/semroute/semroute/index"
)

// Entries implements index.Index. It reports ErrLost when the server does not
// have all of them any more.
func (x *Index) Entries(ctx context.Context) ([]index.Entry, error) {
	if err := x.usable(ctx); err != nil {
		return nil, err
	}
	s := x.state.Load()
	var out []index.Entry
	request := &pb.ScrollPoints{
		CollectionName: x.collection, WithPayload: pb.NewWithPayload(true), WithVectors: pb.NewWithVectors(true),
	}
	err := x.mine(ctx, s, request, 4*x.config.Dimension+textBytes, func(p *pb.RetrievedPoint, key index.Key) error {
		e := index.Entry{Key: key, Vector: vectorOf(p)}
		if err := index.CheckEntry(e, x.config.Dimension); err != nil {
			return fmt.Errorf("%w: collection %s at %s holds a point that is not ours: %w", index.ErrUnavailable, x.collection, x.config.Address, err)
		}
		out = append(out, e)
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(a, b index.Entry) int { return compareKeys(a.Key, b.Key) })
	return out, nil
}

// Keys implements index.KeyLister.
func (x *Index) Keys(ctx context.Context) ([]index.Key, error) {
	if err := x.usable(ctx); err != nil {
		return nil, err
	}
	s := x.state.Load()
	if s.keys != nil {
		return slices.Clone(s.keys), nil
	}
	keys := make([]index.Key, 0, len(s.ids))
	request := &pb.ScrollPoints{CollectionName: x.collection, WithPayload: pb.NewWithPayload(true)}
	err := x.mine(ctx, s, request, textBytes, func(_ *pb.RetrievedPoint, key index.Key) error {
		keys = append(keys, key)
		return nil
	})
	return keys, err
}

// mine visits the points that the state holds.
func (x *Index) mine(ctx context.Context, s *state, request *pb.ScrollPoints, weight int, visit func(*pb.RetrievedPoint, index.Key) error) error {
	if len(s.ids) == 0 {
		return nil
	}
	n := 0
	err := x.scroll(ctx, request, weight, func(p *pb.RetrievedPoint) error {
		if id, ok := parseID(p.GetId()); !ok || !s.has(id) {
			return nil
		}
		n++
		_, key, err := x.ours(p)
		if err != nil {
			return err
		}
		return visit(p, key)
	})
	if err == nil && n < len(s.ids) {
		err = x.errLost(fmt.Sprintf("%d of %d entries are there", n, len(s.ids)))
	}
	return err
}

// scroll visits all points of the request's collection, in pages, each of which
// has a deadline. A collection that does not exist has none. A point weighs
// about so many bytes.
func (x *Index) scroll(ctx context.Context, request *pb.ScrollPoints, weight int, visit func(*pb.RetrievedPoint) error) error {
	request.Limit = pb.PtrOf(uint32(max(16, min(10_000, pageBytes/weight))))
	for {
		answer, err := x.page(ctx, request)
		if err != nil || answer == nil {
			return err
		}
		for _, p := range answer.GetResult() {
			if err := visit(p); err != nil {
				return err
			}
		}
		if request.Offset = answer.GetNextPageOffset(); request.Offset == nil {
			return nil
		}
	}
}

// page is one page of a scroll; nil where the collection does not exist.
func (x *Index) page(ctx context.Context, request *pb.ScrollPoints) (*pb.ScrollResponse, error) {
	short, cancel := context.WithTimeout(ctx, x.config.WriteTimeout)
	defer cancel()
	answer, err := x.server.points().Scroll(short, request)
	if isCode(err, codes.NotFound) {
		return nil, nil
	}
	return answer, x.server.failure(ctx, "reading entries", x.config.WriteTimeout, err)
}

// missing counts the ids that no point of the collection has.
func (x *Index) missing(ctx context.Context, ids []uuid.UUID) (int, error) {
	s := &state{ids: ids}
	n := len(ids)
	request := &pb.ScrollPoints{CollectionName: x.collection, WithPayload: pb.NewWithPayload(false)}
	err := x.scroll(ctx, request, idBytes, func(p *pb.RetrievedPoint) error {
		if id, ok := parseID(p.GetId()); ok && s.has(id) {
			n--
		}
		return nil
	})
	return n, err
}

// get returns those of the points that are there, by id.
func (x *Index) get(ctx context.Context, ids []uuid.UUID, payload, vectors bool) (map[uuid.UUID]*pb.RetrievedPoint, error) {
	short, cancel := context.WithTimeout(ctx, x.config.WriteTimeout)
	defer cancel()
	answer, err := x.server.points().Get(short, &pb.GetPoints{
		CollectionName: x.collection, Ids: formatIDs(ids),
		WithPayload: pb.NewWithPayload(payload), WithVectors: pb.NewWithVectors(vectors),
	})
	if isCode(err, codes.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, x.server.failure(ctx, "reading entries", x.config.WriteTimeout, err)
	}
	found := make(map[uuid.UUID]*pb.RetrievedPoint, len(ids))
	for _, p := range answer.GetResult() {
		if id, ok := parseID(p.GetId()); ok {
			found[id] = p
		}
	}
	return found, nil
}

func vectorOf(p *pb.RetrievedPoint) []float32 {
	return p.GetVectors().GetVector().GetDenseVector().GetData()
}
