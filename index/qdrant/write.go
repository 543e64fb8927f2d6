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

const (
	// A batch ends at so many points, or where it would weigh more.
	batchPoints = 512
	batchBytes  = 2 << 20
	// getBatch is how many points are read by id at once.
	getBatch = 1000
	// sameVector is how far components may be apart that differ by rounding:
	// the server normalises again what it is given.
	sameVector = 1e-6
)

// Replace implements index.Index. Interrupted, it leaves this index as it was;
// one opened later may hold entries of both states, which the next Replace, or
// Upsert and Delete, make right.
func (x *Index) Replace(ctx context.Context, entries []index.Entry) error {
	return x.write(ctx, entries, true)
}

// Upsert implements index.Index. Interrupted, it leaves this index as it was;
// one opened later may hold a part of the entries.
func (x *Index) Upsert(ctx context.Context, entries []index.Entry) error {
	return x.write(ctx, entries, false)
}

// write adds what is not held, lists what goes as removed, and moves on to the
// new state when all that is done.
func (x *Index) write(ctx context.Context, entries []index.Entry, replace bool) error {
	if err := x.usable(ctx); err != nil {
		return err
	}
	if err := index.CheckEntries(entries, x.config.Dimension); err != nil {
		return err
	}
	x.writing.Lock()
	defer x.writing.Unlock()
	before := x.state.Load()
	if before.complete && len(entries) == 0 && (!replace || len(before.ids) == 0) {
		return nil
	}
	if !before.complete || replace {
		if err := x.create(ctx); err != nil {
			return err
		}
	}
	removed, err := x.removed(ctx)
	if err != nil {
		return err
	}
	if err := x.sweep(ctx, before, removed); err != nil {
		return err
	}
	plan, err := x.plan(ctx, before, entries, removed)
	if err != nil {
		return err
	}
	if replace {
		plan.dropOthers(before, x.leftOut)
	}
	return x.apply(ctx, before, plan, replace)
}

// apply carries out a plan. A former vector is listed as removed before its new
// one is written, so that no two points ever have one key; all else that goes is
// listed last.
func (x *Index) apply(ctx context.Context, before *state, p *plan, replace bool) error {
	if err := x.markRemoved(ctx, p.old); err != nil {
		return err
	}
	if err := x.insert(ctx, p.insert); err != nil {
		return err
	}
	if err := x.markRemoved(ctx, slices.Concat(p.others, p.out)); err != nil {
		return err
	}
	drop := make(map[uuid.UUID]bool, len(p.old)+len(p.others))
	for _, id := range slices.Concat(p.old, p.others) {
		drop[id] = true
	}
	next := before.edited(drop, p.add)
	if !before.complete || x.lost.Load() {
		if err := x.verify(ctx, next); err != nil {
			return err
		}
	}
	if !before.complete || replace {
		if err := x.putIntoService(ctx, before.complete); err != nil {
			return err
		}
	}
	x.state.Store(next)
	x.lost.Store(false)
	if replace {
		clear(x.leftOut)
	}
	x.leftOut.heldAgain(p.add)
	return nil
}

// insert writes points in batches.
func (x *Index) insert(ctx context.Context, points []insertion) error {
	var batch []*pb.PointStruct
	weight := 0
	for _, p := range points {
		size := 4*len(p.entry.Vector) + len(p.entry.Route) + len(p.entry.Utterance)
		if len(batch) == batchPoints || len(batch) > 0 && weight+size > batchBytes {
			if err := x.insertBatch(ctx, batch); err != nil {
				return err
			}
			batch, weight = nil, 0
		}
		batch = append(batch, point(p.id, p.entry))
		weight += size
	}
	if len(batch) == 0 {
		return nil
	}
	return x.insertBatch(ctx, batch)
}

func point(id uuid.UUID, e index.Entry) *pb.PointStruct {
	return &pb.PointStruct{
		Id:      pb.NewIDUUID(id.String()),
		Vectors: pb.NewVectorsDense(e.Vector),
		Payload: map[string]*pb.Value{
			routeField:     pb.NewValueString(e.Route),
			utteranceField: pb.NewValueString(e.Utterance),
		},
	}
}

// insertBatch leaves points alone that another process has written already:
// overwriting moves them, and a search may miss what moves.
func (x *Index) insertBatch(ctx context.Context, points []*pb.PointStruct) error {
	short, cancel := context.WithTimeout(ctx, x.config.WriteTimeout)
	defer cancel()
	_, err := x.server.points().Upsert(short, &pb.UpsertPoints{
		CollectionName: x.collection, Wait: pb.PtrOf(true), Points: points, UpdateMode: pb.UpdateMode_InsertOnly.Enum(),
	})
	if isCode(err, codes.NotFound) {
		return x.errLost("the collection was deleted")
	}
	return x.server.failure(ctx, "writing entries", x.config.WriteTimeout, err)
}

// verify asks whether the server holds all of a state.
func (x *Index) verify(ctx context.Context, s *state) error {
	missing, err := x.missing(ctx, s.ids)
	if err == nil && missing > 0 {
		err = fmt.Errorf("%w: collection %s at %s lacks %d of %d entries after they were written",
			index.ErrUnavailable, x.collection, x.config.Address, missing, len(s.ids))
	}
	return err
}
