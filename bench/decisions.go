package bench

import (
	"context"
	"errors"
	"fmt"

	"github.com/semroute/semroute/router"
)

const manyCallers = 64

// decisions compares decisions with empty calls, client and servers in this
// process. The floor is a health check on a server without interceptors; the
// health check on the very server that decides passes through the same
// interceptors and writes the same log line.
func decisions(ctx context.Context, e *env) (rows []Row, err error) {
	big, err := e.large()
	if err != nil {
		return nil, err
	}
	few, fewPrompts, err := small()
	if err != nil {
		return nil, err
	}
	bare, err := e.floor(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, bare.close()) }()
	many, err := e.install(ctx, big.catalog, e.staticMemory(), false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, many.close()) }()
	eight, err := e.install(ctx, few, e.staticMemory(), false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, eight.close()) }()

	already, err := e.readyServer(ctx, many, big.prompts[0])
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, already.close()) }()

	const empty, same, large, lean, few8, none = 0, 1, 2, 3, 4, 5 // the arms
	busy := make([][]float64, 6)
	v, err := alternate(ctx, e.rounds(),
		busyArm(e.turn(), &busy[empty], checkBy(bare.clients)),
		busyArm(e.turn(), &busy[same], many.check()),
		busyArm(e.turn(), &busy[large], many.decide(big.prompts, false)),
		busyArm(e.turn(), &busy[lean], many.lean(big.prompts)),
		busyArm(e.turn(), &busy[few8], eight.decide(fewPrompts, false)),
		busyArm(e.turn(), &busy[none], already.decide(big.prompts, false)),
	)
	if err != nil {
		return nil, err
	}
	where := fmt.Sprintf("%d callers, %d connection(s); empty call: health check, server without interceptors", manyCallers, e.Connections)
	rows = []Row{
		plain("empty calls a second", over(v[empty]), "/s").noted("%s", where),
		plain("decisions a second, "+big.label(), over(v[large]), "/s"),
		atLeast("decisions ÷ empty calls, static, "+big.label(), divided(v[large], v[empty]), "ratio", 0.60).noted("%s", where),
		atLeast("the same ÷ health checks on the deciding server", divided(v[large], v[same]), "ratio", 0.60).noted("through the same interceptors"),
		plain("the same ÷ empty calls, a reply without candidates and matches", divided(v[lean], v[empty]), "ratio"),
		atLeast("decisions ÷ empty calls, static, "+sizeOf(few), divided(v[few8], v[empty]), "ratio", 0.75),
		plain("a ready decision ÷ empty calls", divided(v[none], v[empty]), "ratio").noted("nothing is decided: what the transport, the reply and the log line leave"),
		plain("processor time of an empty call, client and server", over(busy[empty][1:]), "µs"),
		plain("processor time of a health check on the deciding server", over(busy[same][1:]), "µs"),
		plain("processor time of a ready decision", over(busy[none][1:]), "µs"),
		plain("processor time of a decision, "+big.label(), over(busy[large][1:]), "µs"),
		plain("processor time of a decision, "+sizeOf(few), over(busy[few8][1:]), "µs"),
	}
	cached, err := e.cached(ctx, bare, big)
	return append(rows, cached), err
}

// cached compares decisions whose embedding is cached with empty calls.
func (e *env) cached(ctx context.Context, bare *floor, big *large) (row Row, err error) {
	const name = "decisions ÷ empty calls, static, cached embedding"
	config := e.staticMemory()
	config.Embedder.CacheBytes = 16 << 20
	in, err := e.install(ctx, big.catalog, config, false)
	if err != nil {
		return Row{}, err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	again := big.prompts[:min(len(big.prompts), 256)]
	for range 2 {
		for _, p := range again {
			if _, err := in.router.Decide(ctx, router.Prompt{Text: p}, router.Limits{}); err != nil {
				return Row{}, err
			}
		}
	}
	v, err := alternate(ctx, e.rounds(),
		rateArm(manyCallers, e.turn(), checkBy(bare.clients)),
		rateArm(manyCallers, e.turn(), in.decide(again, true)),
	)
	if err != nil {
		return Row{}, err
	}
	return atLeast(name, divided(v[1], v[0]), "ratio", 0.75), nil
}
