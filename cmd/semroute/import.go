package main

import (
	"fmt"
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
	)
	return cmd
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
