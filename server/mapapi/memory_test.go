package mapapi

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/semroute/semroute/embed/embedtest"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/internal/vec"
	"github.com/semroute/semroute/routes"
)

// inventory is an engine of which only that is asked.
type inventory struct {
	Engine
	now engine.Inventory
}

func (i inventory) Inventory(context.Context, bool) (engine.Inventory, error) { return i.now, nil }

// of is an inventory of n utterances in 50 routes.
func of(t *testing.T, n, dim int) inventory {
	t.Helper()
	embedder, err := embedtest.New(embedtest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	catalog := &routes.Catalog{}
	var entries []index.Entry
	for r := range 50 {
		name := fmt.Sprintf("route-%02d", r)
		route := routes.Route{Name: name}
		for i := range n / 50 {
			v := make([]float32, dim)
			v[r] = 4
			for k := range v {
				v[k] += float32(random.NormFloat64())
			}
			vec.Normalize(v)
			text := fmt.Sprintf("what somebody says about the number %04d of the things of route %02d, which is rather much", i, r)
			route.Utterances = append(route.Utterances, text)
			entries = append(entries, index.Entry{Key: index.Key{Route: name, Utterance: text}, Vector: v})
		}
		catalog.Routes = append(catalog.Routes, route)
	}
	return inventory{now: engine.Inventory{Catalog: catalog, Fingerprint: "f", Embedder: embedder, Entries: entries}}
}

// TestADrawingIsSmall: that of 20,000 utterances of 384 dimensions is below 14 MB: a
// megabyte for what is said of them, and the rest by the utterance.
func TestADrawingIsSmall(t *testing.T) {
	const n = 4000
	engine := of(t, n, 384)
	held := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := held()
	d, err := draw(t.Context(), engine)
	if err != nil {
		t.Fatal(err)
	}
	kept := held() - before
	if len(d.points) != n {
		t.Errorf("%d points are drawn", len(d.points))
	}
	t.Logf("%d utterances of 384 dimensions are kept in %.2f MB with %d notes", n, float64(kept)/1e6, len(d.notes))
	if most := uint64(1e6 + 13e6/20_000*n); kept > most {
		t.Errorf("it takes %d bytes, more than %d", kept, most)
	}
	runtime.KeepAlive(engine)
	runtime.KeepAlive(d)
}
