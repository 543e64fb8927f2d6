package bench

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

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
func firstPiece(ctx context.Context, e *env) (rows []Row, err error) {
	up, err := newUpstream(ctx, e.Upstream)
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
func (e *env) oneStream(ctx context.Context, up *upstream, client *http.Client) (rows []Row, err error) {
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
	n := pick(e.Quick, 50, 300)
	arms := []arm{
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
	if e.LiteLLM != "" {
		arms = append(arms, firstArm(n, func(ctx context.Context, i int) (time.Duration, error) {
			return direct(ctx, client, e.LiteLLM, "upstream", prompts[i%len(prompts)])
		}))
	}
	v, err := alternate(ctx, e.rounds(), arms...)
	if err != nil {
		return nil, err
	}
	rows = []Row{
		plain("first piece of a direct call, p50", over(v[0]), "µs").noted("one stream at a time"),
		plain("a bare gRPC proxy adds to the first piece, p50", less(v[2], v[0]), "µs").noted("one stream at a time, " + bareNote),
		atMost("forwarding adds to the first piece, p50", less(v[1], v[0]), "µs", 100).noted("one stream at a time, decision included"),
	}
	const ratio = "LiteLLM's proxy adds ÷ forwarding adds, p50"
	if e.LiteLLM == "" {
		return append(rows, missing(ratio, "skipped: no proxy is running; bench/peers/run.sh starts one")), nil
	}
	added := make([]float64, len(v[0]))
	for i := range added {
		added[i] = (v[3][i] - v[0][i]) / (v[1][i] - v[0][i])
	}
	return append(rows,
		plain("LiteLLM's proxy adds to the first piece, p50", less(v[3], v[0]), "µs").noted("one stream at a time, one worker"),
		atLeast(ratio, over(added), "ratio", 100)), nil
}

// firstArm is the median time to the first piece of n answers, one by one.
func firstArm(n int, ask func(ctx context.Context, i int) (time.Duration, error)) arm {
	return func(ctx context.Context) (float64, error) {
		took := make([]float64, n)
		for i := range took {
			first, err := ask(ctx, i)
			if err != nil {
				return 0, err
			}
			took[i] = microseconds(first)
		}
		return quantile(took, 0.5), nil
	}
}

// openStreams starts streams so that 200 are open at any time.
func (e *env) openStreams(ctx context.Context, up *upstream, client *http.Client) (rows []Row, err error) {
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
	n := concurrentStreams * pick(e.Quick, 2, 8)
	p50, p99 := make([][]float64, len(asks)), make([][]float64, len(asks))
	for range pick(e.Quick, 1, 3) {
		for i, ask := range asks {
			took, err := steadily(ctx, n, ask)
			if err != nil {
				return nil, err
			}
			p50[i], p99[i] = append(p50[i], quantile(took, 0.5)), append(p99[i], quantile(took, 0.99))
		}
	}
	return []Row{
		plain("first piece of a direct call, 200 streams open, p50", over(p50[0]), "µs"),
		plain("first piece of a direct call, 200 streams open, p99", over(p99[0]), "µs"),
		plain("a bare gRPC proxy adds to the first piece, 200 streams open, p50", less(p50[2], p50[0]), "µs").noted(bareNote),
		plain("a bare gRPC proxy adds to the first piece, 200 streams open, p99", less(p99[2], p99[0]), "µs").noted(bareNote),
		atMost("forwarding adds to the first piece, 200 streams open, p50", less(p50[1], p50[0]), "µs", 150),
		atMost("forwarding adds to the first piece, 200 streams open, p99", less(p99[1], p99[0]), "µs", 1000),
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
		if !wait(ctx, time.Until(start.Add(time.Duration(i)*streamLife/concurrentStreams))) {
			break
		}
		group.Go(func() error {
			first, err := ask(ctx, i)
			mu.Lock()
			defer mu.Unlock()
			if i >= concurrentStreams {
				took = append(took, microseconds(first))
			}
			return err
		})
	}
	return took, group.Wait()
}
