package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/semroute/semroute/bench/catalogs"
	"github.com/semroute/semroute/bench/measure"
	"github.com/semroute/semroute/router"
)

// decisions compares decisions with empty calls, client and servers in this
// process. The floor is a health check on a server without interceptors; the
// health check on the very server that decides passes through the same
// interceptors and writes the same log line.
func decisions(ctx context.Context, e *env) (rows measure.Rows, err error) {
	big, err := e.source.Large()
	if err != nil {
		return nil, err
	}
	few, err := catalogs.Small()
	if err != nil {
		return nil, err
	}
	bare, err := e.floor(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, bare.close()) }()
	many, err := e.install(ctx, big.Catalog, e.staticMemory(), false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, many.close()) }()
	eight, err := e.install(ctx, few.Catalog, e.staticMemory(), false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, eight.close()) }()

	already, err := e.readyServer(ctx, many, big.Prompts[0])
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, already.close()) }()

	const empty, same, large, lean, few8, none = 0, 1, 2, 3, 4, 5 // the arms
	busy := make([][]float64, 6)
	v, err := measure.Alternate(ctx, e.rounds(),
		measure.BusyArm(e.turn(), &busy[empty], checkBy(bare.clients)),
		measure.BusyArm(e.turn(), &busy[same], many.check()),
		measure.BusyArm(e.turn(), &busy[large], many.decide(big.Prompts, false)),
		measure.BusyArm(e.turn(), &busy[lean], many.lean(big.Prompts)),
		measure.BusyArm(e.turn(), &busy[few8], eight.decide(few.Prompts, false)),
		measure.BusyArm(e.turn(), &busy[none], already.decide(big.Prompts, false)),
	)
	if err != nil {
		return nil, err
	}
	where := fmt.Sprintf("%d callers, %d connection(s); empty call: health check, server without interceptors", measure.ManyCallers, e.connections)
	rows = measure.Rows{
		measure.Plain("empty calls a second", measure.Over(v[empty]), "/s").Noted("%s", where),
		measure.Plain("decisions a second, "+big.Label(), measure.Over(v[large]), "/s"),
		measure.AtLeast("decisions ÷ empty calls, static, "+big.Label(), measure.Divided(v[large], v[empty]), "ratio", 0.60).Noted("%s", where),
		measure.AtLeast("the same ÷ health checks on the deciding server", measure.Divided(v[large], v[same]), "ratio", 0.60).Noted("through the same interceptors"),
		measure.Plain("the same ÷ empty calls, a reply without candidates and matches", measure.Divided(v[lean], v[empty]), "ratio"),
		measure.AtLeast("decisions ÷ empty calls, static, "+few.Label(), measure.Divided(v[few8], v[empty]), "ratio", 0.75),
		measure.Plain("a ready decision ÷ empty calls", measure.Divided(v[none], v[empty]), "ratio").Noted("nothing is decided: what the transport, the reply and the log line leave"),
		measure.Plain("processor time of an empty call, client and server", measure.Over(busy[empty][1:]), "µs"),
		measure.Plain("processor time of a health check on the deciding server", measure.Over(busy[same][1:]), "µs"),
		measure.Plain("processor time of a ready decision", measure.Over(busy[none][1:]), "µs"),
		measure.Plain("processor time of a decision, "+big.Label(), measure.Over(busy[large][1:]), "µs"),
		measure.Plain("processor time of a decision, "+few.Label(), measure.Over(busy[few8][1:]), "µs"),
	}
	cached, err := e.cached(ctx, bare, big)
	return append(rows, cached), err
}

// cached compares decisions whose embedding is cached with empty calls.
func (e *env) cached(ctx context.Context, bare *floor, big *catalogs.Catalog) (row measure.Row, err error) {
	const name = "decisions ÷ empty calls, static, cached embedding"
	config := e.staticMemory()
	config.Embedder.CacheBytes = 16 << 20
	in, err := e.install(ctx, big.Catalog, config, false)
	if err != nil {
		return measure.Row{}, err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	again := big.Prompts[:min(len(big.Prompts), 256)]
	for range 2 {
		for _, p := range again {
			if _, err := in.engine.Decide(ctx, router.Prompt{Text: p}, router.Limits{}); err != nil {
				return measure.Row{}, err
			}
		}
	}
	v, err := measure.Alternate(ctx, e.rounds(),
		measure.RateArm(measure.ManyCallers, e.turn(), checkBy(bare.clients)),
		measure.RateArm(measure.ManyCallers, e.turn(), in.decide(again, true)),
	)
	if err != nil {
		return measure.Row{}, err
	}
	return measure.AtLeast(name, measure.Divided(v[1], v[0]), "ratio", 0.75), nil
}
