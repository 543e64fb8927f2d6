package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/routes"
)

// Progress is told how far long work has come.
type Progress func(what string, done, total int)

// Synced is an index that holds at least the catalog's utterances.
type Synced struct {
	// Utterances counts those of the catalog, Embedded those of them that had
	// to be embedded.
	Utterances, Embedded int
	// Stale are stored but no longer wanted. Searches leave them out, and Prune
	// removes them.
	Stale []index.Key
	// Added are the embedded ones where others search the same index already.
	Added []index.Key
	// Failed are utterances of the catalog that could not be embedded although
	// the embedder works. They are not in the index, and tried again by the next
	// build.
	Failed []FailedUtterance

	index   index.Index
	entries []index.Entry // nil where they were not needed yet
}

// Sync brings the index up to date: it embeds what is missing, also in the indexes
// of others, whose vectors are of the same embedder, and nothing else. An index
// that holds nothing yet is filled in one step, so that nobody ever searches half
// of it. Where nothing has changed no vector is read.
func Sync(ctx context.Context, idx index.Index, embedder embed.Embedder, catalog *routes.Catalog, others []index.Index, progress Progress) (Synced, error) {
	s := Synced{index: idx}
	held, err := s.held(ctx)
	if err != nil {
		return Synced{}, err
	}
	missing, stale := index.Plan(held, keys(catalog))
	known, missing, err := lookUp(ctx, others, missing)
	if err != nil {
		return Synced{}, err
	}
	fresh, failed, err := embedKeys(ctx, embedder, missing, progress)
	if err != nil {
		return Synced{}, err
	}
	s.Failed, s.Embedded = failed, len(fresh)
	fresh = append(fresh, known...)
	s.Utterances, s.Stale = len(held)-len(stale)+len(fresh), stale
	if len(held) == 0 {
		s.entries = merge(nil, fresh, nil)
		err = idx.Replace(ctx, s.entries)
	} else { // of nothing too: it says that the index is complete
		if s.entries != nil {
			s.entries = merge(s.entries, fresh, stale)
		}
		s.Added = index.Keys(fresh)
		err = idx.Upsert(ctx, fresh)
	}
	if err != nil {
		return Synced{}, fmt.Errorf("writing the index: %w", err)
	}
	if shared, ok := idx.(index.Narrower); ok {
		shared.LeaveOut(stale)
	}
	return s, nil
}

// lookUp finds entries in other indexes, and the keys that none of them holds.
func lookUp(ctx context.Context, in []index.Index, keys []index.Key) (found []index.Entry, missing []index.Key, err error) {
	wanted := make(map[index.Key]bool, len(keys))
	for _, key := range keys {
		wanted[key] = true
	}
	for _, idx := range in {
		if len(wanted) == 0 {
			break
		}
		held, err := idx.Entries(ctx)
		if err != nil {
			return nil, nil, fmt.Errorf("reading the vectors of an earlier generation: %w", err)
		}
		for _, entry := range held {
			if wanted[entry.Key] {
				delete(wanted, entry.Key)
				found = append(found, entry)
			}
		}
	}
	return found, slices.DeleteFunc(slices.Clone(keys), func(key index.Key) bool { return !wanted[key] }), nil
}

// held are the keys in the index, and its entries where those come along.
func (s *Synced) held(ctx context.Context) (held []index.Key, err error) {
	if lister, ok := s.index.(index.KeyLister); ok {
		held, err = lister.Keys(ctx)
	} else {
		s.entries, err = s.index.Entries(ctx)
		held = index.Keys(s.entries)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the index: %w", err)
	}
	return held, nil
}

// Entries are the catalog's utterances with their vectors, ordered by route,
// then utterance.
func (s *Synced) Entries(ctx context.Context) ([]index.Entry, error) {
	if s.entries != nil {
		return s.entries, nil
	}
	held, err := s.index.Entries(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the index: %w", err)
	}
	return merge(held, nil, s.Stale), nil
}

// release lets go of the vectors that filling the index and training took; the
// index has its own.
func (s *Synced) release() { s.entries = nil }

// keys are all utterances of the catalog.
func keys(catalog *routes.Catalog) []index.Key {
	var all []index.Key
	for i := range catalog.Routes {
		for _, u := range catalog.Routes[i].Utterances {
			all = append(all, index.Key{Route: catalog.Routes[i].Name, Utterance: u})
		}
	}
	return all
}

// merge is what is held and still wanted, and what is new, in order.
func merge(held, fresh []index.Entry, stale []index.Key) []index.Entry {
	gone := make(map[index.Key]bool, len(stale))
	for _, key := range stale {
		gone[key] = true
	}
	entries := make([]index.Entry, 0, len(held)+len(fresh)-len(stale))
	for _, e := range held {
		if !gone[e.Key] {
			entries = append(entries, e)
		}
	}
	entries = append(entries, fresh...)
	slices.SortFunc(entries, func(a, b index.Entry) int { return compareKeys(a.Key, b.Key) })
	return entries
}

// compareKeys orders by route, then utterance.
func compareKeys(a, b index.Key) int {
	return cmp.Or(cmp.Compare(a.Route, b.Route), cmp.Compare(a.Utterance, b.Utterance))
}
