package main

import (
	"context"
	"errors"

	"github.com/semroute/semroute/bench/client"
	"github.com/semroute/semroute/bench/measure"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
)

const (
	deadModelCallers = 8
	openingCalls     = 100
)

// deadModel compares calls of routes whose first model refuses connections
// with calls of routes whose models are well.
func deadModel(ctx context.Context, e *env) (rows measure.Rows, err error) {
	up, err := newUpstream(ctx, "")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, up.close()) }()
	nobody, err := client.FreeAddress(ctx)
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
	if _, err := measure.Latencies(ctx, 1, openingCalls, ill.forward(prompts)); err != nil {
		return nil, err
	}
	n := measure.Pick(e.quick, 400, 4000)
	v, err := measure.Alternate(ctx, e.rounds(),
		tailArm(deadModelCallers, n, well.forward(prompts)),
		tailArm(deadModelCallers, n, ill.forward(prompts)),
	)
	if err != nil {
		return nil, err
	}
	calls := float64((e.rounds()+1)*n + openingCalls)
	return measure.Rows{
		measure.AtMost("one of two models dead: failed calls", measure.Over([]float64{0}), "calls", 0).Noted("of %.0f", calls),
		measure.AtMost("one of two models dead ÷ both well, p99", measure.Divided(v[1], v[0]), "ratio", 1.2).Noted("circuit open, %d callers", deadModelCallers),
	}, nil
}

// forward is a whole call, decision and answer.
func (in *installation) forward(prompts []string) measure.Call {
	return measure.InTurn(prompts, func(ctx context.Context, p string) error {
		_, err := in.clients[0].Route(ctx, &semroutev1.RouteRequest{Prompt: client.Prompt(p), Forward: true})
		return err
	})
}

func tailArm(callers, n int, do measure.Call) measure.Arm {
	return func(ctx context.Context) (float64, error) {
		took, err := measure.Latencies(ctx, callers, n, do)
		return measure.Quantile(took, 0.99), err
	}
}
