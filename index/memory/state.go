package memory

import (
	"slices"

	"github.com/semroute/semroute/index"
)

const (
	// A base is made anew when more than an eighth of it has changed, or when
	// so many rows of the delta would slow every search down.
	changedShare = 8
	maxDelta     = 16384
)

// state is one immutable, complete content of the index, as in a log-structured
// tree: a large base segment, a small delta segment of what was added since, and
// marks of what was deleted from the base. Rows are counted through both segments.
type state struct {
	exactRows    int32 // a base of more rows gets lists
	base         *segment
	delta        *segment // entries added or replaced since
	deleted      bitmap   // positions of base that were replaced or deleted
	deletedCount int32
}

func emptyState(dimension int, exactRows int32) *state {
	none := emptySegment(dimension)
	return &state{exactRows: exactRows, base: none, delta: none}
}

func (st *state) size() int32 { return st.base.size() - st.deletedCount + st.delta.size() }

// at returns the segment of a row and the row's place in it.
func (st *state) at(row int32) (*segment, int32) {
	if n := st.base.size(); row >= n {
		return st.delta, row - n
	}
	return st.base, row
}

func (st *state) key(row int32) index.Key {
	s, row := st.at(row)
	return s.key(row)
}

func (st *state) vector(row int32) []float32 {
	s, row := st.at(row)
	return s.vector(row)
}

// compareRows orders rows as their keys are.
func (st *state) compareRows(a, b int32) int {
	if n := st.base.size(); (a < n) == (b < n) {
		return int(a) - int(b)
	}
	return compareKeys(st.key(a), st.key(b))
}

// with returns the state after an upsert of entries, which are ordered by key.
func (st *state) with(entries []index.Entry) *state {
	next := *st
	next.deleted = slices.Clone(st.deleted)
	for _, e := range entries {
		next.markDeleted(e.Key)
	}
	next.delta = merge(st.delta, entries)
	return next.compacted()
}

// without returns the state without keys; the same state when it holds none.
func (st *state) without(keys []index.Key) *state {
	next := *st
	next.deleted = slices.Clone(st.deleted)
	gone := make(map[int32]bool)
	for _, k := range keys {
		next.markDeleted(k)
		if row, ok := st.delta.find(k); ok {
			gone[row] = true
		}
	}
	if len(gone) == 0 && next.deletedCount == st.deletedCount {
		return st
	}
	if len(gone) > 0 {
		b := newBuilder(st.delta.dimension, st.delta.size()-int32(len(gone)))
		for row := range st.delta.size() {
			if !gone[row] {
				b.copy(st.delta, row)
			}
		}
		next.delta = b.done()
	}
	return next.compacted()
}

// markDeleted marks the row of key in the base as deleted.
func (st *state) markDeleted(key index.Key) {
	row, ok := st.base.find(key)
	if !ok {
		return
	}
	if st.deleted == nil {
		st.deleted = newBitmap(st.base.size())
	}
	if st.deleted.set(st.base.position(row)) {
		st.deletedCount++
	}
}

// compacted makes the base anew where too much has changed.
func (st *state) compacted() *state {
	changed := int64(st.delta.size()) + int64(st.deletedCount)
	if changed*changedShare <= int64(st.base.size()) && st.delta.size() <= maxDelta {
		return st
	}
	base, members := st.delta, []int32(nil)
	if st.size() != st.delta.size() {
		base, members = st.mergedRows()
	}
	return &state{
		exactRows: st.exactRows,
		base:      buildBase(base, st.base, members, st.exactRows),
		delta:     emptySegment(base.dimension),
	}
}

// mergedRows returns all live rows as one segment without lists, and, where the
// base has lists, the list that each row is in.
func (st *state) mergedRows() (*segment, []int32) {
	b := newBuilder(st.base.dimension, st.size())
	var members []int32
	st.each(func(s *segment, row int32) {
		b.copy(s, row)
		switch {
		case s.ivf != nil:
			members = append(members, s.ivf.of(s.position(row)))
		case st.base.ivf != nil:
			members = append(members, unassigned)
		}
	})
	return b.done(), members
}

// each visits all live rows in key order.
func (st *state) each(visit func(s *segment, row int32)) {
	delta, deltaRows := int32(0), st.delta.size()
	for row := range st.base.size() {
		if st.deleted.has(st.base.position(row)) {
			continue
		}
		if delta < deltaRows {
			key := st.base.key(row)
			for ; delta < deltaRows && compareKeys(st.delta.key(delta), key) < 0; delta++ {
				visit(st.delta, delta)
			}
		}
		visit(st.base, row)
	}
	for ; delta < deltaRows; delta++ {
		visit(st.delta, delta)
	}
}

// merge returns the rows of old and the entries, both ordered by key; of equal
// keys the entry stays.
func merge(old *segment, entries []index.Entry) *segment {
	b := newBuilder(old.dimension, old.size()+int32(len(entries)))
	row, rows := int32(0), old.size()
	for _, e := range entries {
		for ; row < rows; row++ {
			order := compareKeys(old.key(row), e.Key)
			if order == 0 {
				row++
				break
			}
			if order > 0 {
				break
			}
			b.copy(old, row)
		}
		b.add(e)
	}
	for ; row < rows; row++ {
		b.copy(old, row)
	}
	return b.done()
}

// keys lists all keys in order.
func (st *state) keys() []index.Key {
	out := make([]index.Key, 0, st.size())
	st.each(func(s *segment, row int32) { out = append(out, s.key(row)) })
	return out
}

// entries lists everything in key order. The vectors are copied where they are
// mapped, because the caller may keep them longer than the file is.
func (st *state) entries() []index.Entry {
	out := make([]index.Entry, 0, st.size())
	st.each(func(s *segment, row int32) {
		v := s.vector(row)
		if s.mapped != nil {
			v = slices.Clone(v)
		}
		out = append(out, index.Entry{Key: s.key(row), Vector: v})
	})
	st.keepMapped()
	return out
}

// keepMapped marks the end of a use of the vectors.
func (st *state) keepMapped() {
	st.base.mapped.Keep()
	st.delta.mapped.Keep()
}
