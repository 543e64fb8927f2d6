package capacity

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/semroute/semroute/bench/measure"
	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/index/memory"
	"github.com/semroute/semroute/internal/vec"
)

// sizing simulates what Qdrant needs for catalogs that outgrow the index in
// memory. Measured are, on this machine, what a distance costs and what the
// index in memory holds; the rest is arithmetic on Qdrant's documented
// behaviour, see plan. Qdrant itself is not run.
func sizing(ctx context.Context, s Setup) (measure.Rows, error) {
	var rows, plans measure.Rows
	for _, dimension := range []int{256, 384, 768} {
		held, err := bytesAnEntry(ctx, dimension)
		if err != nil {
			return nil, err
		}
		cost := distances(dimension, measure.Pick(s.Quick, 8<<20, 128<<20), measure.Pick(s.Quick, 20_000, 400_000))
		rows = append(rows,
			measure.Plain(fmt.Sprintf("memory index, an utterance of %d components", dimension), measure.Single(held), "bytes").Noted("measured"),
			measure.Plain(fmt.Sprintf("a distance of %d components, float32 in memory at random", dimension), cost.full, "ns").Noted("measured"),
			measure.Plain(fmt.Sprintf("a distance of %d components, 8-bit in memory at random", dimension), cost.codes, "ns").Noted("measured"),
		)
		for _, millions := range []float64{1, 10, 100} {
			for _, quantized := range []bool{false, true} {
				plans = append(plans, planRow(workload{utterances: millions * 1e6, dimension: float64(dimension), quantized: quantized}, cost))
			}
		}
	}
	return append(rows, plans...), nil
}

// planRow is the memory of one copy; its note says the rest.
func planRow(w workload, cost distanceCost) measure.Row {
	form, each := "float32", cost.full.Value
	if w.quantized {
		form, each = "8-bit", cost.codes.Value
	}
	p := planFor(w)
	const giga, milli = 1e9, 1e6
	return measure.Plain(fmt.Sprintf("Qdrant, %g M × %g, %s: memory of one copy", w.utterances/1e6, w.dimension, form), measure.Single(p.memory/giga), "GB").
		Noted("simulated; disk %.0f GB; %g nodes of %g GB for %d copies, %g shards; a search in 8 routes of 100 takes %.2f ms of processor time, one in all at most %.1f ms, %.2f ms on all cores at once",
			p.disk/giga, p.nodes, nodeBytes/giga, copies, p.shards, p.inRoutes*each/milli, p.inAll*each/milli, p.inAll*each/milli/(p.nodes*nodeCores))
}

// bytesAnEntry measures what the index in memory holds for one utterance.
func bytesAnEntry(ctx context.Context, dimension int) (float64, error) {
	const n = 2000
	r := rand.New(rand.NewPCG(4, 2))
	entries := make([]index.Entry, n)
	for i := range entries {
		v := make([]float32, dimension)
		for k := range v {
			v[k] = float32(r.NormFloat64())
		}
		vec.Normalize(v)
		entries[i] = index.Entry{Key: index.Key{Route: fmt.Sprint("route-", i/100), Utterance: fmt.Sprintf("how do i change the address of parcel %d, please", i)}, Vector: v}
	}
	x, err := memory.Open(memory.Config{Fingerprint: "bench", Dimension: dimension})
	if err != nil {
		return 0, err
	}
	if err := x.Replace(ctx, entries); err != nil {
		return 0, err
	}
	stats, err := x.Stats()
	return float64(stats.Bytes) / n, err
}

// distanceCost is what one distance costs, in nanoseconds.
type distanceCost struct{ full, codes measure.Figure }

// distances measures them over so many bytes of each kind, more than the caches
// hold, at random places, as a walk through a graph meets them.
func distances(dimension, size, n int) distanceCost {
	r := rand.New(rand.NewPCG(6, 6))
	full := make([]float32, size/4/dimension*dimension)
	for i := range full {
		full[i] = float32(i%251) / 251
	}
	codes := make([]int8, size/dimension*dimension)
	for i := range codes {
		codes[i] = int8(i % 127)
	}
	query, code, sum := full[:dimension], codes[:dimension], make([]int32, 1)
	kept := float32(0) // so that the product is not left out
	var cost [2][]float64
	for range distanceRounds {
		cost[0] = append(cost[0], perCall(n/distanceRounds, func() {
			at := r.IntN(len(full)/dimension) * dimension
			kept += vec.Dot(query, full[at:at+dimension])
		}))
		cost[1] = append(cost[1], perCall(n/distanceRounds, func() {
			at := r.IntN(len(codes)/dimension) * dimension
			vec.DotRowsI8(sum, codes[at:at+dimension], dimension, code)
		}))
	}
	return distanceCost{full: measure.Over(cost[0]), codes: measure.Over(cost[1])}
}

const distanceRounds = 9

// perCall returns the nanoseconds of one of n calls.
func perCall(n int, do func()) float64 {
	start := time.Now()
	for range n {
		do()
	}
	return float64(time.Since(start).Nanoseconds()) / float64(n)
}
