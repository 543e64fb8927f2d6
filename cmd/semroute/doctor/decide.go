package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/qdrant/go-client/qdrant"

	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/routes"
)

// Catalog looks at a catalog that was read.
func Catalog(catalog *routes.Catalog, err error) Check {
	return Check{"catalog", func(context.Context) Finding {
		if err != nil {
			return failed(err, "mend the catalog; `semroute lint --catalog …` says more")
		}
		utterances := 0
		for i := range catalog.Routes {
			utterances += len(catalog.Routes[i].Utterances)
		}
		found := fmt.Sprintf("%d routes, %d utterances, %d models", len(catalog.Routes), utterances, len(catalog.Models))
		if len(catalog.Routes) > 0 && utterances < 5*len(catalog.Routes) {
			return warning(found, "give each route five utterances or more, as users write them")
		}
		return ok(found)
	}}
}

// Embedder opens the embedder and embeds a word by it.
func Embedder(c engine.EmbedderConfig) Check {
	return Check{"embedder", func(ctx context.Context) Finding {
		advice := "choose another one with --embedder, or mend its files"
		if c.Kind == engine.Ollama {
			advice = fmt.Sprintf("start Ollama and pull the model: `ollama serve`, `ollama pull %s`; its address is --ollama-host", c.Model)
		}
		e, err := engine.OpenEmbedder(ctx, c)
		if err != nil {
			return failed(err, advice)
		}
		start := time.Now()
		if _, err := e.EmbedQueries(ctx, []string{"hello"}); err != nil {
			return failed(err, advice)
		}
		return ok(fmt.Sprintf("%s: %d dimensions, one word in %s", c.Kind, e.Dimension(), time.Since(start).Round(10*time.Microsecond)))
	}}
}

// Index asks Qdrant for its version, where vectors are searched there.
func Index(c engine.IndexConfig) Check {
	return Check{"index", func(ctx context.Context) Finding {
		if c.Kind != engine.Qdrant {
			return skipped("vectors are searched in memory")
		}
		advice := "start Qdrant, or give its gRPC address (port 6334) as --qdrant; a key is --qdrant-api-key-file"
		host, portText, err := net.SplitHostPort(c.Address)
		if err != nil {
			return failed(err, advice)
		}
		port, err := strconv.Atoi(portText)
		if err != nil {
			return failed(err, advice)
		}
		client, err := qdrant.NewClient(&qdrant.Config{Host: host, Port: port, APIKey: c.APIKey, UseTLS: c.TLS, SkipCompatibilityCheck: true})
		if err != nil {
			return failed(err, advice)
		}
		defer func() { _ = client.Close() }()
		health, err := client.HealthCheck(ctx)
		if err != nil {
			return failed(fmt.Errorf("Qdrant at %s: %w", c.Address, err), advice) //nolint:staticcheck // a name
		}
		return ok("Qdrant " + health.GetVersion() + " at " + c.Address)
	}}
}

// Keys looks for the secrets that calls to the catalog's models need.
func Keys(catalog *routes.Catalog, c engine.ProviderConfig) Check {
	return Check{"models' keys", func(context.Context) Finding {
		if catalog == nil || len(catalog.Models) == 0 {
			return skipped("the catalog names no models")
		}
		var problems []string
		models := engine.Reachable(catalog)
		for _, m := range models {
			p, err := engine.OpenProvider(m, c)
			if err != nil {
				problems = append(problems, err.Error())
				continue
			}
			_ = p.Close()
		}
		if len(problems) > 0 {
			return failed(errors.New(strings.Join(problems, "; ")), "set the variables, or serve with --decide-only")
		}
		return ok(fmt.Sprintf("%d models can be called; `semroute doctor --models` calls each once", len(models)))
	}}
}
