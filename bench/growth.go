package main

import (
	"context"
	"fmt"
	"time"

	"github.com/semroute/semroute/bench/measure"
	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/index/memory"
)

const (
	// laterShare of a large index comes later, so much that its base has to be
	// made anew on the way.
	laterShare = 40
	upsertSize = 100
)

// grower is a large index and what comes later.
type grower struct {
	index, exact *memory.Index
	later        []index.Entry
	asked        [][]float32
	build        time.Duration // of the whole index
}

// growth measures what it costs to add to a large index, a few entries at a
// time, and what is found of its nearest then.
func growth(ctx context.Context, g grower) (measure.Rows, error) {
	before, err := g.index.Stats()
	if err != nil {
		return nil, err
	}
	var took []float64
	for first := 0; first < len(g.later); first += upsertSize {
		some := g.later[first:min(first+upsertSize, len(g.later))]
		start := time.Now()
		if err := g.index.Upsert(ctx, some); err != nil {
			return nil, err
		}
		took = append(took, time.Since(start).Seconds()*1000)
	}
	if err := g.exact.Upsert(ctx, g.later); err != nil {
		return nil, err
	}
	found, err := recall(g.index, g.exact, g.asked)
	if err != nil {
		return nil, err
	}
	size, build := before.Entries, g.build.Seconds()*1000
	p50 := measure.Quantile(took, 0.5) // sorts
	return measure.Rows{
		measure.Plain(fmt.Sprintf("recall@10 that the build of %d measured", size), measure.Single(before.Recall), "share").
			Noted("%d of %d lists searched", before.Probes, before.Lists),
		measure.Plain(fmt.Sprintf("build of %d", size), measure.Single(build), "ms"),
		measure.Plain(fmt.Sprintf("upsert of %d into it, p50", upsertSize), measure.Single(p50), "ms").Noted("longest %s ms, where the base is made anew", measure.Number(took[len(took)-1])),
		measure.Plain("the build ÷ that", measure.Single(build/p50), "ratio"),
		measure.AtLeast(fmt.Sprintf("recall@10 after %d more", len(g.later)), measure.Single(found), "share", 0.99).Noted("against an exact scan"),
		measure.Plain("memory of an entry", measure.Single(float64(before.Bytes)/float64(size)), "bytes").Noted("of %d components", searchDimension),
	}, nil
}
