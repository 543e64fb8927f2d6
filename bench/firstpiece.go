package main

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/semroute/semroute/bench/measure"
	"golang.org/x/sync/errgroup"
)

const (
	concurrentStreams = 200
	// streamLife is how long each of the concurrent streams lasts.
	streamLife = time.Second
	longAnswer = "10-100ms"
)

// firstPiece measures what forwarding adds, decision included, to the first
// piece of an answer: one stream at a time, and with 200 open.
func firstPiece(ctx context.Context, e *env) (rows measure.Rows, err error) {
	up, err := newUpstream(ctx, e.double)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, up.close()) }()
	client := directClient(concurrentStreams)
	defer client.CloseIdleConnections()
	if rows, err = e.oneStream(ctx, up, client); err != nil {
		return rows, err
	}
	more, err := e.openStreams(ctx, up, client)
	return append(rows, more...), err
}

// oneStream also asks LiteLLM's proxy, where there is one.
func (e *env) oneStream(ctx context.Context, up *upstream, client *http.Client) (rows measure.Rows, err error) {
	in, prompts, err := e.forwarding(ctx, model{"fast", "fast", up.url})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	bare, err := newBareProxy(ctx, up, "fast")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, bare.close()) }()
	n := measure.Pick(e.quick, 50, 300)
	arms := []measure.Arm{
		firstArm(n, func(ctx context.Context, i int) (time.Duration, error) {
			return direct(ctx, client, up.url, "fast", prompts[i%len(prompts)])
		}),
		firstArm(n, func(ctx context.Context, i int) (time.Duration, error) {
			first, _, err := streamed(ctx, in.clients[0], prompts[i%len(prompts)])
			return first, err
		}),
		firstArm(n, func(ctx context.Context, i int) (time.Duration, error) {
			first, _, err := streamed(ctx, bare.client, prompts[i%len(prompts)])
			return first, err
		}),
	}
	if e.litellm != "" {
		arms = append(arms, firstArm(n, func(ctx context.Context, i int) (time.Duration, error) {
			return direct(ctx, client, e.litellm, "upstream", prompts[i%len(prompts)])
		}))
	}
	v, err := measure.Alternate(ctx, e.rounds(), arms...)
	if err != nil {
		return nil, err
	}
	rows = measure.Rows{
		measure.Plain("first piece of a direct call, p50", measure.Over(v[0]), "µs").Noted("one stream at a time"),
		measure.Plain("a bare gRPC proxy adds to the first piece, p50", measure.Less(v[2], v[0]), "µs").Noted("one stream at a time, " + bareNote),
		measure.AtMost("forwarding adds to the first piece, p50", measure.Less(v[1], v[0]), "µs", 100).Noted("one stream at a time, decision included"),
	}
	const ratio = "LiteLLM's proxy adds ÷ forwarding adds, p50"
	if e.litellm == "" {
		return append(rows, measure.Missing(ratio, "skipped: no proxy is running; bench/peers/run.sh starts one")), nil
	}
	added := make([]float64, len(v[0]))
	for i := range added {
		added[i] = (v[3][i] - v[0][i]) / (v[1][i] - v[0][i])
	}
	return append(rows,
		measure.Plain("LiteLLM's proxy adds to the first piece, p50", measure.Less(v[3], v[0]), "µs").Noted("one stream at a time, one worker"),
		measure.AtLeast(ratio, measure.Over(added), "ratio", 100)), nil
}

// firstArm is the median time to the first piece of n answers, one by one.
func firstArm(n int, ask func(ctx context.Context, i int) (time.Duration, error)) measure.Arm {
	return func(ctx context.Context) (float64, error) {
		took := make([]float64, n)
		for i := range took {
			first, err := ask(ctx, i)
			if err != nil {
				return 0, err
			}
			took[i] = measure.Microseconds(first)
		}
		return measure.Quantile(took, 0.5), nil
	}
}

// openStreams starts streams so that 200 are open at any time.
func (e *env) openStreams(ctx context.Context, up *upstream, client *http.Client) (rows measure.Rows, err error) {
	in, prompts, err := e.forwarding(ctx, model{"slow", longAnswer, up.url})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	bare, err := newBareProxy(ctx, up, longAnswer)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, bare.close()) }()
	asks := []func(ctx context.Context, i int) (time.Duration, error){
		func(ctx context.Context, i int) (time.Duration, error) {
			return direct(ctx, client, up.url, longAnswer, prompts[i%len(prompts)])
		},
		func(ctx context.Context, i int) (time.Duration, error) {
			first, _, err := streamed(ctx, in.clients[i%len(in.clients)], prompts[i%len(prompts)])
			return first, err
		},
		func(ctx context.Context, i int) (time.Duration, error) {
			first, _, err := streamed(ctx, bare.client, prompts[i%len(prompts)])
			return first, err
		},
	}
	n := concurrentStreams * measure.Pick(e.quick, 2, 8)
	p50, p99 := make([][]float64, len(asks)), make([][]float64, len(asks))
	for range measure.Pick(e.quick, 1, 3) {
		for i, ask := range asks {
			took, err := steadily(ctx, n, ask)
			if err != nil {
				return nil, err
			}
			p50[i], p99[i] = append(p50[i], measure.Quantile(took, 0.5)), append(p99[i], measure.Quantile(took, 0.99))
		}
	}
	return measure.Rows{
		measure.Plain("first piece of a direct call, 200 streams open, p50", measure.Over(p50[0]), "µs"),
		measure.Plain("first piece of a direct call, 200 streams open, p99", measure.Over(p99[0]), "µs"),
		measure.Plain("a bare gRPC proxy adds to the first piece, 200 streams open, p50", measure.Less(p50[2], p50[0]), "µs").Noted(bareNote),
		measure.Plain("a bare gRPC proxy adds to the first piece, 200 streams open, p99", measure.Less(p99[2], p99[0]), "µs").Noted(bareNote),
		measure.AtMost("forwarding adds to the first piece, 200 streams open, p50", measure.Less(p50[1], p50[0]), "µs", 150),
		measure.AtMost("forwarding adds to the first piece, 200 streams open, p99", measure.Less(p99[1], p99[0]), "µs", 1000),
	}, nil
}

// bareNote says what the bare proxy leaves out.
const bareNote = "no decision, nothing checked or recorded"

// steadily starts n streams evenly, as many a second as are to be open, and
// returns the times to the first piece of those that found the others open.
func steadily(ctx context.Context, n int, ask func(ctx context.Context, i int) (time.Duration, error)) ([]float64, error) {
	var mu sync.Mutex
	var took []float64
	group, ctx := errgroup.WithContext(ctx)
	start := time.Now()
	for i := range n {
		if !measure.Wait(ctx, time.Until(start.Add(time.Duration(i)*streamLife/concurrentStreams))) {
			break
		}
		group.Go(func() error {
			first, err := ask(ctx, i)
			mu.Lock()
			defer mu.Unlock()
			if i >= concurrentStreams {
				took = append(took, measure.Microseconds(first))
			}
			return err
		})
	}
	return took, group.Wait()
}
