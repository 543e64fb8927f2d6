package vec

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

// Match is one utterance found near a vector.
type Match struct {
	Route     string
	Utterance string
	// Similarity is the cosine of the two vectors, in [-1, 1].
	Similarity float32
}

// Query asks an index for the utterances nearest to Vector.
type Query struct {
	// Vector is a unit vector of the index's dimension.
	Vector []float32
	// K is how many matches are wanted, from 1 to index.MaxK.
	K int
	// Routes limits the search to these routes; empty means all. Routes that
	// the index does not hold are no error, they have no entries.
	Routes []string
}

// RouteQuery asks for the utterances nearest to Vector in each of Routes.
type RouteQuery struct {
	Vector []float32
	Routes []string
	// Numbers are beside Routes the places that they have in the order of all
	// route names, a hint where to look first; nil hints at nothing.
	Numbers []int32
	// PerRoute is how many of each route are wanted, at least 1.
	PerRoute int
	// Matches is how many of all these are wanted with their text.
	Matches int
}

// RouteAnswer is the answer to a RouteQuery. Its slices are reused by the next
// query that is given it.
type RouteAnswer struct {
	// Neighbours are ordered by route, then by similarity, best first.
	Neighbours []RouteNeighbour
	// Matches are the best of them, best first.
	Matches []Match
}

// RouteNeighbour is an utterance of the route at place Route in the query.
type RouteNeighbour struct {
	Route      int32
	Similarity float32
}
