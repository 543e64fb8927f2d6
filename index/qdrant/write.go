package qdrant

import (
	"context"
	"fmt"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"

	"github.com/semroute/semroute/index"
)

// A batch ends at so many points, or where it would weigh more.
const (
	batchPoints = 512
	batchBytes  = 2 << 20
)

// Replace implements index.Index. In a collection in service it writes the
// entries first and removes the others after. It reports an error when the
// server in the end holds another number of entries.
func (x *Index) Replace(ctx context.Context, entries []index.Entry) error {
	return x.write(ctx, entries, func(ctx context.Context, serving bool) error {
		keep := make(map[string]bool, len(entries))
		for _, e := range entries {
			keep[pointID(e.Key)] = true
		}
		if err := x.upsert(ctx, entries); err != nil {
			return err
		}
		if err := x.deleteOthers(ctx, keep); err != nil {
			return err
		}
		if serving {
			return nil
		}
		return x.verify(ctx, len(entries))
	})
}

// Upsert implements index.Index. When it is interrupted, a part of the
// entries may be there.
func (x *Index) Upsert(ctx context.Context, entries []index.Entry) error {
	return x.write(ctx, entries, func(ctx context.Context, _ bool) error { return x.upsert(ctx, entries) })
}

// write runs a step on the collection, which it makes when there is none, and
// puts it into service after the step unless it was before.
func (x *Index) write(ctx context.Context, entries []index.Entry, step func(ctx context.Context, serving bool) error) error {
	if x.server.closed.Load() {
		return index.ErrClosed
	}
	if err := index.CheckEntries(entries, x.config.Dimension); err != nil {
		return err
	}
	x.writing.Lock()
	defer x.writing.Unlock()
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("qdrant index: %w", err)
	}
	serving, err := x.inService(ctx)
	if err != nil {
		return err
	}
	if !serving {
		if err := x.create(ctx); err != nil {
			return err
		}
	}
	if err := step(ctx, serving); err != nil || serving {
		return err
	}
	return x.putIntoService(ctx)
}

// Delete implements index.Index.
func (x *Index) Delete(ctx context.Context, keys []index.Key) error {
	if x.server.closed.Load() {
		return index.ErrClosed
	}
	if err := index.CheckKeys(keys); err != nil {
		return err
	}
	x.writing.Lock()
	defer x.writing.Unlock()
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("qdrant index: %w", err)
	}
	ids := make([]*pb.PointId, len(keys))
	for i, k := range keys {
		ids[i] = pb.NewIDUUID(pointID(k))
	}
	return x.delete(ctx, ids)
}

func (x *Index) upsert(ctx context.Context, entries []index.Entry) error {
	for len(entries) > 0 {
		n, weight := 0, 0
		var points []*pb.PointStruct
		for n < len(entries) && n < batchPoints {
			e := entries[n]
			weight += 4*len(e.Vector) + len(e.Route) + len(e.Utterance)
			if n > 0 && weight > batchBytes {
				break
			}
			points = append(points, point(e))
			n++
		}
		if err := x.upsertBatch(ctx, points); err != nil {
			return err
		}
		entries = entries[n:]
	}
	return nil
}

func point(e index.Entry) *pb.PointStruct {
	return &pb.PointStruct{
		Id:      pb.NewIDUUID(pointID(e.Key)),
		Vectors: pb.NewVectorsDense(e.Vector),
		Payload: map[string]*pb.Value{
			routeField:     pb.NewValueString(e.Route),
			utteranceField: pb.NewValueString(e.Utterance),
		},
	}
}

func (x *Index) upsertBatch(ctx context.Context, points []*pb.PointStruct) error {
	short, cancel := context.WithTimeout(ctx, x.config.WriteTimeout)
	defer cancel()
	_, err := x.server.points().Upsert(short, &pb.UpsertPoints{
		CollectionName: x.collection, Wait: pb.PtrOf(true), Points: points,
	})
	return x.server.failure(ctx, "writing entries", x.config.WriteTimeout, err)
}

// deleteOthers removes every point whose id is not to be kept.
func (x *Index) deleteOthers(ctx context.Context, keep map[string]bool) error {
	limit := uint32(1000)
	var others []*pb.PointId
	var from *pb.PointId
	for {
		page, next, err := x.scroll(ctx, &pb.ScrollPoints{Limit: &limit, Offset: from, WithPayload: pb.NewWithPayload(false)})
		if err != nil {
			return err
		}
		for _, p := range page {
			if !keep[p.GetId().GetUuid()] {
				others = append(others, p.GetId())
			}
		}
		if from = next; from == nil {
			return x.delete(ctx, others)
		}
	}
}

func (x *Index) delete(ctx context.Context, ids []*pb.PointId) error {
	for len(ids) > 0 {
		n := min(batchPoints, len(ids))
		if err := x.deleteBatch(ctx, ids[:n]); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

func (x *Index) deleteBatch(ctx context.Context, ids []*pb.PointId) error {
	short, cancel := context.WithTimeout(ctx, x.config.WriteTimeout)
	defer cancel()
	_, err := x.server.points().Delete(short, &pb.DeletePoints{
		CollectionName: x.collection, Wait: pb.PtrOf(true), Points: pb.NewPointsSelectorIDs(ids),
	})
	if isCode(err, codes.NotFound) {
		return nil // a collection that does not exist holds none of them
	}
	return x.server.failure(ctx, "deleting entries", x.config.WriteTimeout, err)
}

// verify counts what the server holds.
func (x *Index) verify(ctx context.Context, want int) error {
	short, cancel := context.WithTimeout(ctx, x.config.WriteTimeout)
	defer cancel()
	answer, err := x.server.points().Count(short, &pb.CountPoints{CollectionName: x.collection, Exact: pb.PtrOf(true)})
	if err != nil {
		return x.server.failure(ctx, "counting entries", x.config.WriteTimeout, err)
	}
	if got := answer.GetResult().GetCount(); got != uint64(want) {
		return fmt.Errorf("%w: collection %s at %s holds %d entries after %d were written", index.ErrUnavailable, x.collection, x.config.Address, got, want)
	}
	return nil
}
