package memory

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/semroute/semroute/index"
)

// Replace implements index.Index. When the snapshot cannot be written it
// reports why and nothing has changed; so do Upsert and Delete.
func (x *Index) Replace(ctx context.Context, entries []index.Entry) error {
	if err := index.CheckEntries(entries, x.config.Dimension); err != nil {
		return err
	}
	return x.change(ctx, func(*state) *state {
		return emptyState(x.config.Dimension, x.config.exactRows()).with(sorted(entries))
	})
}

// Upsert implements index.Index.
func (x *Index) Upsert(ctx context.Context, entries []index.Entry) error {
	if err := index.CheckEntries(entries, x.config.Dimension); err != nil {
		return err
	}
	return x.change(ctx, func(st *state) *state {
		if len(entries) == 0 {
			return st
		}
		return st.with(sorted(entries))
	})
}

// Delete implements index.Index.
func (x *Index) Delete(ctx context.Context, keys []index.Key) error {
	if err := index.CheckKeys(keys); err != nil {
		return err
	}
	return x.change(ctx, func(st *state) *state { return st.without(keys) })
}

// change makes the next state out of the present one, saves it and puts it in
// place. A step that gives the same state back changes nothing.
func (x *Index) change(ctx context.Context, step func(*state) *state) error {
	x.writing.Lock()
	defer x.writing.Unlock()
	now := x.state.Load()
	if now == nil {
		return index.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("memory index: %w", err)
	}
	next := step(now)
	if next == now {
		return nil
	}
	if x.store != nil {
		saved, err := x.store.save(next)
		if err != nil {
			return err
		}
		next = saved
	}
	x.publish(next)
	return nil
}

// sorted returns the entries ordered by key, in a slice of its own.
func sorted(entries []index.Entry) []index.Entry {
	out := slices.Clone(entries)
	slices.SortFunc(out, func(a, b index.Entry) int { return compareKeys(a.Key, b.Key) })
	return out
}

func compareKeys(a, b index.Key) int {
	if c := strings.Compare(a.Route, b.Route); c != 0 {
		return c
	}
	return strings.Compare(a.Utterance, b.Utterance)
}
