package index

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
	// K is how many matches are wanted, from 1 to MaxK.
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
