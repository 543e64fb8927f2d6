package semroute

import (
	"context"
	"time"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// Options say what an Engine is made of; the zero value decides in process, by the
// model in the program with static vectors in front of it, and keeps nothing on
// disk. A catalog that was fitted for static vectors alone is decided by those.
type Options struct {
	// Static decides by static vectors alone: in microseconds, less well.
	Static bool
	// OllamaModel is the embedding model of an Ollama server, such as
	// "all-minilm"; empty embeds in process.
	OllamaModel string
	// OllamaHost is the server's address; empty means OLLAMA_HOST, then the
	// default.
	OllamaHost string
	// ModelPath is a model that embeds in process: a folder as Hugging Face has it,
	// a GGUF file, or "ollama:NAME" for one that Ollama has pulled. It is for
	// encoders of the BERT family, and used where OllamaModel is empty; empty is the
	// one in the program.
	ModelPath string
	// OpenEmbedder opens an embedder of your own in place of those; it is called
	// again when that one answers embed.ErrModelChanged.
	OpenEmbedder func(ctx context.Context) (embed.Embedder, error)
	// Qdrant is the gRPC address of a Qdrant server that holds the utterances;
	// empty holds them in memory.
	Qdrant           string
	QdrantCollection string // the prefix of its collections
	QdrantAPIKey     string
	QdrantTLS        bool
	// CacheDir is where vectors, trained state and large catalogs outlive the
	// process; empty keeps nothing.
	CacheDir string
	// CacheBytes bounds the cache of prompts' vectors; 0 is no cache.
	CacheBytes int64
	// DegradeToStatic lets static vectors decide while the embedder or the index
	// fails; such decisions say so. Off, they are errors.
	DegradeToStatic bool
	// EmbedBudget is how long the embedder and the index may take before static vectors
	// decide; more than 0 implies DegradeToStatic.
	EmbedBudget time.Duration
	// Log is told of rebuilds and failures; the zero value writes nothing.
	Log zerolog.Logger
}

// defaultCollection is the prefix of collections where none is named; the same
// as the server's.
const defaultCollection = "semroute"

func (o *Options) config(catalog *routes.Catalog, name string) engine.Config {
	c := engine.Config{
		Embedder: engine.EmbedderConfig{
			Kind: engine.DefaultEmbedder(catalog), Host: o.OllamaHost, Model: o.OllamaModel,
			ModelPath: o.ModelPath, CacheDir: o.CacheDir, Open: o.OpenEmbedder, CacheBytes: o.CacheBytes,
		},
		Index:    engine.IndexConfig{Kind: engine.Memory, Name: name},
		Settings: router.Settings{DegradeToStatic: o.DegradeToStatic || o.EmbedBudget > 0, EmbedBudget: o.EmbedBudget},
		CacheDir: o.CacheDir,
		Prune:    true,
		Log:      o.Log,
	}
	switch {
	case o.Static:
		c.Embedder.Kind = engine.Static
	case o.ModelPath != "":
		c.Embedder.Kind = engine.Transformer
	}
	if o.OllamaModel != "" || o.OpenEmbedder != nil {
		c.Embedder.Kind = engine.Ollama
	}
	if o.Qdrant != "" {
		c.Index = engine.IndexConfig{
			Kind: engine.Qdrant, Name: name, Address: o.Qdrant, Collection: o.QdrantCollection,
			APIKey: o.QdrantAPIKey, TLS: o.QdrantTLS, Tuning: engine.QdrantTuning{Connections: 1},
		}
		if o.QdrantCollection == "" {
			c.Index.Collection = defaultCollection
		}
	}
	return c
}
