package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/embed/static"
	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// Config says which parts are wanted.
type Config struct {
	Embedder EmbedderConfig
	Index    IndexConfig
	Settings router.Settings
	// CacheDir is where vectors and trained state outlive the process; empty
	// keeps nothing.
	CacheDir string
	// StaticStage builds the static stage even where nothing asks for it yet:
	// `fit` measures it.
	StaticStage bool
	Log         zerolog.Logger
	// Progress is told of long work; nil tells nobody.
	Progress Progress
}

// Assembly is a generation with the parts that it holds open.
type Assembly struct {
	Generation *router.Generation
	Embedder   embed.Embedder
	Index      index.Index
	// Synced says what had to be embedded.
	Synced Synced

	ranker *router.Classifier
	static *router.Classifier // nil without a static stage
}

// Build opens the parts and builds a complete generation.
func Build(ctx context.Context, catalog *routes.Catalog, c Config) (*Assembly, error) {
	embedder, err := OpenEmbedder(ctx, c.Embedder)
	if err != nil {
		return nil, err
	}
	return BuildWith(ctx, catalog, c, embedder)
}

// BuildWith is Build with an embedder that is already open.
func BuildWith(ctx context.Context, catalog *routes.Catalog, c Config, embedder embed.Embedder) (*Assembly, error) {
	c.Index.CacheDir = c.CacheDir
	t := &trainer{modelDir: c.CacheDir, log: c.Log, progress: c.Progress}
	if c.Embedder.Kind != Static { // static vectors of a few texts are quicker made than read
		t.vectorDir = c.CacheDir
	}
	openOther := sync.OnceValue(func() beside { return t.openBeside(catalog, embedder) })
	go openOther()
	idx, synced, err := openSynced(ctx, catalog, c, embedder)
	other := openOther() // waits for it
	if err != nil {
		return nil, err
	}
	built, err := buildOn(ctx, catalog, c, t, embedder, idx, synced, other)
	if err != nil {
		return nil, errors.Join(err, idx.Close())
	}
	return built, nil
}

// beside is what is opened while the index is.
type beside struct {
	trained   trained
	inProcess *static.Embedder
	err       error
}

func (t *trainer) openBeside(catalog *routes.Catalog, e embed.Embedder) (b beside) {
	b.trained = t.kept(catalog, e)
	b.inProcess, b.err = static.New(static.Config{})
	return b
}

func buildOn(ctx context.Context, catalog *routes.Catalog, c Config, t *trainer, embedder embed.Embedder, idx index.Index, synced Synced, other beside) (*Assembly, error) {
	if other.err != nil {
		return nil, fmt.Errorf("static embedder: %w", other.err)
	}
	inProcess := other.inProcess
	semantic, err := t.train(ctx, catalog, embedder, &synced, other.trained)
	if err != nil {
		return nil, err
	}
	synced.release()
	parts := router.Parts{
		Catalog:  catalog,
		Semantic: router.Space{Embedder: embedder, Index: idx, Ranker: semantic},
		Tokens:   inProcess.Tokenizer(),
		Settings: c.Settings,
	}
	built := &Assembly{Embedder: embedder, Index: idx, Synced: synced, ranker: semantic}
	if c.wantsStatic(catalog, embedder) {
		if parts.Static, err = t.staticSpace(ctx, catalog, c, inProcess); err != nil {
			return nil, err
		}
		built.static, _ = parts.Static.Ranker.(*router.Classifier)
	}
	if built.Generation, err = router.NewGeneration(parts); err != nil {
		return nil, err
	}
	return built, nil
}

// wantsStatic says whether a static stage would ever decide.
func (c *Config) wantsStatic(catalog *routes.Catalog, embedder embed.Embedder) bool {
	if c.Embedder.Kind == Static {
		return false // the semantic stage is static already
	}
	fitted := catalog.Fitted
	bound := fitted != nil && fitted.Embedder == embedder.Fingerprint() && fitted.Static != nil
	return c.StaticStage || c.Settings.DegradeToStatic || bound && !c.Settings.Stages.NoStatic
}

// staticSpace is the static stage: vectors, neighbours and a ranker in process.
func (t *trainer) staticSpace(ctx context.Context, catalog *routes.Catalog, c Config, e *static.Embedder) (*router.Space, error) {
	c.Embedder.Kind, c.Index.Kind, c.Progress = Static, Memory, nil
	idx, synced, err := openSynced(ctx, catalog, c, e)
	if err != nil {
		return nil, err
	}
	inMemory := *t
	inMemory.vectorDir = ""
	ranker, err := inMemory.train(ctx, catalog, e, &synced, t.kept(catalog, e))
	if err != nil {
		return nil, err
	}
	return &router.Space{Embedder: e, Index: idx, Ranker: ranker}, nil
}

// Ranker is what ranks the semantic stage.
func (a *Assembly) Ranker() *router.Classifier { return a.ranker }

// Entries are the catalog's utterances with their vectors, ordered by route,
// then utterance.
func (a *Assembly) Entries(ctx context.Context) ([]index.Entry, error) { return a.Synced.Entries(ctx) }

// Prune removes from the index what the catalog no longer holds. Call it when
// no request reads the generation before.
func (a *Assembly) Prune(ctx context.Context) error {
	if len(a.Synced.Stale) == 0 {
		return nil
	}
	if err := a.Index.Delete(ctx, a.Synced.Stale); err != nil {
		return fmt.Errorf("removing utterances that left the catalog: %w", err)
	}
	return nil
}

// Close frees the index. No request may use the generation any more.
func (a *Assembly) Close() error { return a.Index.Close() }
