package qdrant

import (
	"context"
	"math"
	"slices"

	"github.com/google/uuid"

	"github.com/semroute/semroute/index"
)

// plan is what a write has to do.
type plan struct {
	insert []insertion
	add    []member           // those of insert that the state does not hold
	kept   map[uuid.UUID]bool // held already and wanted
	old    []uuid.UUID        // held with another vector
	others []uuid.UUID        // held and not wanted
	out    []uuid.UUID        // left out and not wanted
}

// insertion is a point to write.
type insertion struct {
	id    uuid.UUID
	entry index.Entry
}

func (p *plan) addNew(e index.Entry, id uuid.UUID) {
	p.insert = append(p.insert, insertion{id, e})
	p.add = append(p.add, member{id, e.Key})
}

// plan finds out which entries are new, and which are held with another vector.
func (x *Index) plan(ctx context.Context, before *state, entries []index.Entry, removed map[uuid.UUID]removal) (*plan, error) {
	p := &plan{kept: make(map[uuid.UUID]bool)}
	var held []insertion
	for _, e := range entries {
		if id, ok := before.idOf(e.Key); ok {
			held = append(held, insertion{id, e})
		} else {
			p.addNew(e, nextID(e.Key, before, removed))
		}
	}
	for batch := range slices.Chunk(held, getBatch) {
		ids := make([]uuid.UUID, len(batch))
		for i := range batch {
			ids[i] = batch[i].id
		}
		found, err := x.get(ctx, ids, false, true)
		if err != nil {
			return nil, err
		}
		for _, h := range batch {
			_, gone := removed[h.id]
			there, ok := found[h.id]
			switch {
			case ok && !gone && sameDirection(vectorOf(there), h.entry.Vector):
				p.kept[h.id] = true
			case !ok && !gone: // lost by the server: every index that holds it has it back
				p.kept[h.id] = true
				p.insert = append(p.insert, h)
			default:
				p.old = append(p.old, h.id)
				p.addNew(h.entry, nextID(h.entry.Key, before, removed))
			}
		}
	}
	return p, nil
}

// dropOthers drops all that is stored and not wanted.
func (p *plan) dropOthers(before *state, out leftOut) {
	wanted := make(map[uuid.UUID]bool, len(p.old)+len(p.add))
	for _, id := range p.old {
		wanted[id] = true // dropped already
	}
	for _, m := range p.add {
		wanted[m.id] = true
	}
	for _, id := range before.ids {
		if !p.kept[id] && !wanted[id] {
			p.others = append(p.others, id)
		}
	}
	for _, ids := range out {
		for _, id := range ids {
			if !wanted[id] {
				p.out = append(p.out, id)
			}
		}
	}
}

// nextID is the first id of the key that no point has or had.
func nextID(k index.Key, held *state, removed map[uuid.UUID]removal) uuid.UUID {
	for revision := 0; ; revision++ {
		id := pointID(k, revision)
		if _, gone := removed[id]; !gone && !held.has(id) {
			return id
		}
	}
}

// sameDirection compares a vector that the server has normalised with one that
// may be a little off the length of one.
func sameDirection(held, given []float32) bool {
	if len(held) != len(given) {
		return false
	}
	length := 0.0
	for _, v := range given {
		length += float64(v) * float64(v)
	}
	length = math.Sqrt(length)
	for i := range held {
		if math.Abs(float64(held[i])-float64(given[i])/length) > sameVector {
			return false
		}
	}
	return true
}
