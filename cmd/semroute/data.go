package main

import (
	"fmt"
	"io"

	"github.com/semroute/semroute/internal/plainfile"
	"github.com/semroute/semroute/routes"
	"github.com/spf13/cobra"
)

// dataFlag adds the flag that names files of labelled prompts.
func dataFlag(cmd *cobra.Command, files *[]string, what string) {
	cmd.Flags().StringArrayVar(files, "data", nil, what+`, JSON lines {"text": "...", "route": "NAME"}; give it again for more files`)
}

// readData reads and joins the files of labelled prompts.
func readData(files []string) ([]routes.Labelled, error) {
	var all []routes.Labelled
	for _, path := range files {
		prompts, err := readLabelled(path)
		if err != nil {
			return nil, wrongUse("%w", err)
		}
		all = append(all, prompts...)
	}
	return all, nil
}

func readLabelled(path string) ([]routes.Labelled, error) {
	return readPromptFile(path, routes.ReadLabelled)
}

// readPromptFile reads a file of prompts in the form that read knows.
func readPromptFile(path string, read func(io.Reader, string) ([]routes.Labelled, error)) ([]routes.Labelled, error) {
	file, err := plainfile.Open(path, plainfile.AnySize)
	if err != nil {
		return nil, fmt.Errorf("--data: %w", err)
	}
	defer func() { _ = file.Close() }()
	return read(file, path)
}

// routeNames are the names of the catalog's routes.
func routeNames(catalog *routes.Catalog) []string {
	names := make([]string, len(catalog.Routes))
	for i := range catalog.Routes {
		names[i] = catalog.Routes[i].Name
	}
	return names
}
