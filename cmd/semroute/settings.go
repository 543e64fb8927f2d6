package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// settings are the values of the common flags, wherever they were set.
type settings struct {
	config string
	// typed are the flags of the command line, without those from elsewhere.
	typed map[string]bool

	catalog     []string
	outside     bool
	plainKeys   bool // of `models check`
	embedder    string
	isChosen    bool // the embedder, by a setting
	ollamaModel string
	ollamaHost  string
	modelPath   string
	queryPrefix string
	docPrefix   string
	embedTime   time.Duration
	embedCache  int64

	index            string
	qdrant           string
	qdrantCollection string
	qdrantAPIKeyFile string
	qdrantTLS        bool
	qdrantTuning     engine.QdrantTuning
	cacheDir         string

	turns    string
	degrade  bool
	budget   time.Duration
	noStatic bool
	noRules  bool
}

// decisionFlags adds the flags of every command that decides in process.
func (s *settings) decisionFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringSliceVar(&s.catalog, "catalog", nil, "catalog files or folders")
	f.BoolVar(&s.outside, "catalog-outside", false, "let catalogs name files outside of their own folders, also by links")
	s.embedderFlags(cmd)
	wordFlag(cmd, &s.index, "index", engine.Memory, "where vectors are searched", engine.Memory, engine.Qdrant)
	f.StringVar(&s.qdrant, "qdrant", "127.0.0.1:6334", "address of Qdrant's gRPC port")
	f.StringVar(&s.qdrantCollection, "qdrant-collection", "semroute", "prefix of the collections and name of the alias")
	f.StringVar(&s.qdrantAPIKeyFile, "qdrant-api-key-file", "", "file that holds Qdrant's API key")
	f.BoolVar(&s.qdrantTLS, "qdrant-tls", false, "speak TLS with Qdrant")
	f.IntVar(&s.qdrantTuning.EF, "qdrant-hnsw-ef", 0, "candidates that a search in Qdrant keeps (0: the server's default)")
	f.IntVar(&s.qdrantTuning.Connections, "qdrant-connections", 3, "connections to Qdrant")
	f.BoolVar(&s.qdrantTuning.Quantize, "qdrant-quantize", false, "search 8-bit copies of the vectors; counts when a collection is made")
	f.BoolVar(&s.qdrantTuning.OnDisk, "qdrant-on-disk", false, "leave full vectors and texts on disk; counts when a collection is made")
	f.IntVar(&s.qdrantTuning.Shards, "qdrant-shards", 0, "shards of a collection (0: the server's default); counts when it is made")
	f.IntVar(&s.qdrantTuning.Replicas, "qdrant-replicas", 0, "replicas of a shard (0: the server's default); counts when a collection is made")
	f.StringVar(&s.cacheDir, "cache-dir", "", "where vectors, trained state and large catalogs are kept; \"off\" keeps nothing (default: the user's cache folder)")
	wordFlag(cmd, &s.turns, "turns", string(router.TurnsAuto), "which turns of a chat are embedded",
		string(router.TurnsAuto), string(router.TurnsLast), string(router.TurnsUser))
	f.BoolVar(&s.degrade, "degrade-to-static", false, "decide by static vectors, marked degraded, while the embedder or index fails")
	f.DurationVar(&s.budget, "embed-budget", 0, "how long the embedder and the index may take before static vectors decide, marked degraded, as 50ms; more than 0 implies --degrade-to-static (default: up to the caller's deadline)")
	f.BoolVar(&s.noStatic, "no-static-stage", false, "send every prompt to the embedder")
	f.BoolVar(&s.noRules, "no-rules", false, "skip the catalog's rules")
}

// catalogFiles reads the files of the catalog.
func (s *settings) catalogFiles() (*routes.Catalog, error) {
	return routes.Loader{CacheDir: s.cacheFolder(), Checks: engine.CatalogChecks(), Confined: !s.outside}.Load(s.catalog...)
}

// embedderFlags adds the flags that choose the embedder.
func (s *settings) embedderFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	wordFlag(cmd, &s.embedder, "embedder", engine.DefaultEmbedder(nil), "what embeds prompts, static and transformer in process", engine.Static, engine.Transformer, engine.Ollama)
	f.StringVar(&s.modelPath, "model-path", "", "the transformer's model: a folder as Hugging Face has it, a GGUF file, or ollama:NAME for one that Ollama has pulled (default: the one in the binary)")
	f.StringVar(&s.ollamaModel, "ollama-model", "all-minilm", "Ollama's embedding model")
	addOllamaHost(f, &s.ollamaHost, "address of Ollama")
	f.StringVar(&s.queryPrefix, "query-prefix", "", "text before every prompt (default: what the model wants; \"none\" for nothing)")
	f.StringVar(&s.docPrefix, "document-prefix", "", "text before every utterance (default: what the model wants; \"none\" for nothing)")
	f.DurationVar(&s.embedTime, "embed-timeout", 30*time.Second, "how long the embedder may go without any progress")
	f.Int64Var(&s.embedCache, "embed-cache-bytes", cacheByEmbedder, "size of the cache of prompts' vectors; 0 is no cache, -1 is 16 MiB, and none for static vectors")
}

// hasSettings leaves out what must work whatever is set: help, the version, init, and
// the completion of shells.
func hasSettings(cmd *cobra.Command) bool {
	switch cmd.Name() {
	case "help", "version", "init", cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd:
		return false
	}
	return !cmd.HasParent() || cmd.Parent().Name() != "completion"
}

// resolve fills every flag that was not given from the environment, then
// from the settings file.
func (s *settings) resolve(cmd *cobra.Command) error {
	if !hasSettings(cmd) {
		return nil
	}
	values, err := s.readFile(cmd)
	if err == nil {
		if unknown := unknownEnv(os.Environ(), knownFlags(cmd.Root())); unknown != nil {
			err = wrongUse("%w", unknown)
		}
	}
	if err != nil {
		return err
	}
	s.typed = map[string]bool{}
	cmd.Flags().Visit(func(f *pflag.Flag) { s.typed[f.Name] = true })
	var problems []error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Changed || f.Name == "help" || f.Name == "version" {
			return
		}
		if value, ok := os.LookupEnv(envName(f.Name)); ok {
			if err := cmd.Flags().Set(f.Name, value); err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", envName(f.Name), err))
			}
		} else if value, ok := values[f.Name]; ok {
			if err := cmd.Flags().Set(f.Name, value.text); err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", value.at, err))
			}
		}
	})
	if len(problems) > 0 {
		return wrongUse("%w", errors.Join(problems...))
	}
	s.isChosen = cmd.Flags().Changed("embedder") || cmd.Flags().Changed("model-path")
	return nil
}
