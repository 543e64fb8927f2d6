package qdrant

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
)

// A point goes in three steps, none of which can be taken back: it is listed as
// removed; when nobody has said for grace that they still hold it, it is deleted
// and listed as swept; when that too is grace ago, it leaves the list. So the id
// of a point that somebody may be about to delete is never used again.
const (
	grace = time.Hour
	// stillHeld is how often an index says which removed points it holds.
	stillHeld = 5 * time.Minute

	removedField = "removed" // Unix seconds
	sweptField   = "swept"   // Unix seconds
)

// removal is an item of the list.
type removal struct {
	at    time.Time
	swept bool
}

// removed reads the list.
func (x *Index) removed(ctx context.Context) (map[uuid.UUID]removal, error) {
	list := make(map[uuid.UUID]removal)
	request := &pb.ScrollPoints{CollectionName: removedList(x.collection), WithPayload: pb.NewWithPayload(true)}
	err := x.scroll(ctx, request, 2*idBytes, func(p *pb.RetrievedPoint) error {
		id, ok := parseID(p.GetId())
		if !ok {
			return nil
		}
		r := removal{at: time.Unix(p.GetPayload()[removedField].GetIntegerValue(), 0)}
		if at, swept := p.GetPayload()[sweptField]; swept {
			r = removal{at: time.Unix(at.GetIntegerValue(), 0), swept: true}
		}
		list[id] = r
		return nil
	})
	return list, err
}

// markRemoved lists points as removed now.
func (x *Index) markRemoved(ctx context.Context, ids []uuid.UUID) error {
	return x.mark(ctx, ids, removedField)
}

func (x *Index) mark(ctx context.Context, ids []uuid.UUID, field string) error {
	for batch := range slices.Chunk(ids, batchPoints) {
		points := make([]*pb.PointStruct, len(batch))
		for i, id := range batch {
			points[i] = &pb.PointStruct{
				Id: pb.NewIDUUID(id.String()), Vectors: pb.NewVectorsDense([]float32{1}),
				Payload: map[string]*pb.Value{field: pb.NewValueInt(x.config.now().Unix())},
			}
		}
		if err := x.markBatch(ctx, points); err != nil {
			return err
		}
	}
	return nil
}

// markBatch makes the list when it does not exist.
func (x *Index) markBatch(ctx context.Context, points []*pb.PointStruct) error {
	name := removedList(x.collection)
	upsert := func() error {
		short, cancel := context.WithTimeout(ctx, x.config.WriteTimeout)
		defer cancel()
		_, err := x.server.points().Upsert(short, &pb.UpsertPoints{CollectionName: name, Wait: pb.PtrOf(true), Points: points})
		return err
	}
	err := upsert()
	if isCode(err, codes.NotFound) {
		request := &pb.CreateCollection{
			CollectionName: name,
			VectorsConfig:  pb.NewVectorsConfig(&pb.VectorParams{Size: 1, Distance: pb.Distance_Cosine}),
		}
		if x.config.Replicas > 0 {
			request.ReplicationFactor = pb.PtrOf(uint32(x.config.Replicas))
		}
		if err := x.createCollection(ctx, request); err != nil {
			return err
		}
		err = upsert()
	}
	return x.server.failure(ctx, "listing removed entries", x.config.WriteTimeout, err)
}

// sweep takes the next step for points on the list whose time has come, except
// for those that the state holds.
func (x *Index) sweep(ctx context.Context, held *state, removed map[uuid.UUID]removal) error {
	var expired, forgotten []uuid.UUID
	for id, r := range removed {
		switch {
		case held.has(id) || x.config.now().Sub(r.at) < grace:
		case r.swept:
			forgotten = append(forgotten, id)
		default:
			expired = append(expired, id)
		}
	}
	if err := x.deletePoints(ctx, x.collection, expired); err != nil {
		return err
	}
	if err := x.mark(ctx, expired, sweptField); err != nil {
		return err
	}
	return x.deletePoints(ctx, removedList(x.collection), forgotten)
}

func (x *Index) deletePoints(ctx context.Context, collection string, ids []uuid.UUID) error {
	for batch := range slices.Chunk(ids, batchPoints) {
		if err := x.deleteBatch(ctx, collection, batch); err != nil {
			return err
		}
	}
	return nil
}

func (x *Index) deleteBatch(ctx context.Context, collection string, ids []uuid.UUID) error {
	short, cancel := context.WithTimeout(ctx, x.config.WriteTimeout)
	defer cancel()
	_, err := x.server.points().Delete(short, &pb.DeletePoints{
		CollectionName: collection, Wait: pb.PtrOf(true), Points: pb.NewPointsSelectorIDs(formatIDs(ids)),
	})
	if isCode(err, codes.NotFound) {
		return nil // a collection that does not exist holds none of them
	}
	return x.server.failure(ctx, "deleting removed entries", x.config.WriteTimeout, err)
}
