package qdrant_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/index/qdrant"
	"github.com/semroute/semroute/index/qdrant/qdranttest"
	"github.com/semroute/semroute/internal/vec"
)

// clock is a time that a test moves; all indexes that share it agree on it.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// replicas are indexes of several processes on one server.
type replicas struct {
	server *qdranttest.Server
	clock  *clock
}

func newReplicas(t *testing.T) replicas {
	return replicas{qdranttest.New(t), &clock{now: time.Unix(1_800_000_000, 0)}}
}

func (r replicas) open(t *testing.T) *qdrant.Index {
	return open(t, config(r.server, "one").WithClock(r.clock.Now))
}

func upkeep(t *testing.T, all ...*qdrant.Index) {
	t.Helper()
	for _, x := range all {
		must(t, x.Upkeep(t.Context(), 5*time.Minute))
	}
}

// nearest is the utterance that a search for this vector finds.
func nearest(t *testing.T, x *qdrant.Index, v []float32) string {
	t.Helper()
	got, err := x.Search(t.Context(), index.Query{Vector: v, K: 1})
	must(t, err)
	return got[0].Utterance
}

func TestAReplicaOfTheFormerCatalogFindsAllOfIt(t *testing.T) {
	r := newReplicas(t)
	entries := some(6)
	former := r.open(t)
	must(t, former.Replace(t.Context(), entries))
	latter := r.open(t)
	must(t, latter.Delete(t.Context(), index.Keys(entries[:3])))
	must(t, latter.Upsert(t.Context(), []index.Entry{{Key: index.Key{Route: "r", Utterance: "new"}, Vector: entries[0].Vector}}))

	check := func(when string) {
		t.Helper()
		for _, e := range entries {
			if got := nearest(t, former, e.Vector); got != e.Utterance {
				t.Errorf("%s the former replica finds %q, want %q", when, got, e.Utterance)
			}
		}
		if got := nearest(t, latter, entries[0].Vector); got != "new" {
			t.Errorf("%s the latter replica finds %q, want the new entry", when, got)
		}
	}
	check("at once")
	for range 100 { // some hours
		r.clock.pass(5 * time.Minute)
		upkeep(t, latter, former)
	}
	check("hours later")

	must(t, former.Close())
	for range 13 {
		r.clock.pass(5 * time.Minute)
		upkeep(t, latter)
	}
	if n := r.server.Size(latter.Collection()); n != 4 {
		t.Errorf("when nobody holds them any more %d points are left, want 4", n)
	}
	for range 13 {
		r.clock.pass(5 * time.Minute)
		upkeep(t, latter)
	}
	if n := r.server.Size(latter.Collection() + "_removed"); n != 0 {
		t.Errorf("%d points are still listed as removed, want none", n)
	}
}

func TestWhatIsRemovedGoesAlsoWithoutAServer(t *testing.T) {
	r := newReplicas(t)
	x := r.open(t)
	must(t, x.Replace(t.Context(), some(4)))
	must(t, x.Replace(t.Context(), some(5)[4:])) // the other four go
	must(t, x.Close())
	r.clock.pass(2 * qdrant.Grace)
	again := r.open(t) // as a command does that ends at once
	must(t, again.Replace(t.Context(), some(5)[4:]))
	if n := r.server.Size(again.Collection()); n != 1 {
		t.Errorf("%d points are left, want 1", n)
	}
}

func TestAReplicaThatWasSilentForTooLongSaysSo(t *testing.T) {
	r := newReplicas(t)
	entries := some(6)
	silent := r.open(t)
	must(t, silent.Replace(t.Context(), entries))
	other := r.open(t)
	must(t, other.Delete(t.Context(), index.Keys(entries[:1])))
	must(t, other.Upsert(t.Context(), some(20))) // more than there were
	r.clock.pass(qdrant.Grace)
	upkeep(t, other) // deletes what nobody holds
	for range 3 {    // also when it is off the list again
		must(t, silent.Upkeep(t.Context(), qdrant.Grace))
		if err := searchError(t, silent); !errors.Is(err, index.ErrLost) || !errors.Is(err, index.ErrUnavailable) {
			t.Fatalf("Search: %v, want ErrLost", err)
		}
		r.clock.pass(qdrant.Grace)
		upkeep(t, other)
	}
	must(t, silent.Replace(t.Context(), entries))
	must(t, searchError(t, silent))
	upkeep(t, silent)
	must(t, searchError(t, silent))
	if missing, stale := plan(t, r.open(t), entries); len(missing) != 0 {
		t.Errorf("filled again, %v are missing; stale %v", missing, stale)
	}
}

func TestAnEntryComesAndGoesAndChanges(t *testing.T) {
	r := newReplicas(t)
	e := some(8)
	a, b := e[0], e[0]
	b.Vector = e[1].Vector // the same key
	for step := range 12 {
		x := r.open(t)
		want := []index.Entry{a}
		switch step % 4 {
		case 0, 2:
			must(t, x.Upsert(t.Context(), want))
		case 1:
			want = []index.Entry{b}
			must(t, x.Upsert(t.Context(), want))
		case 3:
			want = nil
			must(t, x.Delete(t.Context(), []index.Key{a.Key}))
		}
		for _, now := range []*qdrant.Index{x, r.open(t)} {
			got, err := now.Entries(t.Context())
			must(t, err)
			if len(got) != len(want) || len(got) == 1 && vec.Dot(got[0].Vector, want[0].Vector) < 0.999 {
				t.Fatalf("step %d: %v, want %v", step, got, want)
			}
		}
		r.clock.pass(qdrant.Grace / 3)
		upkeep(t, x)
		must(t, x.Close())
	}
}

func TestReplicasThatStartTogetherWriteEachEntryOnce(t *testing.T) {
	r := newReplicas(t)
	entries := some(300)
	var group sync.WaitGroup
	for range 4 {
		x := r.open(t)
		group.Go(func() {
			if err := x.Replace(t.Context(), entries); err != nil {
				t.Errorf("Replace: %v", err)
			}
			if err := searchError(t, x); err != nil {
				t.Errorf("Search: %v", err)
			}
		})
	}
	group.Wait()
	x := r.open(t)
	if missing, stale := plan(t, x, entries); len(missing)+len(stale) != 0 || r.server.Size(x.Collection()) != len(entries) {
		t.Errorf("%d missing, %d stale, %d points", len(missing), len(stale), r.server.Size(x.Collection()))
	}
}

func TestManyForeignPointsHideNothing(t *testing.T) {
	r := newReplicas(t)
	mine := some(3)
	x := r.open(t)
	must(t, x.Replace(t.Context(), mine))
	var foreign []index.Entry
	for i := range 500 { // all nearer to the query than mine
		foreign = append(foreign, index.Entry{Key: index.Key{Route: "r", Utterance: fmt.Sprint("foreign ", i)}, Vector: some(8)[5].Vector})
	}
	must(t, r.open(t).Upsert(t.Context(), foreign))
	got, err := x.Search(t.Context(), index.Query{Vector: some(8)[5].Vector, K: 2, Routes: []string{"r"}})
	must(t, err)
	if len(got) != 2 || got[0].Utterance > "utterance 00003" || got[1].Utterance > "utterance 00003" {
		t.Errorf("found %v, want two of its own", got)
	}
}

func TestTextsMayBeHeldUpToAnyNumber(t *testing.T) {
	s := qdranttest.New(t)
	c := config(s, "one").WithTexts(10)
	x := open(t, c)
	entries := some(16)
	for _, n := range []int{8, 12, 16, 6} { // over the number and back
		must(t, x.Replace(t.Context(), entries[:n]))
		for _, now := range []*qdrant.Index{x, open(t, c)} {
			keys, err := now.Keys(t.Context())
			must(t, err)
			for _, e := range entries[:n] {
				got, err := now.Search(t.Context(), index.Query{Vector: e.Vector, K: 1, Routes: []string{"r", "none"}})
				must(t, err)
				if len(got) != 1 || got[0].Utterance != e.Utterance || len(keys) != n {
					t.Errorf("of %d: found %v, %d keys", n, got, len(keys))
				}
			}
			none, err := now.Search(t.Context(), index.Query{Vector: entries[0].Vector, K: 1, Routes: []string{"none"}})
			if err != nil || len(none) != 0 {
				t.Errorf("of %d: in a route that is not held %v, %v", n, none, err)
			}
		}
	}
}

func TestWhatIsLeftOutStaysForOthers(t *testing.T) {
	r := newReplicas(t)
	entries := some(4)
	must(t, r.open(t).Replace(t.Context(), entries))
	x := r.open(t)
	x.LeaveOut(index.Keys(entries[:2]))
	if got := nearest(t, x, entries[0].Vector); got == entries[0].Utterance {
		t.Errorf("it finds %q, which was left out", got)
	}
	if missing, _ := plan(t, x, entries); len(missing) != 2 {
		t.Errorf("%v are missing here, want 2", missing)
	}
	if missing, _ := plan(t, r.open(t), entries); len(missing) != 0 {
		t.Errorf("%v are missing to others", missing)
	}
	must(t, x.Upsert(t.Context(), entries[:1])) // it comes back
	if got := nearest(t, x, entries[0].Vector); got != entries[0].Utterance {
		t.Errorf("it finds %q, want %q", got, entries[0].Utterance)
	}
	must(t, x.Delete(t.Context(), index.Keys(entries[1:3]))) // one left out, one held
	if missing, stale := plan(t, r.open(t), []index.Entry{entries[0], entries[3]}); len(missing)+len(stale) != 0 {
		t.Errorf("after Delete %v are missing and %v stale", missing, stale)
	}
}

func TestTheLastWriterWins(t *testing.T) {
	r := newReplicas(t)
	entries := some(3)
	a := r.open(t)
	must(t, a.Replace(t.Context(), entries))
	b := r.open(t)
	must(t, b.Delete(t.Context(), index.Keys(entries)))
	must(t, a.Upsert(t.Context(), entries[:1])) // which it holds, but nobody who comes later
	must(t, b.Upsert(t.Context(), entries[1:2]))
	if missing, stale := plan(t, r.open(t), entries[:2]); len(missing)+len(stale) != 0 {
		t.Errorf("%v are missing and %v stale", missing, stale)
	}
}

// TestOfTwoPointsWithOneKeyOneCounts writes a second point for a key as a
// process does that does not know of the first.
func TestOfTwoPointsWithOneKeyOneCounts(t *testing.T) {
	r := newReplicas(t)
	entries := some(2)
	early := r.open(t) // before anything is there
	must(t, r.open(t).Replace(t.Context(), entries))
	x := r.open(t)
	must(t, x.Delete(t.Context(), index.Keys(entries[:1])))
	must(t, x.Upsert(t.Context(), entries[:1])) // a second revision
	for range 3 {                               // the first is forgotten
		r.clock.pass(qdrant.Grace)
		upkeep(t, x)
	}
	must(t, early.Upsert(t.Context(), entries[:1]))
	if n := r.server.Size(x.Collection()); n != 3 {
		t.Fatalf("%d points, want 3: the test does not do what it says", n)
	}
	y := r.open(t)
	if missing, stale := plan(t, y, entries); len(missing)+len(stale) != 0 {
		t.Errorf("%v are missing and %v stale", missing, stale)
	}
	got, err := y.Search(t.Context(), index.Query{Vector: entries[0].Vector, K: 9})
	if err != nil || len(got) != 2 {
		t.Errorf("found %v, %v; want each once", got, err)
	}
	must(t, y.Delete(t.Context(), index.Keys(entries[:1])))
	if _, stale := plan(t, r.open(t), entries[1:]); len(stale) != 0 {
		t.Errorf("after Delete %v is still there", stale)
	}
}
