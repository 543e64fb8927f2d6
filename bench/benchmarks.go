package main

import (
	"context"

	"github.com/semroute/semroute/bench/capacity"
	"github.com/semroute/semroute/bench/measure"
)

// benchmarks are all of them, in the order in which they run.
func (e *env) benchmarks() []measure.Benchmark {
	with := func(run func(context.Context, *env) (measure.Rows, error)) func(context.Context) (measure.Rows, error) {
		return func(ctx context.Context) (measure.Rows, error) { return run(ctx, e) }
	}
	all := []measure.Benchmark{
		{Name: "decisions", About: "decisions a second over gRPC ÷ empty calls a second", Run: with(decisions)},
		{Name: "decision", About: "one decision in process: time and allocations", Run: with(inProcess)},
		{Name: "ollama", About: "the Ollama path ÷ a bare embedding call", Run: with(ollamaPath)},
		{Name: "qdrant", About: "the Qdrant path ÷ a bare query", Run: with(qdrantPath)},
		{Name: "first-piece", About: "what forwarding adds to the first piece of a stream", Run: with(firstPiece)},
		{Name: "http", About: "what the HTTP listener adds to the first piece of a stream, at 1, 16 and 64 callers", Run: with(door)},
		{Name: "systemone", About: "the decision protocol over HTTP", Run: with(systemOne)},
		{Name: "streams", About: "2,000 streams at once: pieces lost, memory a stream", Run: with(manyStreams)},
		{Name: "dead-model", About: "one of two models dead: failed calls, p99", Run: with(deadModel)},
		{Name: "ledger", About: "records a second that the ledger keeps", Run: with(ledgerRate)},
		{Name: "search", About: "search in memory from 10,000 to 1,000,000 vectors", Run: with(searchScale)},
	}
	all = append(all, capacity.Benchmarks(capacity.Setup{
		Binary: e.binary, Source: e.source, Dir: e.dir, CacheDir: e.cache(), Quick: e.quick,
	})...)
	return append(all,
		measure.Benchmark{Name: "tail", About: "p99 ÷ p50 at half of the highest rate", Run: with(tail)},
		measure.Benchmark{Name: "exposed", About: "decisions a second with TLS, a key, traces and metrics ÷ without", Run: with(exposed)},
		measure.Benchmark{Name: "overload", About: "three times what a server can do: goodput, time of what is let in", Run: with(overload)},
		measure.Benchmark{Name: "hostile", About: "2,000 hostile connections: memory, honest callers' p99", Run: with(underAttack)},
		measure.Benchmark{Name: "aurelio", About: "aurelio semantic-router's decision ÷ ours, same vectors", Run: with(aurelio)},
		measure.Benchmark{Name: "embedding", About: "the model in the binary beside ONNX Runtime and Ollama", Run: with(embedding)},
	)
}
