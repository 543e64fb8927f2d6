package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/semroute/semroute/bench/client"
	"github.com/semroute/semroute/bench/measure"
	"github.com/semroute/semroute/bench/process"
)

// Models of the double for the first piece by HTTP. One caller asks again at once;
// many read answers that take a while, so that what is measured is what a gateway
// adds and not how calls queue for two cores.
const (
	doorFast  = "fast"
	doorPaced = "3-50ms"
	// doorLife is how long an answer of doorPaced lasts.
	doorLife = 100 * time.Millisecond
)

// What the project asks of itself for what is added to the first piece.
const (
	doorP50 = 400
	doorP99 = 2000
)

// door measures what OpenAI's chat completions through the HTTP listener add to
// the first piece of an answer, beside the least that any proxy adds and beside
// others' gateways where they run.
func door(ctx context.Context, e *env) (rows measure.Rows, err error) {
	up, err := newUpstream(ctx, e.double)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, up.close()) }()
	for _, callers := range []int{1, 16, measure.ManyCallers} {
		more, err := e.doorAt(ctx, up, callers)
		rows = append(rows, more...)
		if err != nil {
			return rows, err
		}
	}
	if e.litellm == "" {
		rows = append(rows, measure.Missing("LiteLLM's proxy adds ÷ semroute adds", "skipped: no proxy is running; bench/peers/run.sh starts one"))
	}
	return rows, nil
}

// doorAt measures at one number of callers.
func (e *env) doorAt(ctx context.Context, up *upstream, callers int) (rows measure.Rows, err error) {
	model, peer := doorPaced, "upstream-paced"
	if callers == 1 {
		model, peer = doorFast, "upstream"
	}
	small, prompts, err := e.doorServer(ctx, up, model, "--embedder", "static")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, small.Close()) }()
	usual, _, err := e.doorServer(ctx, up, model)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, usual.Close()) }()
	bare, err := e.newReverseProxy(ctx, up)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, bare.close()) }()
	arms := []doorArm{
		{name: "a direct call", url: up.url, model: model},
		{name: "a bare reverse proxy", url: bare.version, model: model},
		{name: "semroute, model named", url: small.web, model: "model:upstream", ours: true},
		{name: "semroute, auto, static vectors", url: small.web, model: "auto", ours: true},
		{name: "semroute, auto, the default, prompts seen before", url: usual.web, model: "auto", ours: true, seen: true},
	}
	if callers == 1 { // more than a few at once are more than two cores embed
		arms = append(arms, doorArm{name: "semroute, auto, the default, nothing seen before", url: usual.web, model: "auto", ours: true})
	}
	if e.litellm != "" {
		arms = append(arms, doorArm{name: "LiteLLM's proxy", url: e.litellm, model: peer})
	}
	p50, p99, err := e.doorTurns(ctx, callers, arms, &fresh{prompts: prompts})
	if err != nil {
		return nil, err
	}
	return doorRows(callers, arms, p50, p99), nil
}

// doorServed is a server of semroute with the address of its HTTP listener.
type doorServed struct {
	*process.Server
	web string
}

// doorServer starts semroute over the double.
func (e *env) doorServer(ctx context.Context, up *upstream, says string, flags ...string) (*doorServed, []string, error) {
	yaml, prompts, err := forwardingYAML(model{"upstream", says, up.url})
	if err != nil {
		return nil, nil, err
	}
	path := filepath.Join(e.dir, fmt.Sprintf("door-%s.yaml", says))
	if err := os.WriteFile(path, []byte(yaml), 0o600); err != nil {
		return nil, nil, err
	}
	s, err := e.serveHTTP(ctx, path, flags...)
	return s, prompts, err
}

// doorTurns lets the arms take turns and gives the quantiles of every round.
func (e *env) doorTurns(ctx context.Context, callers int, arms []doorArm, prompts *fresh) (p50, p99 [][]float64, err error) {
	p50, p99 = make([][]float64, len(arms)), make([][]float64, len(arms))
	caller := directClient(callers)
	defer caller.CloseIdleConnections()
	n := measure.Pick(e.quick, max(100, 10*callers), max(500, 25*callers))
	turns := make([]measure.Arm, len(arms))
	warm := make([]bool, len(arms))
	for i, arm := range arms {
		turns[i] = func(ctx context.Context) (float64, error) {
			took, err := arm.ask(ctx, caller, callers, n, prompts)
			if err != nil {
				return 0, fmt.Errorf("%s: %w", arm.name, err)
			}
			if warm[i] { // the first round warms up
				p50[i], p99[i] = append(p50[i], measure.Quantile(took, 0.5)), append(p99[i], measure.Quantile(took, 0.99))
			}
			warm[i] = true
			return 0, nil
		}
	}
	_, err = measure.Alternate(ctx, measure.Pick(e.quick, 1, 5), turns...)
	return p50, p99, err
}

// serveHTTP starts semroute with its HTTP listener.
func (e *env) serveHTTP(ctx context.Context, catalog string, flags ...string) (*doorServed, error) {
	address, err := client.FreeAddress(ctx)
	if err != nil {
		return nil, err
	}
	s, err := e.serve(ctx, []string{catalog}, append([]string{"--http-listen", address}, flags...)...)
	if err != nil {
		return nil, err
	}
	return &doorServed{Server: s, web: "http://" + address + "/v1"}, nil
}
