// Package index is the contract of nearest-neighbour search over utterance
// vectors. index/memory holds them in process, index/qdrant in a Qdrant
// server; both pass the suite in index/indextest. An index stores and finds;
// it never embeds and never decides.
package index

import (
	"context"
	"errors"
)

// Key names an entry: a route holds an utterance at most once. Both are UTF-8
// of any content; an utterance is never empty, a route may be.
type Key struct {
	Route     string
	Utterance string
}

// Entry is one labelled utterance with its unit vector.
type Entry struct {
	Key
	Vector []float32
}

// Index finds the nearest entries by cosine similarity. It is opened for one
// embedder fingerprint and dimension, and never mixes vectors of two
// embedders. All methods are safe for concurrent use.
//
// An index holds a state: what was stored when it was opened, changed by its own
// writes. A search runs on one state, whole: Replace, Upsert and Delete each
// move from one to the next in one step, once all is written. A write that
// fails leaves the state as it was. Where several share a server, what others
// write or remove does not change a state; an index opened later has it.
type Index interface {
	// Search returns up to K matches, best first; equal similarities are
	// ordered by route, then utterance. An index without entries returns
	// ErrEmpty.
	Search(ctx context.Context, q Query) ([]Match, error)
	// Entries returns all that is held, ordered by route, then utterance.
	// Vectors are the caller's to read, not to change.
	Entries(ctx context.Context) ([]Entry, error)
	// Replace makes the index hold exactly these entries.
	Replace(ctx context.Context, entries []Entry) error
	// Upsert adds entries or replaces those with the same key. Where filling an
	// index was interrupted, one that is opened after it shows by Entries what
	// arrived, Search does not, and Upsert, also of no entries at all, says that
	// it is now complete.
	Upsert(ctx context.Context, entries []Entry) error
	// Delete removes the keyed entries; a key that is not held is no error.
	Delete(ctx context.Context, keys []Key) error
	// Dimension is the length of every vector.
	Dimension() int
	// Close frees what the index holds.
	Close() error
}

// RouteSearcher is an Index that searches inside each of a list of routes at
// once, without a list of matches for all of them. Implementing it is optional.
type RouteSearcher interface {
	// SearchRoutes fills answer, whose slices it reuses. Routes that are not held
	// have no neighbours. An index without entries returns ErrEmpty.
	SearchRoutes(answer *RouteAnswer, q RouteQuery) error
}

// KeyLister is an Index that can list its keys at less cost than its entries.
// Implementing it is optional.
type KeyLister interface {
	// Keys are those of all entries, in no order.
	Keys(ctx context.Context) ([]Key, error)
}

// Narrower is an Index that several may share, of which some only look on.
// Implementing it is optional.
type Narrower interface {
	// LeaveOut moves to a state without these keys. Nothing is removed: an index
	// opened later holds them. Delete removes also what was left out.
	LeaveOut(keys []Key)
}

// Errors that every implementation wraps where they apply.
var (
	// ErrEmpty: there is nothing to search.
	ErrEmpty = errors.New("index is empty")
	// ErrDimension: a vector has another length than the index.
	ErrDimension = errors.New("vector has the wrong dimension")
	// ErrInvalid: a vector is not a finite unit vector, a key is not usable, or
	// K is out of range.
	ErrInvalid = errors.New("invalid index request")
	// ErrDuplicate: one call carries the same key twice.
	ErrDuplicate = errors.New("duplicate entry")
	// ErrUnreachable: the index server does not answer; the text names its
	// address.
	ErrUnreachable = errors.New("index server is unreachable")
	// ErrUnavailable: the index server answered with a failure.
	ErrUnavailable = errors.New("index server failed")
	// ErrLost: entries that the index holds are gone from its server. Filling it
	// again brings them back: Replace, or opening it anew.
	ErrLost = errors.New("index server lost entries")
	// ErrClosed: the index was closed.
	ErrClosed = errors.New("index is closed")
)
