package qdrant_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	pb "github.com/qdrant/go-client/qdrant"

	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/index/qdrant"
	"github.com/semroute/semroute/index/qdrant/qdranttest"
)

// life is a server with all that can be done to it, a double or a real one.
type life struct {
	address string
	// restart ends the server and starts it again with what it held; nil where
	// that is not possible.
	restart func(t *testing.T)
	// readOnly is the key with which the server may only be read.
	readOnly func(t *testing.T) string
	prefix   string
}

// on is the configuration of an index at an address.
func (l *life) on(address, fingerprint string) qdrant.Config {
	return qdrant.Config{
		Address: address, Prefix: l.prefix, Fingerprint: fingerprint, Dimension: dimension, APIKey: os.Getenv("QDRANT_API_KEY"),
		SearchTimeout: 2 * time.Second, WriteTimeout: 10 * time.Second,
	}
}

func (l *life) open(t *testing.T, fingerprint string) *qdrant.Index {
	t.Helper()
	return open(t, l.on(l.address, fingerprint))
}

// lives are what an index must bear of its server: it keeps serving what it can,
// says what it cannot, and is whole again by the write that the engine then makes.
var lives = map[string]func(t *testing.T, l *life){
	"restart":                    restartLife,
	"cut off and back":           cutLife,
	"alias switch":               aliasLife,
	"two writers":                twoWritersLife,
	"killed in mid-build":        killedLife,
	"read-only":                  readOnlyLife,
	"slow":                       slowLife,
	"restored from before":       restoredLife,
	"collections nobody serves":  sweptLife,
	"an empty server in a place": emptyLife,
}

func TestLifeWithTheDouble(t *testing.T) {
	for name, live := range lives {
		t.Run(name, func(t *testing.T) {
			s := qdranttest.New(t)
			live(t, &life{
				address: s.Address(), prefix: "life",
				restart:  func(t *testing.T) { s.Stop(t); s.Start(t) },
				readOnly: func(*testing.T) string { s.ReadOnly(); return "" },
			})
		})
	}
}

// TestLifeWithARealServer runs where QDRANT_ADDR names one. QDRANT_RESTART is a
// shell command that restarts it, QDRANT_READ_ONLY_API_KEY its key for reading.
func TestLifeWithARealServer(t *testing.T) {
	address := os.Getenv("QDRANT_ADDR")
	if address == "" {
		t.Skip("QDRANT_ADDR is not set")
	}
	for name, live := range lives {
		t.Run(name, func(t *testing.T) {
			l := &life{address: address, prefix: "semroute-test-" + uuid.NewString(), readOnly: func(t *testing.T) string {
				key := os.Getenv("QDRANT_READ_ONLY_API_KEY")
				if key == "" {
					t.Skip("QDRANT_READ_ONLY_API_KEY is not set")
				}
				return key
			}}
			if command := os.Getenv("QDRANT_RESTART"); command != "" {
				l.restart = func(t *testing.T) {
					if out, err := exec.CommandContext(t.Context(), "sh", "-c", command).CombinedOutput(); err != nil {
						t.Fatalf("QDRANT_RESTART: %v: %s", err, out)
					}
				}
			}
			t.Cleanup(func() { deleteCollections(t, address, l.prefix) })
			live(t, l)
		})
	}
}

// finds says that all entries are found, each by its own vector.
func finds(ctx context.Context, x *qdrant.Index, want []index.Entry) error {
	for _, e := range want {
		got, err := x.Search(ctx, index.Query{Vector: e.Vector, K: len(want)})
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(got, func(m index.Match) bool { return m.Route == e.Route && m.Utterance == e.Utterance }) {
			return fmt.Errorf("%q is not found among %d", e.Utterance, len(got))
		}
	}
	return nil
}

// soon waits until it succeeds; every failure before must be one of the
// contract's.
func soon(t *testing.T, what string, do func(ctx context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		err := do(ctx)
		switch {
		case err == nil:
			return
		case ctx.Err() != nil:
			t.Fatalf("%s: not within a minute: %v", what, err)
		case !errors.Is(err, index.ErrUnreachable) && !errors.Is(err, index.ErrUnavailable):
			t.Fatalf("%s: %v", what, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func restartLife(t *testing.T, l *life) {
	if l.restart == nil {
		t.Skip("QDRANT_RESTART is not set")
	}
	x := l.open(t, "one")
	must(t, x.Replace(t.Context(), some(20)))
	l.restart(t)
	soon(t, "searching after the restart", func(ctx context.Context) error { return finds(ctx, x, some(20)) })
	soon(t, "writing after the restart", func(ctx context.Context) error { return x.Upsert(ctx, some(25)) })
	must(t, finds(t.Context(), l.open(t, "one"), some(25)))
}

func cutLife(t *testing.T, l *life) {
	w := newWire(t, l.address)
	x := open(t, l.on(w.Address(), "one"))
	must(t, x.Replace(t.Context(), some(20)))
	w.Cut()
	if err := searchError(t, x); !errors.Is(err, index.ErrUnreachable) {
		t.Errorf("while it is cut off: %v, want ErrUnreachable", err)
	}
	if err := x.Upsert(t.Context(), some(25)); !errors.Is(err, index.ErrUnreachable) {
		t.Errorf("writing while it is cut off: %v, want ErrUnreachable", err)
	}
	w.Mend()
	soon(t, "searching again", func(ctx context.Context) error { return finds(ctx, x, some(20)) })
	soon(t, "writing again", func(ctx context.Context) error { return x.Upsert(ctx, some(25)) })
	must(t, finds(t.Context(), x, some(25)))
}

// aliasLife: what is in service changes under searches, none of which fails or
// sees anything but its own embedder's entries.
func aliasLife(t *testing.T, l *life) {
	old := l.open(t, "one")
	must(t, old.Replace(t.Context(), some(20)))
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() {
		for ctx.Err() == nil {
			if err := finds(ctx, old, some(20)); err != nil && ctx.Err() == nil {
				t.Errorf("while the alias moves: %v", err)
				return
			}
		}
	})
	next := l.open(t, "two")
	must(t, next.Replace(t.Context(), some(30)))
	must(t, finds(t.Context(), next, some(30)))
	must(t, old.Replace(t.Context(), some(20))) // and back
	cancel()
	group.Wait()
	must(t, finds(t.Context(), old, some(20)))
	must(t, finds(t.Context(), next, some(30)))
}

func twoWritersLife(t *testing.T, l *life) {
	entries := some(400)
	a, b := l.open(t, "one"), l.open(t, "one")
	var group sync.WaitGroup
	for _, x := range []*qdrant.Index{a, b} {
		group.Go(func() {
			if err := x.Replace(t.Context(), entries); err != nil {
				t.Errorf("Replace: %v", err)
			}
		})
	}
	group.Wait()
	for i, part := range [][]index.Entry{entries[:200], entries[200:]} { // then each takes half away
		group.Go(func() {
			if err := []*qdrant.Index{a, b}[i].Delete(t.Context(), index.Keys(part[:50])); err != nil {
				t.Errorf("Delete: %v", err)
			}
		})
	}
	group.Wait()
	want := slices.Concat(entries[50:200], entries[250:])
	if missing, stale := plan(t, l.open(t, "one"), want); len(missing)+len(stale) != 0 {
		t.Errorf("%d missing and %d stale", len(missing), len(stale))
	}
}

// killedLife: a writer that ends anywhere leaves nothing half visible to those
// who serve, and the next one completes what it began.
func killedLife(t *testing.T, l *life) {
	before, after := some(300), some(900)[200:]
	serving := l.open(t, "one")
	must(t, serving.Replace(t.Context(), before))
	for _, bytes := range []int{1_000, 10_000, 40_000} {
		w := newWire(t, l.address)
		c := l.on(w.Address(), "one")
		c.Connections = 1
		dying, err := qdrant.Open(t.Context(), c)
		must(t, err)
		w.CutAfter(bytes)
		if err := dying.Replace(t.Context(), after); err == nil {
			t.Errorf("the write went through although it was cut after %d bytes", bytes)
		}
		must(t, dying.Close())
		must(t, finds(t.Context(), serving, before[:20]))
		for _, m := range mustFind(t, serving, after[500].Vector, 300) {
			if !slices.ContainsFunc(before, func(e index.Entry) bool { return m.Route == e.Route && m.Utterance == e.Utterance }) {
				t.Errorf("after %d bytes %q of the other writer is seen", bytes, m.Utterance)
			}
		}
	}
	next := l.open(t, "one")
	must(t, next.Replace(t.Context(), after))
	if missing, stale := plan(t, l.open(t, "one"), after); len(missing)+len(stale) != 0 {
		t.Errorf("in the end %d are missing and %d stale", len(missing), len(stale))
	}
}

func mustFind(t *testing.T, x *qdrant.Index, v []float32, k int) []index.Match {
	t.Helper()
	got, err := x.Search(t.Context(), index.Query{Vector: v, K: k})
	must(t, err)
	return got
}

func readOnlyLife(t *testing.T, l *life) {
	must(t, l.open(t, "one").Replace(t.Context(), some(5)))
	c := l.on(l.address, "one")
	if key := l.readOnly(t); key != "" {
		c.APIKey = key
	}
	x := open(t, c)
	must(t, x.Upsert(t.Context(), nil))
	must(t, finds(t.Context(), x, some(5)))
	if err := x.Upsert(t.Context(), some(8)); !errors.Is(err, index.ErrUnavailable) || errors.Is(err, index.ErrLost) {
		t.Errorf("writing: %v, want ErrUnavailable", err)
	}
	must(t, finds(t.Context(), x, some(5)))
}

func slowLife(t *testing.T, l *life) {
	w := newWire(t, l.address)
	c := l.on(w.Address(), "one")
	c.SearchTimeout = 200 * time.Millisecond
	x := open(t, c)
	must(t, x.Replace(t.Context(), some(5)))
	w.Slow(time.Second)
	if err := searchError(t, x); !errors.Is(err, index.ErrUnreachable) || !strings.Contains(err.Error(), "200ms") {
		t.Errorf("while it is slow: %v, want ErrUnreachable after 200ms", err)
	}
	w.Mend()
	soon(t, "searching again", func(ctx context.Context) error { return finds(ctx, x, some(5)) })
}

// restoredLife: the server comes back with what it held before the last writes,
// as from an older snapshot.
func restoredLife(t *testing.T, l *life) {
	x := l.open(t, "one")
	must(t, x.Replace(t.Context(), some(10)))
	must(t, x.Upsert(t.Context(), some(30)))
	ids := make([]*pb.PointId, 0, 20)
	for _, e := range some(30)[10:] { // what was not there yet goes behind its back
		ids = append(ids, qdrant.PointID(e.Key))
	}
	client := operatorAt(t, l.address)
	_, err := client.Delete(t.Context(), &pb.DeletePoints{CollectionName: x.Collection(), Wait: pb.PtrOf(true), Points: pb.NewPointsSelector(ids...)})
	must(t, err)
	must(t, x.Upkeep(t.Context(), 0))
	if err := searchError(t, x); !errors.Is(err, index.ErrLost) {
		t.Errorf("after the upkeep: %v, want ErrLost", err)
	}
	again := l.open(t, "one") // what is built then
	missing, stale := plan(t, again, some(30))
	if len(missing) != 20 || len(stale) != 0 {
		t.Errorf("%d are missing, %d stale; want the 20 that were written since", len(missing), len(stale))
	}
	must(t, again.Upsert(t.Context(), some(30)))
	must(t, finds(t.Context(), again, some(30)))
	must(t, x.Upkeep(t.Context(), 0))
	must(t, finds(t.Context(), x, some(30))) // of the former replica too
}

// sweptLife: collections of former embedders go when nobody searches them.
func sweptLife(t *testing.T, l *life) {
	old, older := l.open(t, "old"), l.open(t, "older")
	must(t, older.Replace(t.Context(), some(5)))
	must(t, old.Replace(t.Context(), some(5)))
	now := l.open(t, "now")
	must(t, now.Replace(t.Context(), some(5)))
	gone, err := now.Prune(t.Context(), old.Collection())
	if err != nil || !slices.Contains(gone, older.Collection()) || slices.Contains(gone, old.Collection()) {
		t.Errorf("swept %v, %v; want %s alone", gone, err, older.Collection())
	}
	must(t, finds(t.Context(), old, some(5)))
	must(t, finds(t.Context(), now, some(5)))
}

// emptyLife: all collections are gone, as from another server at the address.
func emptyLife(t *testing.T, l *life) {
	x := l.open(t, "one")
	must(t, x.Replace(t.Context(), some(10)))
	must(t, operatorAt(t, l.address).DeleteCollection(t.Context(), x.Collection()))
	if err := searchError(t, x); !errors.Is(err, index.ErrLost) {
		t.Errorf("Search: %v, want ErrLost", err)
	}
	must(t, x.Replace(t.Context(), some(10)))
	must(t, finds(t.Context(), x, some(10)))
}
