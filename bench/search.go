package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/semroute/semroute/bench/measure"
	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/index/memory"
	"github.com/semroute/semroute/internal/vec"
)

const (
	searchDimension = 256
	searchK         = 10
)

// searchScale measures the index in memory as it grows, and how many of the
// ten nearest it finds at its largest.
func searchScale(ctx context.Context, e *env) (rows measure.Rows, err error) {
	sizes := measure.Pick(e.quick, []int{10_000, 60_000}, []int{10_000, 100_000, 1_000_000})
	largest := sizes[len(sizes)-1]
	entries, asked := cloud(largest + largest/laterShare)
	entries, later := entries[:largest], entries[largest:]
	e.say("search: %d vectors are made", largest)
	var arms []measure.Arm
	var last *memory.Index
	var build time.Duration
	for _, size := range sizes {
		start := time.Now()
		x, err := filled(ctx, entries[:size], 0)
		if err != nil {
			return nil, err
		}
		build = time.Since(start)
		e.say("search: the index of %d is built", size)
		arms, last = append(arms, measure.MedianArm(measure.Pick(e.quick, 200, 2000), measure.InTurn(nearest(asked), searcher(x)))), x
	}
	v, err := measure.Alternate(ctx, e.rounds(), arms...)
	if err != nil {
		return nil, err
	}
	for i, size := range sizes[:len(sizes)-1] {
		rows = append(rows, measure.Plain(fmt.Sprintf("search over %d × %d, p50", size, searchDimension), measure.Over(v[i]), "µs"))
	}
	exact, err := filled(ctx, entries, -1)
	if err != nil {
		return nil, err
	}
	few := asked[:measure.Pick(e.quick, 50, 500)]
	found, err := recall(last, exact, few)
	if err != nil {
		return nil, err
	}
	grown, err := growth(ctx, grower{index: last, exact: exact, later: later, asked: few, build: build})
	if err != nil {
		return nil, err
	}
	top := len(sizes) - 1
	rows = append(rows,
		measure.AtMost(fmt.Sprintf("search over %d × %d, p50", largest, searchDimension), measure.Over(v[top]), "µs", 1000),
		measure.AtLeast(fmt.Sprintf("recall@10 over %d", largest), measure.Over([]float64{found}), "share", 0.99).Noted("against an exact scan"),
		measure.AtMost(fmt.Sprintf("search over %d ÷ over %d", largest, sizes[0]), measure.Divided(v[top], v[0]), "ratio", 12),
	)
	return append(rows, grown...), nil
}

// nearest asks for the ten nearest of each.
func nearest(asked [][]float32) []index.Query {
	all := make([]index.Query, len(asked))
	for i, v := range asked {
		all[i] = index.Query{Vector: v, K: searchK}
	}
	return all
}

func filled(ctx context.Context, entries []index.Entry, exactRows int) (*memory.Index, error) {
	x, err := memory.Open(memory.Config{Fingerprint: "bench", Dimension: searchDimension, ExactRows: exactRows})
	if err != nil {
		return nil, err
	}
	return x, x.Replace(ctx, entries)
}

// recall is the share of the exact matches that x finds.
func recall(x, exact *memory.Index, asked [][]float32) (float64, error) {
	found, all := 0, 0
	for _, v := range asked {
		q := index.Query{Vector: v, K: searchK}
		want, err := exact.SearchInto(nil, q)
		if err != nil {
			return 0, err
		}
		got, err := x.SearchInto(nil, q)
		if err != nil {
			return 0, err
		}
		for _, m := range want {
			all++
			if slices.Contains(got, m) {
				found++
			}
		}
	}
	return float64(found) / float64(all), nil
}

// cloud makes vectors that lie as those of utterances do: domains in a common
// direction, routes in domains, ways of saying it in routes. Its queries are
// further utterances. Any beginning of it is a smaller catalog of whole routes
// of all domains.
func cloud(size int) (entries []index.Entry, asked [][]float32) {
	const domains, perRoute, everyNth = 24, 100, 400
	c := scatter{r: rand.New(rand.NewPCG(7, 11))}
	common := c.near(make([]float32, searchDimension), 1)
	centres := make([][]float32, domains)
	for i := range centres {
		centres[i] = c.near(common, 2.5)
	}
	entries = make([]index.Entry, 0, size)
	for route := 0; len(entries) < size; route++ {
		name, ways := fmt.Sprintf("route-%06d", route), make([][]float32, 2+c.r.IntN(6))
		centre := c.near(centres[route%domains], 0.9)
		for i := range ways {
			ways[i] = c.near(centre, 0.4)
		}
		spread := 0.3 + 0.4*c.r.Float32()
		for i := range min(perRoute, size-len(entries)) {
			entries = append(entries, index.Entry{
				Key:    index.Key{Route: name, Utterance: fmt.Sprintf("utterance %d of %d", i, route)},
				Vector: c.near(ways[c.r.IntN(len(ways))], spread),
			})
			if len(entries)%everyNth == 0 || len(asked) < domains {
				asked = append(asked, c.near(ways[c.r.IntN(len(ways))], spread))
			}
		}
	}
	return entries, asked
}

type scatter struct{ r *rand.Rand }

// near is a unit vector at about that distance from the centre.
func (s *scatter) near(centre []float32, distance float32) []float32 {
	v := make([]float32, searchDimension)
	per := float64(distance) / math.Sqrt(searchDimension)
	for i := range v {
		v[i] = centre[i] + float32(s.r.NormFloat64()*per)
	}
	vec.Normalize(v)
	return v
}
