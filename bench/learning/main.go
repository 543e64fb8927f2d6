// Command learning measures what learning from feedback is worth, on labelled
// prompts that are not part of the project: whether the precision that `fit`
// promises holds, how much of a lost accuracy accepted suggestions win back,
// and how many flipped labels are found.
//
// It chooses nothing on the prompts that it measures with, and every random
// draw comes from --seed.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/internal/plainfile"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
	"github.com/spf13/cobra"
)

// options are the flags that all measurements share.
type options struct {
	folder   string
	cacheDir string
	seed     uint64
	embedder engine.EmbedderConfig
	out      io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := command(os.Stdout).ExecuteContext(ctx)
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "learning:", err)
		os.Exit(1)
	}
}

func command(out io.Writer) *cobra.Command {
	o := options{out: out}
	root := &cobra.Command{Use: "learning", Short: "Measure what learning from feedback is worth", SilenceUsage: true, SilenceErrors: true}
	f := root.PersistentFlags()
	f.StringVar(&o.folder, "data", os.Getenv("OUTSIDE_DATA"), "folder with train.jsonl and test.jsonl (default: OUTSIDE_DATA)")
	f.StringVar(&o.cacheDir, "cache-dir", "", "folder that keeps vectors and trained state; empty keeps none")
	f.Uint64Var(&o.seed, "seed", 1, "of every random draw")
	f.StringVar(&o.embedder.Kind, "embedder", engine.Static, "static, transformer or ollama")
	f.StringVar(&o.embedder.ModelPath, "model-path", "", "model of --embedder transformer")
	f.StringVar(&o.embedder.Model, "ollama-model", "all-minilm", "model of --embedder ollama")
	f.StringVar(&o.embedder.Host, "ollama-host", "127.0.0.1:11434", "address of Ollama")
	root.AddCommand(newPromise(&o), newLabels(&o), newSuggestions(&o))
	return root
}

// read reads a file of labelled prompts in the folder.
func (o *options) read(name string) ([]routes.Labelled, error) {
	if o.folder == "" {
		return nil, fmt.Errorf("name a folder with labelled prompts: --data FOLDER or OUTSIDE_DATA")
	}
	path := filepath.Join(o.folder, name)
	file, err := plainfile.Open(path, plainfile.AnySize)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return routes.ReadLabelled(file, path)
}

// catalogOf is a catalog with the prompts as utterances; those of no route are
// left out.
func catalogOf(prompts []routes.Labelled) *routes.Catalog {
	catalog := &routes.Catalog{}
	place := map[string]int{}
	for _, p := range prompts {
		if p.Route == "" {
			continue
		}
		i, ok := place[p.Route]
		if !ok {
			i = len(catalog.Routes)
			place[p.Route] = i
			catalog.Routes = append(catalog.Routes, routes.Route{Name: p.Route})
		}
		catalog.Routes[i].Utterances = append(catalog.Routes[i].Utterances, p.Text)
	}
	return catalog
}

// build builds the router of a catalog that decides by the semantic stage
// alone.
func (o *options) build(ctx context.Context, catalog *routes.Catalog) (*engine.Assembly, error) {
	return engine.Build(ctx, catalog, engine.Config{
		Embedder: o.embedder,
		Index:    engine.IndexConfig{Kind: engine.Memory, Name: "learning"},
		Settings: router.Settings{Stages: router.StagePolicy{NoRules: true, NoStatic: true}},
		CacheDir: o.cacheDir,
		Log:      zerolog.Nop(),
	})
}
