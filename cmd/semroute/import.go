package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/semroute/semroute/internal/plainfile"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/routes/importer"
	"github.com/spf13/cobra"
)

// newImport turns other formats into a catalog.
func newImport(std stdio) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Turn other formats into catalog YAML on standard output",
		Args:  noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return wrongUse("say what to import: see `%s --help`", cmd.CommandPath())
		},
	}
	cmd.AddCommand(
		&cobra.Command{
			Use:   "jsonl FILE",
			Short: `Import labelled prompts, one {"text": "...", "route": "NAME"} a line`,
			Args:  cobra.ExactArgs(1),
			RunE:  func(_ *cobra.Command, args []string) error { return importJSONL(std, args[0]) },
		},
		&cobra.Command{
			Use:   "aurelio FILE",
			Short: "Import a router file of aurelio's semantic-router, YAML or JSON",
			Args:  cobra.ExactArgs(1),
			RunE:  func(_ *cobra.Command, args []string) error { return importAurelio(std, args[0]) },
		},
		&cobra.Command{
			Use:   "litellm FILE",
			Short: "Import the models and semantic routes of a config file of LiteLLM's proxy",
			Args:  cobra.ExactArgs(1),
			RunE:  func(_ *cobra.Command, args []string) error { return importLiteLLM(std, args[0]) },
		},
		&cobra.Command{
			Use:   "vllm-sr FILE",
			Short: "Import a config file of vLLM's semantic router",
			Args:  cobra.ExactArgs(1),
			RunE:  func(_ *cobra.Command, args []string) error { return importVLLMSR(std, args[0]) },
		},
		newImportRouteLLM(std),
	)
	return cmd
}

// newImportRouteLLM takes what RouteLLM's server is started with: it has no file that
// says which models there are.
func newImportRouteLLM(std stdio) *cobra.Command {
	var pair importer.Pair
	cmd := &cobra.Command{
		Use:     "routellm",
		Short:   "Begin with RouteLLM's pair of a strong and a weak model",
		Example: "  semroute import routellm --strong-model gpt-4o --weak-model ollama/llama3.2:1b > catalog.yaml",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			catalog, report, err := importer.RouteLLM(pair)
			if err != nil {
				return wrongUse("--strong-model, --weak-model: %w", err)
			}
			return finishImport(std, catalog, report, nil)
		},
	}
	cmd.Flags().StringVar(&pair.Strong, "strong-model", "", "the strong model, as gpt-4o, anthropic/NAME or ollama/NAME")
	cmd.Flags().StringVar(&pair.Weak, "weak-model", "", "the weak model")
	cmd.Flags().StringVar(&pair.StrongURL, "strong-url", "", "address of the strong model's server, where it is not the provider's own")
	cmd.Flags().StringVar(&pair.WeakURL, "weak-url", "", "address of the weak model's server, where it is not the provider's own")
	return cmd
}

func importLiteLLM(std stdio, path string) error {
	file, err := plainfile.Open(path, plainfile.AnySize)
	if err != nil {
		return wrongUse("%w", err)
	}
	defer func() { _ = file.Close() }()
	folder, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return wrongUse("%w", err)
	}
	defer func() { _ = folder.Close() }()
	catalog, report, err := importer.LiteLLM(file, path, func(name string) ([]byte, error) { // within the folder, whatever the file says
		beside, err := folder.Open(name)
		if err != nil {
			return nil, err
		}
		defer func() { _ = beside.Close() }()
		return io.ReadAll(io.LimitReader(beside, routes.MaxCatalogBytes+1))
	})
	return finishImport(std, catalog, report, err)
}

func importVLLMSR(std stdio, path string) error {
	file, err := plainfile.Open(path, plainfile.AnySize)
	if err != nil {
		return wrongUse("%w", err)
	}
	defer func() { _ = file.Close() }()
	catalog, report, err := importer.VLLMSR(file, path)
	return finishImport(std, catalog, report, err)
}

func importJSONL(std stdio, path string) error {
	file, err := plainfile.Open(path, plainfile.AnySize)
	if err != nil {
		return wrongUse("%w", err)
	}
	defer func() { _ = file.Close() }()
	catalog, report, err := importer.JSONL(file, path)
	return finishImport(std, catalog, report, err)
}

func importAurelio(std stdio, path string) error {
	file, err := plainfile.Open(path, plainfile.AnySize)
	if err != nil {
		return wrongUse("%w", err)
	}
	defer func() { _ = file.Close() }()
	format := importer.YAML
	if strings.EqualFold(filepath.Ext(path), ".json") {
		format = importer.JSON
	}
	catalog, report, err := importer.Aurelio(file, path, format)
	return finishImport(std, catalog, report, err)
}

// finishImport says on stderr what was left out and writes the catalog.
func finishImport(std stdio, catalog *routes.Catalog, report importer.Report, err error) error {
	if err != nil {
		return err
	}
	for _, warning := range report.Warnings {
		_, _ = fmt.Fprintln(std.err, warning)
	}
	_, _ = fmt.Fprintf(std.err, "%s read, %d kept; dropped %d repeated within a route and %d that most often belong to another route\n",
		plural(report.Lines, "text"), report.Kept, report.Duplicates, report.Conflicts)
	return routes.WriteCatalog(std.out, catalog)
}
