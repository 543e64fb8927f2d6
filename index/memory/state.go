package memory

import (
	"slices"

	"github.com/semroute/semroute/index"
)

const (
	// A base is made anew when more than an eighth of it has changed, or when
	// so many fresh rows would slow every search down.
	changedShare = 8
	maxFresh     = 16384
)

// state is one immutable, complete content of the index: a large base and what
// has changed since it was made. Rows are counted through both.
type state struct {
	exactRows int32 // a base of more rows gets lists
	base      *segment
	fresh     *segment // entries added or replaced since
	dead      bitmap   // positions of base that were replaced or deleted
	deadCount int32
}

func emptyState(dimension int, exactRows int32) *state {
	none := emptySegment(dimension)
	return &state{exactRows: exactRows, base: none, fresh: none}
}

func (st *state) size() int32 { return st.base.size() - st.deadCount + st.fresh.size() }

// at returns the segment of a row and the row's place in it.
func (st *state) at(row int32) (*segment, int32) {
	if n := st.base.size(); row >= n {
		return st.fresh, row - n
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
	next.dead = slices.Clone(st.dead)
	for _, e := range entries {
		next.kill(e.Key)
	}
	next.fresh = merge(st.fresh, entries)
	return next.settled()
}

// without returns the state without keys; the same state when it holds none.
func (st *state) without(keys []index.Key) *state {
	next := *st
	next.dead = slices.Clone(st.dead)
	gone := make(map[int32]bool)
	for _, k := range keys {
		next.kill(k)
		if row, ok := st.fresh.find(k); ok {
			gone[row] = true
		}
	}
	if len(gone) == 0 && next.deadCount == st.deadCount {
		return st
	}
	if len(gone) > 0 {
		b := newBuilder(st.fresh.dimension, st.fresh.size()-int32(len(gone)))
		for row := range st.fresh.size() {
			if !gone[row] {
				b.copy(st.fresh, row)
			}
		}
		next.fresh = b.done()
	}
	return next.settled()
}

// kill marks the row of key in the base as dead.
func (st *state) kill(key index.Key) {
	row, ok := st.base.find(key)
	if !ok {
		return
	}
	if st.dead == nil {
		st.dead = newBitmap(st.base.size())
	}
	if st.dead.set(st.base.position(row)) {
		st.deadCount++
	}
}

// settled makes the base anew where too much has changed.
func (st *state) settled() *state {
	changed := int64(st.fresh.size()) + int64(st.deadCount)
	if changed*changedShare <= int64(st.base.size()) && st.fresh.size() <= maxFresh {
		return st
	}
	base, members := st.fresh, []int32(nil)
	if st.size() != st.fresh.size() {
		base, members = st.joined()
	}
	return &state{
		exactRows: st.exactRows,
		base:      organize(base, st.base, members, st.exactRows),
		fresh:     emptySegment(base.dimension),
	}
}

// joined returns all live rows as one segment without lists, and, where the
// base has lists, the list that each row is in.
func (st *state) joined() (*segment, []int32) {
	b := newBuilder(st.base.dimension, st.size())
	var members []int32
	st.each(func(s *segment, row int32) {
		b.copy(s, row)
		switch {
		case s.lists != nil:
			members = append(members, s.lists.of(s.position(row)))
		case st.base.lists != nil:
			members = append(members, noList)
		}
	})
	return b.done(), members
}

// each visits all live rows in key order.
func (st *state) each(visit func(s *segment, row int32)) {
	fresh, freshRows := int32(0), st.fresh.size()
	for row := range st.base.size() {
		if st.dead.has(st.base.position(row)) {
			continue
		}
		if fresh < freshRows {
			key := st.base.key(row)
			for ; fresh < freshRows && compareKeys(st.fresh.key(fresh), key) < 0; fresh++ {
				visit(st.fresh, fresh)
			}
		}
		visit(st.base, row)
	}
	for ; fresh < freshRows; fresh++ {
		visit(st.fresh, fresh)
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
	st.fresh.mapped.Keep()
}
