package memory

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/index"
)

// TestRandomEditsKeepTheIndexEqualToAMap edits an index and a map the same
// way, small steps that stay beside the base and large ones that renew it,
// with restarts in between, and compares what both hold and find.
func TestRandomEditsKeepTheIndexEqualToAMap(t *testing.T) {
	for name, exactRows := range map[string]int{"flat": -1, "with lists": 150} {
		t.Run(name, func(t *testing.T) {
			config := Config{Path: filepath.Join(t.TempDir(), "s"), Fingerprint: "f", Dimension: 32, ExactRows: exactRows}
			entries, asked := newCorpus(6, 32).entries(30, 20, 40)
			r := rand.New(rand.NewPCG(7, 7))
			want := make(map[index.Key]index.Entry)
			x := opened(t, config)
			beside := 0
			for step := range 40 {
				batch := pick(r, entries, r.IntN(8)+r.IntN(2)*r.IntN(100))
				switch r.IntN(6) {
				case 0:
					if step%3 == 0 {
						batch = pick(r, entries, 400)
						clear(want)
						must(t, x.Replace(t.Context(), batch))
						put(want, batch)
					}
				case 1, 2:
					var keys []index.Key
					for _, e := range batch {
						keys = append(keys, e.Key)
						delete(want, e.Key)
					}
					must(t, x.Delete(t.Context(), keys))
				default:
					for i := range batch {
						batch[i].Vector = entries[r.IntN(len(entries))].Vector
					}
					must(t, x.Upsert(t.Context(), batch))
					put(want, batch)
				}
				if step%5 == 4 {
					must(t, x.Close())
					x = opened(t, config)
				}
				if _, err := os.Stat(config.Path + changesSuffix); err == nil {
					beside++
				}
				compareWithMap(t, x, want, asked[step%len(asked)])
			}
			if beside < 3 {
				t.Errorf("changes were kept beside the base %d times only", beside)
			}
		})
	}
}

func compareWithMap(t *testing.T, x *Index, want map[index.Key]index.Entry, asked []float32) {
	t.Helper()
	held := slices.SortedFunc(maps.Values(want), func(a, b index.Entry) int { return compareKeys(a.Key, b.Key) })
	got, err := x.Entries(t.Context())
	must(t, err)
	if diff := cmp.Diff(held, got); diff != "" && len(held)+len(got) > 0 {
		t.Fatalf("entries (-want +got):\n%s", diff)
	}
	if len(held) == 0 {
		return
	}
	// Chosen routes, and more matches than lists are measured for, are exact
	// in every case.
	for _, q := range []index.Query{
		{Vector: asked, K: 10, Routes: []string{"route-000002", "route-000011", "route-000029"}},
		{Vector: asked, K: top100 + 1},
	} {
		matches, err := x.Search(t.Context(), q)
		must(t, err)
		if diff := cmp.Diff(plainSearch(held, q), matches); diff != "" && len(matches) > 0 {
			t.Fatalf("matches (-want +got):\n%s", diff)
		}
	}
}

func pick(r *rand.Rand, entries []index.Entry, n int) []index.Entry {
	out := make([]index.Entry, 0, n)
	for _, i := range r.Perm(len(entries))[:n] {
		out = append(out, entries[i])
	}
	return out
}

func put(into map[index.Key]index.Entry, entries []index.Entry) {
	for _, e := range entries {
		into[e.Key] = e
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestChangesOfAnotherBaseAreNotApplied(t *testing.T) {
	config := Config{Path: filepath.Join(t.TempDir(), "s"), Fingerprint: "f", Dimension: 16}
	entries, _ := newCorpus(8, 16).entries(10, 10, 0)
	x := opened(t, config)
	must(t, x.Replace(t.Context(), entries))
	must(t, x.Delete(t.Context(), []index.Key{entries[0].Key}))
	changes, err := os.ReadFile(config.Path + changesSuffix)
	must(t, err)
	must(t, x.Replace(t.Context(), entries[:90]))
	// As if the crash came between the new base and the end of its changes.
	must(t, os.WriteFile(config.Path+changesSuffix, changes, 0o600))
	if got := opened(t, config).state.Load().size(); got != 90 {
		t.Errorf("%d entries, want the 90 of the new base", got)
	}
}

func TestSmallChangesOfALargeIndexWriteLittle(t *testing.T) {
	config := Config{Path: filepath.Join(t.TempDir(), "s"), Fingerprint: "f", Dimension: 64}
	entries, _ := newCorpus(9, 64).entries(40, 50, 0)
	x := opened(t, config)
	must(t, x.Replace(t.Context(), entries))
	before, err := os.Stat(config.Path)
	must(t, err)
	renewed := entries[7]
	renewed.Utterance = "said differently"
	must(t, x.Upsert(t.Context(), []index.Entry{renewed}))
	must(t, x.Delete(t.Context(), []index.Key{entries[7].Key}))
	after, err := os.Stat(config.Path)
	must(t, err)
	changes, err := os.Stat(config.Path + changesSuffix)
	must(t, err)
	if !os.SameFile(before, after) || changes.Size() > 1000 {
		t.Errorf("base written again: %v; %d bytes of changes", !os.SameFile(before, after), changes.Size())
	}
}

func TestListsFindNearlyAllOfTheNearest(t *testing.T) {
	entries, asked := newCorpus(10, 64).entries(200, 40, 400)
	exact := opened(t, Config{Fingerprint: "f", Dimension: 64, ExactRows: -1})
	x := opened(t, Config{Fingerprint: "f", Dimension: 64, ExactRows: 1000})
	must(t, exact.Replace(t.Context(), entries[:7500]))
	must(t, x.Replace(t.Context(), entries[:7500]))
	if x.state.Load().base.ivf == nil {
		t.Fatal("there are no lists")
	}
	if got := recall(t, x, exact, asked); got < 0.99 {
		t.Errorf("recall@10 is %v", got)
	}
	// Entries that come later are found as well, before and after they get lists.
	for _, some := range [][]index.Entry{entries[7500:7700], entries[7700:8000]} {
		must(t, exact.Upsert(t.Context(), some))
		must(t, x.Upsert(t.Context(), some))
		if got := recall(t, x, exact, asked); got < 0.99 {
			t.Errorf("recall@10 is %v after an upsert", got)
		}
	}
	var many []string // more rows than are compared directly would need lists; here they are exact
	for i := range 100 {
		many = append(many, fmt.Sprintf("route-%06d", i))
	}
	q := index.Query{Vector: asked[0], K: 10, Routes: many}
	want, err := exact.Search(t.Context(), q)
	must(t, err)
	got, err := x.Search(t.Context(), q)
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("in chosen routes (-exact +got):\n%s", diff)
	}
}

func TestManyChosenRoutesAreSearchedByLists(t *testing.T) {
	entries, asked := newCorpus(11, 32).entries(300, 60, 300)
	exact := opened(t, Config{Fingerprint: "f", Dimension: 32, ExactRows: -1})
	x := opened(t, Config{Fingerprint: "f", Dimension: 32, ExactRows: 1000})
	must(t, exact.Replace(t.Context(), entries))
	must(t, x.Replace(t.Context(), entries))
	var routes []string
	for i := range 200 {
		routes = append(routes, fmt.Sprintf("route-%06d", i))
	}
	found, all := 0, 0
	for _, v := range asked {
		q := index.Query{Vector: v, K: 10, Routes: routes}
		want, err := exact.Search(t.Context(), q)
		must(t, err)
		got, err := x.Search(t.Context(), q)
		must(t, err)
		for _, m := range got {
			if !slices.Contains(routes, m.Route) {
				t.Fatalf("%v is not of a chosen route", m)
			}
		}
		for _, m := range want {
			all++
			if slices.Contains(got, m) {
				found++
			}
		}
	}
	if share := float64(found) / float64(all); share < 0.98 {
		t.Errorf("found %v of the nearest", share)
	}
}

func TestListsSurviveARestart(t *testing.T) {
	config := Config{Path: filepath.Join(t.TempDir(), "s"), Fingerprint: "f", Dimension: 32, ExactRows: 500}
	entries, asked := newCorpus(12, 32).entries(50, 40, 50)
	x := opened(t, config)
	must(t, x.Replace(t.Context(), entries))
	y := opened(t, config)
	before, after := x.state.Load().base.ivf, y.state.Load().base.ivf
	if before == nil || after == nil {
		t.Fatalf("lists before %v, after %v", before != nil, after != nil)
	}
	if before.atTop10.probes != after.atTop10.probes || before.atTop100.probes != after.atTop100.probes || before.trained != after.trained {
		t.Errorf("%+v became %+v", before.atTop10, after.atTop10)
	}
	for _, v := range asked {
		a, err := x.Search(t.Context(), index.Query{Vector: v, K: 10})
		must(t, err)
		b, err := y.Search(t.Context(), index.Query{Vector: v, K: 10})
		must(t, err)
		if diff := cmp.Diff(a, b); diff != "" {
			t.Fatalf("matches (-before +after):\n%s", diff)
		}
	}
	// Another bound changes how it searches, not what it holds.
	config.ExactRows = -1
	if z := opened(t, config); z.state.Load().base.ivf != nil || z.state.Load().size() != 2000 {
		t.Error("lists stayed where everything is exact")
	}
}

func TestVectorsWithoutStructureStayExact(t *testing.T) {
	config := Config{Path: filepath.Join(t.TempDir(), "s"), Fingerprint: "f", Dimension: 64, ExactRows: 100}
	c := newCorpus(14, 64)
	entries, _ := c.entries(10, 200, 0)
	for i := range entries {
		entries[i].Vector = c.around(make([]float32, 64), 1)
	}
	x := opened(t, config)
	must(t, x.Replace(t.Context(), entries))
	for name, y := range map[string]*Index{"built": x, "restarted": opened(t, config)} {
		if base := y.state.Load().base; base.ivf != nil || !base.exactOnly {
			t.Errorf("%s: lists %v, tried %v; want none, and no further try", name, base.ivf != nil, base.exactOnly)
		}
		q := index.Query{Vector: c.around(make([]float32, 64), 1), K: 10}
		got, err := y.Search(t.Context(), q)
		must(t, err)
		if diff := cmp.Diff(plainSearch(entries, q), got); diff != "" {
			t.Errorf("%s (-plain +got):\n%s", name, diff)
		}
	}
}
