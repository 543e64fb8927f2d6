package engine

import (
	"context"
	"errors"
	"os"

	"github.com/semroute/semroute/routes"
)

// Why static vectors stand in.
const (
	whyService = "the semantic stage is not ready, static vectors decided"
	whyVectors = "the model's vectors of the utterances are not made yet, static vectors decided"
)

// standInFrom is how many utterances a transformer embeds and learns in about a
// second: with fewer nobody waits.
const standInFrom = 1000

// standIn lets static vectors decide until the first generation is built, where
// that may take long.
func (e *Engine) standIn(ctx context.Context) error {
	e.building.Lock()
	defer e.building.Unlock()
	if e.current != nil {
		return nil
	}
	why, err := e.whyStandIn(ctx)
	if err != nil || why == "" {
		return err
	}
	built, err := BuildStandIn(ctx, e.Catalog(), e.config, why)
	if err != nil {
		return err
	}
	if err := e.install(ctx, built, nil); err != nil {
		return errors.Join(err, built.Close())
	}
	e.config.Log.Info().Str("fingerprint", built.Generation.Fingerprint()).Int("routes", len(built.Generation.Catalog().Routes)).
		Msg("serving by static vectors, degraded: " + why)
	return nil
}

// whyStandIn says why the first build may take long, under the lock; empty where it
// does not: with vectors and trained state of an earlier start it is soon over.
func (e *Engine) whyStandIn(ctx context.Context) (string, error) {
	c := &e.config
	if c.Settings.DegradeToStatic && c.needsService() {
		return whyService, nil
	}
	if c.Embedder.Kind != Transformer || utterances(e.Catalog()) < standInFrom {
		return "", nil
	}
	if err := e.reopen(ctx); err != nil {
		return "", err
	}
	if e.isKept() {
		return "", nil
	}
	return whyVectors, nil
}

// isKept says that an earlier start has left vectors and trained state.
func (e *Engine) isKept() bool {
	c := e.config
	if c.CacheDir == "" || newTrainer(c).kept(e.Catalog(), e.opened).model == nil {
		return false
	}
	if c.Index.Kind != Memory {
		return true
	}
	c.Index.CacheDir = c.CacheDir
	path, err := snapshotPath(c.Index, e.opened)
	if err != nil {
		return false
	}
	_, err = os.Stat(path)
	return err == nil
}

// needsService says whether the semantic stage asks a server, which can be gone.
func (c *Config) needsService() bool {
	return c.Embedder.Kind == Ollama || c.Index.Kind != Memory
}

func utterances(catalog *routes.Catalog) (n int) {
	for i := range catalog.Routes {
		n += len(catalog.Routes[i].Utterances)
	}
	return n
}
