package qdrant

import (
	"bytes"
	"slices"
	"sort"

	"github.com/google/uuid"

	"github.com/semroute/semroute/index"
)

// maxTexts is up to how many entries their texts are held in process, beside
// their ids, so that a search reads none from the server. An entry with an
// utterance of 50 bytes takes 114 bytes then, and 17 without its text (see
// BenchmarkState), so this bounds them at 240 MB.
const maxTexts = 2 << 20

// state is which points of the collection an index holds: its own, whatever
// else is stored there. It never changes; a write makes a new one.
type state struct {
	// complete says that it may be searched.
	complete bool
	ids      []uuid.UUID // in order
	// revised are the ids of the entries that are not a first revision.
	revised map[index.Key]uuid.UUID

	// Of more entries than limit, texts are not held: these are nil then.
	keys     []index.Key // beside ids
	perRoute map[string]int
	limit    int
}

// newState sorts ids, and keys beside them, in place; keys are nil where there
// are too many to hold.
func newState(complete bool, ids []uuid.UUID, keys []index.Key, revised map[index.Key]uuid.UUID, limit int) *state {
	s := &state{complete: complete, ids: ids, keys: keys, revised: revised, limit: limit}
	if len(ids) > limit {
		s.keys = nil
	}
	if !sort.IsSorted(byID{s}) {
		sort.Sort(byID{s})
	}
	if s.keys != nil || len(ids) == 0 {
		s.perRoute = make(map[string]int)
		for i := range s.keys {
			s.perRoute[s.keys[i].Route]++
		}
	}
	return s
}

type byID struct{ *state }

func (s byID) Len() int           { return len(s.ids) }
func (s byID) Less(i, j int) bool { return compareIDs(s.ids[i], s.ids[j]) < 0 }
func (s byID) Swap(i, j int) {
	s.ids[i], s.ids[j] = s.ids[j], s.ids[i]
	if s.keys != nil {
		s.keys[i], s.keys[j] = s.keys[j], s.keys[i]
	}
}

func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }

// place is where the point stands in ids.
func (s *state) place(id uuid.UUID) (int, bool) {
	return slices.BinarySearchFunc(s.ids, id, compareIDs)
}

func (s *state) has(id uuid.UUID) bool {
	_, ok := s.place(id)
	return ok
}

// idOf is the point of the key, if it is held.
func (s *state) idOf(k index.Key) (uuid.UUID, bool) {
	if id, ok := s.revised[k]; ok {
		return id, true
	}
	id := pointID(k, 0)
	return id, s.has(id)
}

// offers is how many entries a search may find at most; false where that is not
// known without asking the server.
func (s *state) offers(routes []string) (int, bool) {
	if len(routes) == 0 {
		return len(s.ids), true
	}
	if s.perRoute == nil {
		return 0, false
	}
	n := 0
	for i, route := range routes {
		if !slices.Contains(routes[:i], route) {
			n += s.perRoute[route]
		}
	}
	return n, true
}

// member is a point and the entry that it stands for.
type member struct {
	id  uuid.UUID
	key index.Key
}

// edited is the state without some points and with others, complete.
func (s *state) edited(drop map[uuid.UUID]bool, add []member) *state {
	n := len(s.ids) - len(drop) + len(add)
	ids := make([]uuid.UUID, 0, n)
	withTexts := n <= s.limit && (s.keys != nil || len(s.ids) == 0)
	var keys []index.Key
	if withTexts {
		keys = make([]index.Key, 0, n)
	}
	for i, id := range s.ids {
		if drop[id] {
			continue
		}
		ids = append(ids, id)
		if withTexts {
			keys = append(keys, s.keys[i])
		}
	}
	revised := make(map[index.Key]uuid.UUID)
	for k, id := range s.revised {
		if !drop[id] {
			revised[k] = id
		}
	}
	for _, m := range add {
		ids = append(ids, m.id)
		if withTexts {
			keys = append(keys, m.key)
		}
		if m.id != pointID(m.key, 0) {
			revised[m.key] = m.id
		}
	}
	return newState(true, ids, keys, revised, s.limit)
}
