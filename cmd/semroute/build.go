package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/internal/plainfile"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// loadCatalog loads the catalog that the settings name, and lets it choose the
// embedder where they do not.
func (s *settings) loadCatalog(std stdio) (*routes.Catalog, error) {
	catalog, err := s.readCatalog(std)
	if err == nil {
		s.embedderOf(std, catalog)
	}
	return catalog, err
}

// readCatalog loads the catalog that the settings name. A broken one is wrong
// use: the files must be mended before anything runs.
func (s *settings) readCatalog(std stdio) (*routes.Catalog, error) {
	if len(s.catalog) == 0 {
		return nil, wrongUse("no catalog is named: give --catalog PATH, for example --catalog examples/support")
	}
	catalog, err := s.catalogFiles()
	if err != nil {
		return nil, wrongUse("the catalog has problems:\n%w", err)
	}
	warn(std, catalog)
	return catalog, nil
}

// embedderOf chooses the embedder by the catalog where no setting has chosen it.
func (s *settings) embedderOf(std stdio, catalog *routes.Catalog) {
	if s.isChosen {
		return
	}
	if s.embedder = engine.DefaultEmbedder(catalog); engine.FittedForStatic(catalog) {
		_, _ = fmt.Fprintln(std.err, "semroute: note: the catalog is fitted for static vectors, so those decide; `semroute fit` fits it for the default, or name one by --embedder")
	}
}

// warn says what is odd about a catalog that can be used.
func warn(std stdio, catalog *routes.Catalog) {
	for _, warning := range catalog.Warnings {
		_, _ = fmt.Fprintln(std.err, "semroute: warning:", warning)
	}
}

// engineConfig checks the settings and turns them into the engine's.
func (s *settings) engineConfig(log zerolog.Logger, progress engine.Progress) (engine.Config, error) {
	if s.budget < 0 {
		return engine.Config{}, wrongUse("--embed-budget must not be negative, not %s", s.budget)
	}
	embedder, err := s.embedderConfig()
	if err != nil {
		return engine.Config{}, err
	}
	idx, err := s.indexConfig()
	if err != nil {
		return engine.Config{}, err
	}
	return engine.Config{
		Embedder: embedder,
		Index:    idx,
		Settings: router.Settings{
			Turns:           router.Turns(s.turns),
			Stages:          router.StagePolicy{NoRules: s.noRules, NoStatic: s.noStatic},
			DegradeToStatic: s.degrade || s.budget > 0,
			EmbedBudget:     s.budget,
		},
		CacheDir: s.cacheFolder(),
		Log:      log,
		Progress: progress,
	}, nil
}

func (s *settings) embedderConfig() (engine.EmbedderConfig, error) {
	if s.embedTime <= 0 {
		return engine.EmbedderConfig{}, wrongUse("--embed-timeout must be more than 0, not %s", s.embedTime)
	}
	if s.embedCache < cacheByEmbedder {
		return engine.EmbedderConfig{}, wrongUse("--embed-cache-bytes is a number of bytes, 0 for none or -1 for what suits the embedder, not %d", s.embedCache)
	}
	return engine.EmbedderConfig{
		Kind: s.embedder, Host: s.ollamaHost, Model: s.ollamaModel, ModelPath: s.modelPath, CacheDir: s.cacheFolder(),
		QueryPrefix: prefix(s.queryPrefix), DocumentPrefix: prefix(s.docPrefix), Timeout: s.embedTime, CacheBytes: s.cacheBytes(),
	}, nil
}

const (
	// cacheByEmbedder leaves the size of the cache to what the embedder costs.
	cacheByEmbedder = -1
	usualCache      = 16 << 20
)

// cacheBytes is the size of the cache of prompts' vectors. A static vector is
// made in about the time that it takes to remember one.
func (s *settings) cacheBytes() int64 {
	switch {
	case s.embedCache != cacheByEmbedder:
		return s.embedCache
	case s.embedder != engine.Static:
		return usualCache
	}
	return 0
}

// prefix tells "what the model wants" from "none at all".
func prefix(flag string) *string {
	switch flag {
	case "":
		return nil
	case "none":
		return new(string)
	}
	return &flag
}

// maxKeyBytes bounds the file of a secret.
const maxKeyBytes = 64 << 10

func (s *settings) indexConfig() (engine.IndexConfig, error) {
	c := engine.IndexConfig{Kind: s.index, Address: s.qdrant, Collection: s.qdrantCollection, TLS: s.qdrantTLS, Tuning: s.qdrantTuning}
	t := s.qdrantTuning
	if t.EF < 0 || t.Shards < 0 || t.Replicas < 0 || t.Connections < 1 {
		return c, wrongUse("--qdrant-hnsw-ef, --qdrant-shards and --qdrant-replicas must not be negative, --qdrant-connections at least 1")
	}
	if s.qdrantAPIKeyFile != "" {
		key, err := plainfile.Read(s.qdrantAPIKeyFile, maxKeyBytes)
		if err != nil {
			return c, wrongUse("--qdrant-api-key-file: %w", err)
		}
		c.APIKey = strings.TrimSpace(string(key))
	}
	name, err := engine.CatalogName(s.catalog)
	if err != nil {
		return c, wrongUse("%w", err)
	}
	c.Name = name
	return c, nil
}

// cacheFolder is where vectors and trained state are kept; empty for nowhere.
func (s *settings) cacheFolder() string {
	switch s.cacheDir {
	case "off":
		return ""
	case "":
		dir, err := os.UserCacheDir()
		if err != nil { // no home, as in a bare container: keep nothing
			return ""
		}
		return filepath.Join(dir, "semroute")
	}
	return s.cacheDir
}

// localEngine decides in process, for the commands that need no server.
func (s *settings) localEngine(ctx context.Context, std stdio) (*engine.Engine, error) {
	catalog, err := s.loadCatalog(std)
	if err != nil {
		return nil, err
	}
	return s.localEngineOf(ctx, std, catalog)
}

// localEngineOf is localEngine with a catalog that is already loaded.
func (s *settings) localEngineOf(ctx context.Context, std stdio, catalog *routes.Catalog) (*engine.Engine, error) {
	log := newLogger(std.err, zerolog.WarnLevel)
	config, err := s.engineConfig(log, progressOn(std.err, newLogger(std.err, zerolog.InfoLevel)))
	if err != nil {
		return nil, err
	}
	local := engine.New(catalog, config)
	if err := local.Build(ctx); err != nil {
		return nil, catalogError(err)
	}
	return local, nil
}

// catalogError makes what is wrong with the catalog's rules wrong use.
func catalogError(err error) error {
	if errors.Is(err, router.ErrRule) {
		return wrongUse("the catalog has problems:\n%w", err)
	}
	return err
}

// plural is for lines that people read.
func plural(n int, one string) string {
	if n == 1 {
		return fmt.Sprintf("%d %s", n, one)
	}
	return fmt.Sprintf("%d %ss", n, one)
}
