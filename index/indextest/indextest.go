// Package indextest is the contract of index.Index as a test suite. Every
// implementation passes it; what only one of them promises is tested beside
// that one.
package indextest

import (
	"hash/fnv"
	"math/rand/v2"
	"testing"

	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/internal/vec"
)

// Store is where a test keeps one index: a file, a prefix on a server.
type Store struct {
	// Open opens the index of an embedder in this store. To open it again after
	// Close is a restart.
	Open func(fingerprint string, dimension int) (index.Index, error)
	// Volatile says that nothing is left after Close.
	Volatile bool
}

// Run runs the suite; newStore gives a fresh, empty store for each test.
func Run(t *testing.T, newStore func(t *testing.T) Store) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, s Store)
	}{
		{"a new index is empty", newIndexIsEmpty},
		{"search returns the nearest, best first", searchReturnsTheNearest},
		{"search agrees with a plain scan", searchAgreesWithAPlainScan},
		{"equal similarities are ordered by route, then utterance", tiesAreOrdered},
		{"K larger than the index returns everything", largeK},
		{"routes limit the search", routesLimitTheSearch},
		{"replace leaves exactly the new entries", replaceLeavesExactlyTheNew},
		{"replace with nothing empties the index", replaceWithNothing},
		{"upsert adds and overwrites", upsertAddsAndOverwrites},
		{"delete removes what is held and ignores the rest", deleteRemoves},
		{"entries come in order with their vectors", entriesComeInOrder},
		{"the same utterance may stand in several routes", sameUtteranceInSeveralRoutes},
		{"any UTF-8 text is kept as it is", anyTextIsKept},
		{"the caller's vectors are copied", vectorsAreCopied},
		{"bad queries are refused", badQueries},
		{"bad entries are refused and change nothing", badEntries},
		{"an ended context stops every call", endedContext},
		{"a closed index says so", closedIndex},
		{"readers see whole states while a writer swaps them", readersAndAWriter},
		{"readers see whole states while a writer adds and deletes", readersWhileEntriesComeAndGo},
		{"a restart with the same embedder holds the entries", restart},
		{"after one changed utterance a restart misses exactly that one", restartWithOneChange},
		{"an embedder of the same dimension sees nothing of the old one", swappedEmbedder},
		{"an embedder of another dimension starts empty", otherDimension},
		{"the old embedder's entries stay until the new ones are complete", oldStaysUntilComplete},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, newStore(t))
		})
	}
}

const (
	dimension   = 16
	fingerprint = "embedder one"
)

// open opens an index that is closed at the end of the test.
func (s Store) open(t *testing.T, fingerprint string, dimension int) index.Index {
	t.Helper()
	x, err := s.Open(fingerprint, dimension)
	if err != nil {
		t.Fatalf("Open(%q, %d): %v", fingerprint, dimension, err)
	}
	t.Cleanup(func() { _ = x.Close() }) // closed already by some tests
	return x
}

// filled opens an index of the usual embedder that holds entries.
func (s Store) filled(t *testing.T, entries ...index.Entry) index.Index {
	t.Helper()
	x := s.open(t, fingerprint, dimension)
	if err := x.Replace(t.Context(), entries); err != nil {
		t.Fatalf("Replace: %v", err)
	}
	return x
}

// vector returns a unit vector that depends on the text alone.
func vector(text string, dimension int) []float32 {
	h := fnv.New64a()
	h.Write([]byte(text))
	r := rand.New(rand.NewPCG(h.Sum64(), 1))
	v := make([]float32, dimension)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	vec.Normalize(v)
	return v
}

// axis returns the unit vector along one axis.
func axis(i int) []float32 {
	v := make([]float32, dimension)
	v[i] = 1
	return v
}

// between returns the unit vector at cosine c from axis 0, towards axis 1.
func between(c float32) []float32 {
	v := axis(0)
	v[0], v[1] = c, float32(sqrt(1-float64(c)*float64(c)))
	vec.Normalize(v)
	return v
}

func entry(route, utterance string) index.Entry {
	return at(route, utterance, vector(utterance, dimension))
}

func at(route, utterance string, v []float32) index.Entry {
	return index.Entry{Key: index.Key{Route: route, Utterance: utterance}, Vector: v}
}
