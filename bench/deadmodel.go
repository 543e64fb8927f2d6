package bench

import (
	"context"
	"errors"

	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
)

const (
	deadModelCallers = 8
	openingCalls     = 100
)

// deadModel compares calls of routes whose first model refuses connections
// with calls of routes whose models are well.
func deadModel(ctx context.Context, e *env) (rows []Row, err error) {
	up, err := newUpstream(ctx, "")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, up.close()) }()
	nobody, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	well, prompts, err := e.forwarding(ctx, model{"first", "fast", up.url}, model{"second", "fast", up.url})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, well.close()) }()
	ill, _, err := e.forwarding(ctx, model{"first", "fast", "http://" + nobody + "/v1"}, model{"second", "fast", up.url})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, ill.close()) }()

	// A failed call ends the benchmark, so that what is reported had none.
	if _, err := latencies(ctx, 1, openingCalls, ill.forward(prompts)); err != nil {
		return nil, err
	}
	n := pick(e.Quick, 400, 4000)
	v, err := alternate(ctx, e.rounds(),
		tailArm(deadModelCallers, n, well.forward(prompts)),
		tailArm(deadModelCallers, n, ill.forward(prompts)),
	)
	if err != nil {
		return nil, err
	}
	calls := float64((e.rounds()+1)*n + openingCalls)
	return []Row{
		atMost("one of two models dead: failed calls", over([]float64{0}), "calls", 0).noted("of %.0f", calls),
		atMost("one of two models dead ÷ both well, p99", divided(v[1], v[0]), "ratio", 1.2).noted("circuit open, %d callers", deadModelCallers),
	}, nil
}

// forward is a whole call, decision and answer.
func (in *installation) forward(prompts []string) call {
	return inTurn(prompts, func(ctx context.Context, p string) error {
		_, err := in.clients[0].Route(ctx, &semroutev1.RouteRequest{Prompt: promptOf(p), Forward: true})
		return err
	})
}

func tailArm(callers, n int, do call) arm {
	return func(ctx context.Context) (float64, error) {
		took, err := latencies(ctx, callers, n, do)
		return quantile(took, 0.99), err
	}
}
