package embed

import "sync/atomic"

// Batch is what an embedder answers for a list of texts: Vectors[i] is the
// unit vector of text i, and Truncated[i] says that only the beginning of
// text i was read because the whole was longer than the model takes. Cached
// is nil, or says which vectors were remembered from an earlier call. Vectors
// may be shared: they are to be read, never changed.
type Batch struct {
	Vectors   [][]float32
	Truncated []bool
	Cached    []bool
}

// Embedded is one text's part of a Batch.
type Embedded struct {
	Vector            []float32
	Truncated, Cached bool
	// Memo is nil unless the vector is remembered.
	Memo *Memo
}

// Memo is a place beside a remembered vector for what was made of it, and goes
// when the vector does. It is safe for concurrent use; the zero value is empty.
type Memo struct{ kept atomic.Pointer[any] }

// Load returns what was kept last, nil at first.
func (m *Memo) Load() any {
	if kept := m.kept.Load(); kept != nil {
		return *kept
	}
	return nil
}

// Store keeps v in place of what was there. It is not to be changed afterwards.
func (m *Memo) Store(v any) { m.kept.Store(&v) }

// At is text i's part.
func (b *Batch) At(i int) Embedded {
	return Embedded{Vector: b.Vectors[i], Truncated: b.Truncated[i], Cached: b.Cached != nil && b.Cached[i]}
}
