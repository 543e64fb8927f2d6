package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/ollama/ollama/api"
	"github.com/semroute/semroute/bench/catalogs"
	"github.com/semroute/semroute/bench/measure"
	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/internal/ollamahost"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
)

const (
	crowd        = 32
	embedTimeout = 30 * time.Second
)

// ollamaPath compares a decision on Ollama's vectors with a bare embedding call
// by Ollama's own client, of the same prompts. Neither remembers a prompt. What
// an empty gRPC call with nothing but the bare call in it takes is the floor of
// a decision over gRPC.
func ollamaPath(ctx context.Context, e *env) (rows measure.Rows, err error) {
	few, err := catalogs.Small()
	if err != nil {
		return nil, err
	}
	prompts := measure.Mixed(few.Prompts)
	config := e.staticMemory()
	config.Embedder = engine.EmbedderConfig{Kind: engine.Ollama, Host: e.ollamaHost, Model: e.ollamaModel, Timeout: embedTimeout}
	in, err := e.install(ctx, few.Catalog, config, false)
	if errors.Is(err, embed.ErrUnreachable) || errors.Is(err, embed.ErrModelMissing) {
		return nil, measure.Skip(err.Error())
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	client, err := ollamaClient(e.ollamaHost)
	if err != nil {
		return nil, err
	}
	bare := bareEmbed(client, e.ollamaModel)
	passing, err := e.floorOf(ctx, passOn{do: bare})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, passing.close()) }()

	p50, err := measure.Paired(ctx, e.rounds(), measure.Pick(e.quick, 10, 60), measure.Nth(prompts, bare), measure.Nth(prompts, in.decideHere), measure.Nth(prompts, passing.pass), measure.Nth(prompts, in.decideThere))
	if err != nil {
		return nil, err
	}
	perSecond, err := measure.Alternate(ctx, 2*e.rounds(), measure.RateArm(1, e.turn()/2, measure.InTurn(prompts, bare)), measure.RateArm(crowd, e.turn()/2, in.decide(prompts, false)))
	if err != nil {
		return nil, err
	}
	return measure.Rows{
		measure.Plain("bare embedding call of Ollama, p50", measure.Over(p50[0]), "µs").Noted("%s", e.ollamaModel),
		measure.Plain("the same within an empty gRPC call ÷ bare call", measure.Divided(p50[2], p50[0]), "ratio").Noted("no decision: the floor of the next"),
		measure.AtMost("Ollama path ÷ bare embedding call, one caller, p50", measure.Divided(p50[3], p50[0]), "ratio", 1.03).Noted("over gRPC"),
		measure.Plain("the same in process", measure.Divided(p50[1], p50[0]), "ratio"),
		measure.AtLeast(fmt.Sprintf("Ollama path, %d callers ÷ one embedding call at a time, throughput", crowd), measure.Divided(perSecond[1], perSecond[0]), "ratio", 1.8),
	}, nil
}

func ollamaClient(host string) (*api.Client, error) {
	base, err := ollamahost.Resolve(host)
	if err != nil {
		return nil, fmt.Errorf("address of Ollama: %w", err)
	}
	return api.NewClient(base, &http.Client{Timeout: embedTimeout}), nil
}

func bareEmbed(client *api.Client, model string) func(context.Context, string) error {
	return func(ctx context.Context, text string) error {
		_, err := client.Embed(ctx, &api.EmbedRequest{Model: model, Input: text})
		return err
	}
}

// passOn is a health service that does something with the name it is asked for.
type passOn struct {
	healthv1.UnimplementedHealthServer
	do func(context.Context, string) error
}

// Check implements healthv1.HealthServer.
func (p passOn) Check(ctx context.Context, asked *healthv1.HealthCheckRequest) (*healthv1.HealthCheckResponse, error) {
	return &healthv1.HealthCheckResponse{}, p.do(ctx, asked.GetService())
}
