package ollama

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"

	"github.com/ollama/ollama/api"

	"github.com/semroute/semroute/embed"
)

// defaultContext is the context in tokens of a model that names none, and the
// most that a server gives a model which does not ask for more.
const defaultContext = 2048

// digest asks the server which model the name stands for now.
func (e *Embedder) digest(ctx context.Context) (string, error) {
	callCtx, cancel := context.WithTimeout(ctx, e.config.Timeout)
	defer cancel()
	list, err := e.client.List(callCtx)
	if err != nil {
		return "", e.explain(ctx, err)
	}
	name := withTag(e.config.Model)
	for _, model := range list.Models {
		if strings.EqualFold(withTag(model.Name), name) && model.Digest != "" {
			return model.Digest, nil
		}
	}
	return "", fmt.Errorf("%w: %s has no %s: run: ollama pull %s", embed.ErrModelMissing, e.base, name, e.config.Model)
}

// contextTokens is how many tokens of a text the model takes, as far as the
// server tells.
func (e *Embedder) contextTokens(ctx context.Context) (int, error) {
	callCtx, cancel := context.WithTimeout(ctx, e.config.Timeout)
	defer cancel()
	show, err := e.client.Show(callCtx, &api.ShowRequest{Model: e.config.Model})
	if err != nil {
		return 0, e.explain(ctx, err)
	}
	tokens := defaultContext
	if asked, ok := numCtx(show.Parameters); ok {
		tokens = asked
	}
	architecture, _ := show.ModelInfo["general.architecture"].(string)
	if trained, ok := show.ModelInfo[architecture+".context_length"].(float64); ok && trained >= 1 {
		tokens = min(tokens, int(min(trained, 1<<30)))
	}
	return max(tokens, minContext), nil
}

// minContext keeps the arithmetic of shortening sane whatever a server says.
const minContext = 16

// numCtx finds the context that a model's own parameters ask for.
func numCtx(parameters string) (int, bool) {
	for line := range strings.Lines(parameters) {
		fields := strings.Fields(line)
		if len(fields) == 2 && fields[0] == "num_ctx" {
			n, err := strconv.Atoi(fields[1])
			return n, err == nil && n > 0
		}
	}
	return 0, false
}

// withTag is a model's name with its tag, as the server lists it.
func withTag(name string) string {
	if strings.Contains(name[strings.LastIndexByte(name, '/')+1:], ":") {
		return name
	}
	return name + ":latest"
}

// fingerprintOf covers what changes vectors: the model's content and the
// prefixes.
func fingerprintOf(digest string, prefixes prefixPair) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q", prefixes.query, prefixes.document))
	return fmt.Sprintf("ollama:%s:%x", digest, sum[:8])
}
