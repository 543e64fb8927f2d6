package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ollama/ollama/api"
	"github.com/ollama/ollama/envconfig"
	"github.com/semroute/semroute/cmd/semroute/assemble"
	"github.com/semroute/semroute/embed"
)

const (
	crowd        = 32
	embedTimeout = 30 * time.Second
)

// ollamaPath compares a decision over gRPC on Ollama's vectors with a bare
// embedding call by Ollama's own client. No text is sent twice.
func ollamaPath(ctx context.Context, e *env) (rows []Row, err error) {
	few, prompts, err := small()
	if err != nil {
		return nil, err
	}
	config := e.staticMemory()
	config.Embedder = assemble.EmbedderConfig{Kind: assemble.Ollama, Host: e.OllamaHost, Model: e.OllamaModel, Timeout: embedTimeout}
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
	half := len(prompts) / 2
	decide, embedText := in.decide(prompts[:half], false), bareEmbed(client, e.OllamaModel, prompts[half:])

	n := pick(e.Quick, 20, 100)
	p50, err := alternate(ctx, e.rounds(), medianArm(n, embedText), medianArm(n, decide))
	if err != nil {
		return nil, err
	}
	perSecond, err := alternate(ctx, e.rounds(), rateArm(1, e.turn(), embedText), rateArm(crowd, e.turn(), decide))
	if err != nil {
		return nil, err
	}
	return []Row{
		plain("bare embedding call of Ollama, p50", over(p50[0]), "µs").noted("%s", e.OllamaModel),
		atMost("Ollama path ÷ bare embedding call, one caller, p50", divided(p50[1], p50[0]), "ratio", 1.03).noted("over gRPC"),
		atLeast(fmt.Sprintf("Ollama path, %d callers ÷ one embedding call at a time, throughput", crowd), divided(perSecond[1], perSecond[0]), "ratio", 1.8),
	}, nil
}

func ollamaClient(host string) (*api.Client, error) {
	base := envconfig.Host()
	if host != "" {
		if !strings.Contains(host, "://") {
			host = "http://" + host
		}
		parsed, err := url.Parse(host)
		if err != nil {
			return nil, fmt.Errorf("address of Ollama: %w", err)
		}
		base = parsed
	}
	return api.NewClient(base, &http.Client{Timeout: embedTimeout}), nil
}

func bareEmbed(client *api.Client, model string, texts []string) call {
	return inTurn(texts, func(ctx context.Context, text string) error {
		_, err := client.Embed(ctx, &api.EmbedRequest{Model: model, Input: text})
		return err
	})
}
