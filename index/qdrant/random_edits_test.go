package qdrant_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/index/qdrant"
)

// replica is an index and what it must hold.
type replica struct {
	*qdrant.Index
	want map[index.Key]bool
}

// TestReplicasWithCatalogsOfTheirOwn lets replicas come, go and change their
// catalogs at random while hours pass. Each holds exactly its own catalog all
// the time, and what is opened right after a replica was brought up to date
// needs nothing but what that one has.
func TestReplicasWithCatalogsOfTheirOwn(t *testing.T) {
	all := some(12) // a key has one vector, as with one embedder
	for seed := range uint64(8) {
		random := rand.New(rand.NewPCG(seed, 1))
		r := newReplicas(t)
		var running []*replica
		for step := range 25 {
			// A catalog changes as in a server: a new index is opened and brought up to
			// date beside the one that serves, which is closed later.
			c := config(r.server, "one").WithClock(r.clock.Now).WithTexts(random.IntN(12) - 1)
			c.Connections = 1
			x := &replica{Index: open(t, c)}
			update(t, x, pick(random, all), random.IntN(4))
			if missing, stale := plan(t, r.open(t), x.entries(all)); len(missing)+len(stale) > 0 {
				t.Fatalf("seed %d, step %d: after an update %v are missing and %v stale", seed, step, missing, stale)
			}
			running = append(running, x)
			for len(running) > 1+random.IntN(4) {
				at := random.IntN(len(running))
				must(t, running[at].Close())
				running = slices.Delete(running, at, at+1)
			}
			r.clock.pass(time.Duration(random.IntN(50)) * time.Minute)
			for i, each := range running {
				upkeep(t, each.Index)
				if got := found(t, each.Index); !sameKeys(got, each.want) {
					t.Fatalf("seed %d, step %d: replica %d holds %v, want %v", seed, step, i, got, each.want)
				}
			}
		}
	}
}

// update brings a replica to a catalog, in one of the ways there are.
func update(t *testing.T, x *replica, catalog []index.Entry, way int) {
	t.Helper()
	x.want = make(map[index.Key]bool)
	for _, e := range catalog {
		x.want[e.Key] = true
	}
	if way == 0 {
		must(t, x.Replace(t.Context(), catalog))
		return
	}
	missing, stale := plan(t, x.Index, catalog)
	fresh := slices.DeleteFunc(slices.Clone(catalog), func(e index.Entry) bool { return !slices.Contains(missing, e.Key) })
	if way == 1 {
		fresh = catalog // also what is held
	}
	must(t, x.Upsert(t.Context(), fresh))
	if way == 2 {
		x.LeaveOut(stale)
	}
	must(t, x.Delete(t.Context(), stale))
}

func (x *replica) entries(all []index.Entry) []index.Entry {
	return slices.DeleteFunc(slices.Clone(all), func(e index.Entry) bool { return !x.want[e.Key] })
}

func pick(random *rand.Rand, all []index.Entry) []index.Entry {
	return slices.DeleteFunc(slices.Clone(all), func(index.Entry) bool { return random.IntN(2) == 0 })
}

// found is all that a search finds.
func found(t *testing.T, x *qdrant.Index) []index.Key {
	t.Helper()
	matches, err := x.Search(t.Context(), index.Query{Vector: some(1)[0].Vector, K: 99})
	if err != nil && !errors.Is(err, index.ErrEmpty) {
		t.Fatal(err)
	}
	keys := make([]index.Key, len(matches))
	for i, m := range matches {
		keys[i] = index.Key{Route: m.Route, Utterance: m.Utterance}
	}
	return keys
}

func sameKeys(got []index.Key, want map[index.Key]bool) bool {
	return len(got) == len(want) && !slices.ContainsFunc(got, func(k index.Key) bool { return !want[k] })
}
