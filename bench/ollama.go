package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/ollama/ollama/api"
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
func ollamaPath(ctx context.Context, e *env) (rows []Row, err error) {
	few, prompts, err := small()
	if err != nil {
		return nil, err
	}
	prompts = mixed(prompts)
	config := e.staticMemory()
	config.Embedder = engine.EmbedderConfig{Kind: engine.Ollama, Host: e.OllamaHost, Model: e.OllamaModel, Timeout: embedTimeout}
	in, err := e.install(ctx, few, config, false)
	if errors.Is(err, embed.ErrUnreachable) || errors.Is(err, embed.ErrModelMissing) {
		return nil, errSkip(err.Error())
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	client, err := ollamaClient(e.OllamaHost)
	if err != nil {
		return nil, err
	}
	bare := bareEmbed(client, e.OllamaModel)
	passing, err := e.floorOf(ctx, passOn{do: bare})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, passing.close()) }()

	p50, err := paired(ctx, e.rounds(), pick(e.Quick, 10, 60), nth(prompts, bare), nth(prompts, in.decideHere), nth(prompts, passing.pass), nth(prompts, in.decideThere))
	if err != nil {
		return nil, err
	}
	perSecond, err := alternate(ctx, 2*e.rounds(), rateArm(1, e.turn()/2, inTurn(prompts, bare)), rateArm(crowd, e.turn()/2, in.decide(prompts, false)))
	if err != nil {
		return nil, err
	}
	return []Row{
		plain("bare embedding call of Ollama, p50", over(p50[0]), "µs").noted("%s", e.OllamaModel),
		plain("the same within an empty gRPC call ÷ bare call", divided(p50[2], p50[0]), "ratio").noted("no decision: the floor of the next"),
		atMost("Ollama path ÷ bare embedding call, one caller, p50", divided(p50[3], p50[0]), "ratio", 1.03).noted("over gRPC"),
		plain("the same in process", divided(p50[1], p50[0]), "ratio"),
		atLeast(fmt.Sprintf("Ollama path, %d callers ÷ one embedding call at a time, throughput", crowd), divided(perSecond[1], perSecond[0]), "ratio", 1.8),
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
