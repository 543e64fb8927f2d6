package main

import (
	"context"
	"errors"
	"runtime"

	"github.com/semroute/semroute/bench/measure"
	"github.com/semroute/semroute/classify"
	"github.com/semroute/semroute/embed/static"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/server"
)

// inProcess measures one decision after another without any transport.
func inProcess(ctx context.Context, e *env) (rows measure.Rows, err error) {
	big, err := e.source.Large()
	if err != nil {
		return nil, err
	}
	config := e.staticMemory()
	config.Index.Name = big.Label()
	built, err := engine.Build(ctx, big.Catalog, config)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, built.Close()) }()
	r := router.New(router.Config{})
	r.Swap(built.Generation)
	n := measure.Pick(e.quick, 500, 5000)
	decide := measure.InTurn(big.Prompts, func(ctx context.Context, p string) error {
		_, err := r.Decide(ctx, router.Prompt{Text: p}, router.Limits{})
		return err
	})
	queries, err := queriesOf(ctx, r, big.Prompts[:min(len(big.Prompts), 1000)])
	if err != nil {
		return nil, err
	}
	search := measure.InTurn(queries, routeSearch(built.Index))
	var p50, p99, allocs, searchP50, searchAllocs []float64
	for range e.rounds() + 1 {
		took, err := measure.Latencies(ctx, 1, n, decide)
		if err != nil {
			return nil, err
		}
		p50, p99 = append(p50, measure.Quantile(took, 0.5)), append(p99, measure.Quantile(took, 0.99))
		if took, err = measure.Latencies(ctx, 1, n, search); err != nil {
			return nil, err
		}
		searchP50 = append(searchP50, measure.Quantile(took, 0.5))
		allocs = append(allocs, allocations(ctx, n, decide))
		searchAllocs = append(searchAllocs, allocations(ctx, n, search))
	}
	return measure.Rows{
		measure.AtMost("decision in process, p50, "+big.Label(), measure.Over(p50[1:]), "µs", 20).Noted("static embedding included"),
		measure.Plain("decision in process, p99", measure.Over(p99[1:]), "µs"),
		measure.AtMost("allocations a decision", measure.Over(allocs[1:]), "", 12),
		measure.Plain("its search of the index alone, p50", measure.Over(searchP50[1:]), "µs").Noted("within the leading routes"),
		measure.AtMost("allocations of a search", measure.Over(searchAllocs[1:]), "", 0),
	}, nil
}

// routeSearch searches as a decision on an index in process does: for the
// nearest of each leading route.
func routeSearch(idx index.Index) func(ctx context.Context, q index.Query) error {
	byRoute, ok := idx.(interface {
		SearchRoutes(answer *index.RouteAnswer, q index.RouteQuery) error
	})
	if !ok {
		return searcher(idx)
	}
	var answer index.RouteAnswer
	return func(_ context.Context, q index.Query) error {
		return byRoute.SearchRoutes(&answer, index.RouteQuery{
			Vector: q.Vector, Routes: q.Routes, PerRoute: classify.NeighboursPerRoute, Matches: usualMatches,
		})
	}
}

// usualMatches is how many matches a decision names unless asked otherwise.
const usualMatches = 3

// intoSearcher is an index that can answer into memory it is given.
type intoSearcher interface {
	SearchInto(dst []index.Match, q index.Query) ([]index.Match, error)
}

// searcher searches into the same memory again where the index can.
func searcher(idx index.Index) func(ctx context.Context, q index.Query) error {
	into, ok := idx.(intoSearcher)
	if !ok {
		return func(ctx context.Context, q index.Query) error {
			_, err := idx.Search(ctx, q)
			return err
		}
	}
	var dst []index.Match
	return func(_ context.Context, q index.Query) (err error) {
		dst, err = into.SearchInto(dst, q)
		return err
	}
}

// queriesOf are what decisions on static vectors ask of the index: the neighbours
// within the leading routes of each prompt.
func queriesOf(ctx context.Context, decider server.Decider, prompts []string) ([]index.Query, error) {
	embedder, err := static.New(static.Config{})
	if err != nil {
		return nil, err
	}
	vectors, err := embedder.EmbedQueries(ctx, prompts)
	if err != nil {
		return nil, err
	}
	all := make([]index.Query, len(prompts))
	for i, p := range prompts {
		d, err := decider.Decide(ctx, router.Prompt{Text: p}, router.Limits{Candidates: classify.Leaders})
		if err != nil {
			return nil, err
		}
		for _, c := range d.Candidates {
			all[i].Routes = append(all[i].Routes, c.Route)
		}
		all[i].Vector, all[i].K = vectors.Vectors[i], classify.NeighboursPerRoute*len(all[i].Routes)
	}
	return all, nil
}

// allocations is how many one call makes, on average, rounded down as the
// testing package does: what the runtime allocates now and then is not its.
func allocations(ctx context.Context, n int, do measure.Call) float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range n {
		if err := do(ctx, 0); err != nil {
			return 0 // the timed calls before would have failed already
		}
	}
	runtime.ReadMemStats(&after)
	return float64((after.Mallocs - before.Mallocs) / uint64(n))
}
