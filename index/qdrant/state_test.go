package qdrant

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/google/uuid"

	"github.com/semroute/semroute/index"
)

// loaded is a state of n entries with utterances of 50 bytes in 100 routes, as
// Open makes it.
func loaded(n, limit int) *state {
	l := newLoading(limit)
	for i := range n {
		k := index.Key{Route: fmt.Sprintf("route-%d", i%100), Utterance: fmt.Sprintf("%050d", i)}
		l.add(pointID(k, 0), k)
	}
	return l.state(true)
}

// BenchmarkState measures what a state takes in memory, and what it costs to
// find 65 points in it: go test -run - -bench State -benchtime 1x ./index/qdrant
func BenchmarkState(b *testing.B) {
	const n = 1 << 20
	for _, kind := range []struct {
		name  string
		limit int
	}{{"texts in process", n}, {"ids only", -1}} {
		b.Run(kind.name, func(b *testing.B) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			s := loaded(n, kind.limit)
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ResetTimer()
			for b.Loop() {
				for range 65 {
					if !s.has(s.ids[rand.IntN(n)]) {
						b.Fatal("not found")
					}
				}
			}
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/n, "B/entry")
			runtime.KeepAlive(s)
		})
	}
}

func TestRevisionsHaveIDsOfTheirOwn(t *testing.T) {
	seen := make(map[uuid.UUID]string)
	for _, k := range []index.Key{{Route: "a", Utterance: "b"}, {Route: "a", Utterance: "b\x00\x00\x00\x01"}, {Route: "", Utterance: "ab"}, {Route: "ab", Utterance: ""}} {
		for revision := range 300 {
			name := fmt.Sprintf("%q revision %d", k, revision)
			id := pointID(k, revision)
			if other, twice := seen[id]; twice {
				t.Fatalf("%s and %s have one id", name, other)
			}
			seen[id] = name
		}
	}
}
