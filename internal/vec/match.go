package vec

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
