package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/internal/plainfile"
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
	embedder    string
	ollamaModel string
	ollamaHost  string
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
	noStatic bool
	noRules  bool
}

const (
	envPrefix         = "SEMROUTE_"
	defaultConfigFile = "semroute.yaml"
	maxConfigBytes    = 1 << 20
)

// decisionFlags adds the flags of every command that decides in process.
func (s *settings) decisionFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringSliceVar(&s.catalog, "catalog", nil, "catalog files or folders")
	s.embedderFlags(f)
	f.StringVar(&s.index, "index", "memory", "where vectors are searched: memory or qdrant")
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
	f.StringVar(&s.cacheDir, "cache-dir", "", "where vectors and trained state are kept; \"off\" keeps nothing (default: the user's cache folder)")
	f.StringVar(&s.turns, "turns", "auto", "which turns of a chat are embedded: auto, last or user")
	f.BoolVar(&s.degrade, "degrade-to-static", false, "decide by static vectors, marked degraded, while the embedder or index fails")
	f.BoolVar(&s.noStatic, "no-static-stage", false, "send every prompt to the embedder")
	f.BoolVar(&s.noRules, "no-rules", false, "skip the catalog's rules")
}

// embedderFlags adds the flags that choose the embedder.
func (s *settings) embedderFlags(f *pflag.FlagSet) {
	f.StringVar(&s.embedder, "embedder", "static", "what embeds prompts: static (in process) or ollama")
	f.StringVar(&s.ollamaModel, "ollama-model", "all-minilm", "Ollama's embedding model")
	addOllamaHost(f, &s.ollamaHost, "address of Ollama")
	f.StringVar(&s.queryPrefix, "query-prefix", "", "text before every prompt (default: what the model wants; \"none\" for nothing)")
	f.StringVar(&s.docPrefix, "document-prefix", "", "text before every utterance (default: what the model wants; \"none\" for nothing)")
	f.DurationVar(&s.embedTime, "embed-timeout", 30*time.Second, "bound of one call to the embedder")
	f.Int64Var(&s.embedCache, "embed-cache-bytes", cacheByEmbedder, "size of the cache of prompts' vectors; 0 is no cache, -1 is 16 MiB in front of Ollama and none for static vectors")
}

// resolve fills every flag that was not given from the environment, then
// from the settings file.
func (s *settings) resolve(cmd *cobra.Command) error {
	values, err := s.readFile(cmd)
	if err != nil {
		return err
	}
	s.typed = map[string]bool{}
	cmd.Flags().Visit(func(f *pflag.Flag) { s.typed[f.Name] = true })
	var problems []error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Changed || f.Name == "help" {
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
	return nil
}

func envName(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// fileValue is a value of the settings file and its place.
type fileValue struct {
	text string
	at   string
}

// readFile reads the settings file; keys are the flags' names with `_` for
// `-`. A key that no command knows is an error; one that another command
// knows is not.
func (s *settings) readFile(cmd *cobra.Command) (map[string]fileValue, error) {
	path, given := s.config, s.config != ""
	if !given {
		if env := os.Getenv(envPrefix + "CONFIG"); env != "" {
			path, given = env, true
		} else {
			path = defaultConfigFile
		}
	}
	content, err := plainfile.Read(path, maxConfigBytes)
	if errors.Is(err, fs.ErrNotExist) && !given {
		return nil, nil
	}
	if err != nil {
		return nil, wrongUse("settings file: %w", err)
	}
	return parseSettings(path, content, knownFlags(cmd.Root()))
}

func knownFlags(root *cobra.Command) []string {
	seen := map[string]bool{}
	var names []string
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if !seen[f.Name] && f.Name != "help" && f.Name != "config" {
				seen[f.Name] = true
				names = append(names, f.Name)
			}
		})
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit(root)
	return names
}

func parseSettings(path string, content []byte, known []string) (map[string]fileValue, error) {
	file, err := parser.ParseBytes(content, 0)
	if err != nil {
		return nil, wrongUse("%s: %s", path, yaml.FormatError(err, false, true))
	}
	values := map[string]fileValue{}
	var problems []error
	for _, doc := range file.Docs {
		for _, entry := range settingsEntries(doc.Body) {
			token := entry.Key.GetToken()
			at := fmt.Sprintf("%s:%d:%d", path, token.Position.Line, token.Position.Column)
			name := strings.ReplaceAll(token.Value, "_", "-")
			text, ok := settingText(entry.Value)
			switch {
			case !slices.Contains(known, name):
				problems = append(problems, fmt.Errorf("%s: unknown key %q%s", at, token.Value, didYouMean(name, known)))
			case !ok:
				problems = append(problems, fmt.Errorf("%s: %s must be one value or a list of values", at, token.Value))
			default:
				values[name] = fileValue{text: text, at: at}
			}
		}
	}
	if len(problems) > 0 {
		return nil, wrongUse("%w", errors.Join(problems...))
	}
	return values, nil
}

func didYouMean(name string, known []string) string {
	if near, ok := routes.Nearest(name, known); ok {
		return fmt.Sprintf(" (did you mean %q?)", strings.ReplaceAll(near, "-", "_"))
	}
	return ""
}

func settingsEntries(body ast.Node) []*ast.MappingValueNode {
	switch n := body.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	return nil
}

// settingText is the value as a flag would take it; a list becomes
// comma-separated.
func settingText(node ast.Node) (string, bool) {
	switch n := node.(type) {
	case *ast.SequenceNode:
		var items []string
		for _, item := range n.Values {
			text, ok := settingText(item)
			if !ok {
				return "", false
			}
			items = append(items, text)
		}
		return strings.Join(items, ","), true
	case *ast.MappingNode, *ast.MappingValueNode:
		return "", false
	case *ast.NullNode:
		return "", true
	}
	return node.GetToken().Value, true
}
