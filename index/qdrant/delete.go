package qdrant

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/semroute/semroute/index"
)

// Delete implements index.Index.
func (x *Index) Delete(ctx context.Context, keys []index.Key) error {
	if err := x.usable(ctx); err != nil {
		return err
	}
	if err := index.CheckKeys(keys); err != nil {
		return err
	}
	x.writing.Lock()
	defer x.writing.Unlock()
	before := x.state.Load()
	drop := before.points(keys)
	var ids []uuid.UUID
	for _, id := range drop {
		ids = append(ids, id)
	}
	for _, k := range keys {
		ids = append(ids, x.leftOut[k]...)
	}
	if err := x.markRemoved(ctx, ids); err != nil {
		return err
	}
	for _, k := range keys {
		delete(x.leftOut, k)
	}
	x.state.Store(before.without(drop))
	return nil
}

// leftOut are points that an index does not hold and that are not removed.
type leftOut map[index.Key][]uuid.UUID

func (l leftOut) add(k index.Key, id uuid.UUID) {
	if !slices.Contains(l[k], id) {
		l[k] = append(l[k], id)
	}
}

// LeaveOut implements index.Narrower.
func (x *Index) LeaveOut(keys []index.Key) {
	x.writing.Lock()
	defer x.writing.Unlock()
	before := x.state.Load()
	drop := before.points(keys)
	for k, id := range drop {
		x.leftOut.add(k, id)
	}
	x.state.Store(before.without(drop))
}

// heldAgain takes points off that an index holds now.
func (l leftOut) heldAgain(members []member) {
	for _, m := range members {
		if l[m.key] = slices.DeleteFunc(l[m.key], func(id uuid.UUID) bool { return id == m.id }); len(l[m.key]) == 0 {
			delete(l, m.key)
		}
	}
}

// points are those of the keys that the state holds.
func (s *state) points(keys []index.Key) map[index.Key]uuid.UUID {
	out := make(map[index.Key]uuid.UUID, len(keys))
	for _, k := range keys {
		if id, ok := s.idOf(k); ok {
			out[k] = id
		}
	}
	return out
}

// without is the state without some points; it is as complete as it was.
func (s *state) without(points map[index.Key]uuid.UUID) *state {
	if len(points) == 0 {
		return s
	}
	drop := make(map[uuid.UUID]bool, len(points))
	for _, id := range points {
		drop[id] = true
	}
	next := s.edited(drop, nil)
	next.complete = s.complete
	return next
}
