// Package memory is the index in process. It promises exact answers by SIMD
// scan up to a size that was measured, allocation-free search, readers that
// never wait for a writer, and, with a path, a snapshot on disk from which a
// restart with an unchanged catalog embeds nothing. It leaves to its callers
// to embed, and to a server index what outgrows one machine.
//
// A search first scans the vectors in 8 bits (scalar quantisation), keeps every
// entry that the worst quantisation error could still lift among the best, and
// ranks those again in float32: the answer is the one that a float32 scan of
// everything gives. Beyond Config.ExactRows it scans, in the same way, the
// inverted lists (IVF) that a measured number of probes selects.
package memory

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/semroute/semroute/index"
)

var (
	// ErrCorrupt: the snapshot file cannot be used. Discard removes it; the
	// index is then built again from the catalog.
	ErrCorrupt = errors.New("index snapshot is damaged")
	// ErrNotKept: the snapshot file cannot be written or removed.
	ErrNotKept = errors.New("index snapshot cannot be written")
)

const (
	// maxDimension keeps 8-bit sums within 32 bits.
	maxDimension = 65536
	// maxRows keeps row numbers within 32 bits, with room to count further.
	maxRows = 1 << 30
)

// Config says what Open opens.
type Config struct {
	// Path is the snapshot file; empty keeps the index in memory only.
	Path string
	// Fingerprint identifies the embedder whose vectors the index holds. A
	// snapshot of another fingerprint or dimension is left unread, and
	// overwritten by the first change.
	Fingerprint string
	// Dimension is the length of every vector, from 1 to 65536.
	Dimension int
	// ExactRows is up to how many entries a search looks at every one of them.
	// Beyond, it finds at least 99 of 100 nearest entries by looking at some;
	// 0 is the default of 50,000, a negative number means always exact.
	ExactRows int
}

const defaultExactRows = 50000

// Index is the index in process; it is safe for concurrent use. Searches and
// Entries run on an immutable state, which a write replaces as a whole.
type Index struct {
	config  Config
	state   atomic.Pointer[state] // nil once closed
	scratch sync.Pool             // of *scratch
	writing sync.Mutex            // held by the one writer
	store   *store                // the writer's; nil without a path
}

var _ index.Index = (*Index)(nil)

// Open returns the index of config, with the entries of its snapshot where
// there is one. It reports ErrCorrupt for a snapshot that cannot be used.
func Open(config Config) (*Index, error) {
	if config.Dimension < 1 || config.Dimension > maxDimension {
		return nil, fmt.Errorf("%w: dimension %d, it must be from 1 to %d", index.ErrInvalid, config.Dimension, maxDimension)
	}
	st := emptyState(config.Dimension, config.exactRows())
	x := &Index{config: config}
	if config.Path != "" {
		x.store = &store{config: config}
		held, err := x.store.load()
		if err != nil {
			return nil, err
		}
		if held != nil {
			st = held
		}
	}
	x.scratch.New = func() any { return newScratch(config.Dimension) }
	x.publish(st)
	return x, nil
}

// publish puts a state in place for all searches that start from now on.
func (x *Index) publish(st *state) {
	st.base.fillResiduals()
	st.delta.fillResiduals()
	x.state.Store(st)
}

func (c Config) exactRows() int32 {
	switch {
	case c.ExactRows < 0 || c.ExactRows > maxRows:
		return maxRows
	case c.ExactRows == 0:
		return defaultExactRows
	default:
		return int32(c.ExactRows)
	}
}

// Dimension is the length of every vector.
func (x *Index) Dimension() int { return x.config.Dimension }

// Search implements index.Index. Its only allocation is the answer.
func (x *Index) Search(ctx context.Context, q index.Query) ([]index.Match, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("memory index: %w", err)
	}
	return x.SearchInto(nil, q)
}

// SearchInto is Search into dst, whose content is overwritten and whose room
// is used before any is allocated. The strings of the matches are shared.
func (x *Index) SearchInto(dst []index.Match, q index.Query) ([]index.Match, error) {
	st := x.state.Load()
	if st == nil {
		return nil, index.ErrClosed
	}
	if err := index.CheckQuery(q, x.config.Dimension); err != nil {
		return nil, err
	}
	if st.size() == 0 {
		return nil, index.ErrEmpty
	}
	sc := x.scratch.Get().(*scratch)
	st.search(sc, q)
	dst = st.matches(dst[:0], sc.best.items)
	x.scratch.Put(sc)
	return dst, nil
}

// Entries implements index.Index. The vectors stay valid after Close.
func (x *Index) Entries(ctx context.Context) ([]index.Entry, error) {
	st := x.state.Load()
	if st == nil {
		return nil, index.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("memory index: %w", err)
	}
	return st.entries(), nil
}

// Keys returns the keys of all that is held, ordered by route, then utterance.
// It costs a fraction of Entries, which copies the vectors of a snapshot.
func (x *Index) Keys(ctx context.Context) ([]index.Key, error) {
	st := x.state.Load()
	if st == nil {
		return nil, index.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("memory index: %w", err)
	}
	return st.keys(), nil
}

// Close implements index.Index. Searches under way end undisturbed. Closing
// twice reports ErrClosed.
func (x *Index) Close() error {
	x.writing.Lock()
	defer x.writing.Unlock()
	if x.state.Swap(nil) == nil {
		return index.ErrClosed
	}
	return nil
}
