package memory

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/semroute/semroute/index"
)

// BenchmarkScale searches catalogs of growing size, 100 utterances a route,
// and reports what the build took, what it holds in memory and what share of
// the ten nearest it finds. The largest size is 100,000 entries, or what
// SEMROUTE_BENCH_ENTRIES says.
func BenchmarkScale(b *testing.B) {
	largest := 100_000
	if n, err := strconv.Atoi(os.Getenv("SEMROUTE_BENCH_ENTRIES")); err == nil {
		largest = n
	}
	for size := 10_000; size <= largest; size *= 10 {
		b.Run(fmt.Sprint(size), func(b *testing.B) { benchScale(b, size) })
	}
}

func benchScale(b *testing.B, size int) {
	entries, asked := newCorpus(1, 256).entries(size/100, 100, 1000)
	exact, err := Open(Config{Fingerprint: "exact", Dimension: 256, ExactRows: -1})
	if err != nil {
		b.Fatal(err)
	}
	before := heap()
	x, err := Open(Config{Fingerprint: "bench", Dimension: 256})
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	if err := x.Replace(b.Context(), entries); err != nil {
		b.Fatal(err)
	}
	build := time.Since(began)
	held := heap() - before
	lists := x.state.Load().base.ivf

	var times []float64
	var matches []index.Match
	for i := 0; b.Loop(); i++ {
		began := time.Now()
		matches, err = x.SearchInto(matches, index.Query{Vector: asked[i%len(asked)], K: 10})
		if err != nil {
			b.Fatal(err)
		}
		times = append(times, float64(time.Since(began).Nanoseconds())/1000)
	}
	slices.Sort(times)
	b.ReportMetric(times[len(times)/2], "p50-µs")
	b.ReportMetric(times[len(times)*99/100], "p99-µs")
	b.ReportMetric(build.Seconds(), "build-s")
	b.ReportMetric(float64(held)/(1<<20), "MB")
	if lists != nil {
		b.ReportMetric(float64(lists.atTop10.probes), "probes")
		if err := exact.Replace(b.Context(), entries); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(recall(b, x, exact, asked[:200]), "recall@10")
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// recall is the share of the ten exact matches that x finds.
func recall(tb testing.TB, x, exact *Index, asked [][]float32) float64 {
	tb.Helper()
	found, all := 0, 0
	for _, v := range asked {
		want, err := exact.SearchInto(nil, index.Query{Vector: v, K: 10})
		if err != nil {
			tb.Fatal(err)
		}
		got, err := x.SearchInto(nil, index.Query{Vector: v, K: 10})
		if err != nil {
			tb.Fatal(err)
		}
		for _, m := range want {
			all++
			if slices.Contains(got, m) {
				found++
			}
		}
	}
	return float64(found) / float64(all)
}
