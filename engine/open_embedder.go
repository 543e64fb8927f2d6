package engine

import (
	"context"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/embed/resilient"
)

// openEmbedder is an embedder that is open, with what hangs on it: the circuit
// before a remote one, whether its model is still the same one, and the file of
// its cache.
type openEmbedder struct {
	*Watched
	circuit   *resilient.Circuit // nil without one
	cacheFile *CacheFile         // nil without one
}

// prober is an embedder that knows better than to embed a word whether its
// server works, such as one that may have to load its model first.
type prober interface {
	Probe(ctx context.Context) error
}

// open opens the embedder that the settings name.
func open(ctx context.Context, c Config) (*openEmbedder, error) {
	o := &openEmbedder{}
	e, err := openBare(ctx, c.Embedder)
	if err != nil {
		return nil, err
	}
	config := resilient.CircuitConfig{OnChange: func(cause error) { logCircuit(c.Log, cause) }}
	if budget := c.Settings.EmbedBudget; budget > 0 { // what is given up by then is the server's fault
		config.Patience = min(resilient.DefaultPatience, budget/2)
	}
	if prober, ok := e.(prober); ok {
		config.Probe = prober.Probe
	}
	e = c.Embedder.batched(e)
	if c.Embedder.Kind == Ollama {
		o.circuit = resilient.NewCircuit(e, config) // it has to see the callers' own deadlines
		e = o.circuit
	}
	if e, err = c.Embedder.cached(e); err != nil {
		return nil, err
	}
	o.Watched, o.cacheFile = WatchModel(e), OpenCacheFile(e, c.EmbedCacheFile, c.Log)
	return o, nil
}

func logCircuit(log zerolog.Logger, cause error) {
	if cause != nil {
		log.Error().Err(cause).Msg("the embedder fails; prompts are not sent to it until it answers again")
		return
	}
	log.Info().Msg("the embedder answers again")
}

// close ends what goes on beside the embedder.
func (o *openEmbedder) close() {
	if o != nil && o.circuit != nil {
		o.circuit.Close()
	}
}

// isChanged says that the model behind the embedder has become another one.
func (o *openEmbedder) isChanged() bool {
	select {
	case <-o.Changed():
		return true
	default:
		return false
	}
}

// save writes the cache of prompts' vectors, unless it is of a model that is gone.
func (o *openEmbedder) save() {
	if o != nil && !o.isChanged() {
		o.cacheFile.Save()
	}
}

var _ embed.Embedder = (*openEmbedder)(nil)
