// Package starter writes what a new installation begins with: a catalog, test
// prompts for it, settings, and a compose file. What it writes works as it is, and is
// meant to be changed. It writes over nothing that is there.
package starter

import (
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

//go:embed files
var files embed.FS

// What can be chosen; the first of each is what usually fits.
var (
	answerers = []string{"openai", "anthropic", "ollama", "nobody"}
	embedders = []string{"transformer", "static", "ollama"}
	stores    = []string{"file", "postgres", "nothing"}
	indexes   = []string{"memory", "qdrant"}
)

// Choices say what is written.
type Choices struct {
	// Models is who answers: openai, anthropic, ollama, or nobody, who decides only.
	Models string
	// Embedder turns prompts into vectors: transformer, static or ollama.
	Embedder string
	// Store is where decisions and costs are kept: file, postgres or nothing.
	Store string
	// Index is where vectors are searched: memory or qdrant.
	Index string
}

// Question is one thing to choose.
type Question struct {
	Flag, Asks string
	Answers    []string // the first is what usually fits
	Choice     *string
}

// Questions are all that there is to choose, for the choices c.
func (c *Choices) Questions() []Question {
	return []Question{
		{"models", "whose models answer", answerers, &c.Models},
		{"embedder", "what turns prompts into vectors (transformer and static need no service)", embedders, &c.Embedder},
		{"store", "where decisions, costs and feedback are kept", stores, &c.Store},
		{"index", "where vectors are searched", indexes, &c.Index},
	}
}

// check refuses what is no answer.
func (c *Choices) check() error {
	for _, q := range c.Questions() {
		if !slices.Contains(q.Answers, *q.Choice) {
			return fmt.Errorf("%s must be one of %s, not %q", q.Flag, strings.Join(q.Answers, ", "), *q.Choice)
		}
	}
	return nil
}

// ErrThere: a file would be written over.
var ErrThere = errors.New("is there already")

// Write writes the files into a folder, which is made where it is missing, and gives
// their names. Where one of them is there already nothing is written, unless
// overwrite is set.
func Write(dir string, c Choices, overwrite bool) ([]string, error) {
	contents, err := c.contents()
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(contents))
	for name := range contents {
		names = append(names, name)
	}
	slices.Sort(names)
	if !overwrite {
		for _, name := range names {
			if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
				return nil, fmt.Errorf("%s %w", filepath.Join(dir, name), ErrThere)
			}
		}
	}
	for _, name := range names {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // a folder of the user's, as others
			return nil, err
		}
		if err := os.WriteFile(path, []byte(contents[name]), 0o644); err != nil { //nolint:gosec // nothing in it is secret
			return nil, err
		}
	}
	return names, nil
}

// contents are the files by name.
func (c *Choices) contents() (map[string]string, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	routes, err := files.ReadFile("files/routes.yaml")
	if err != nil {
		return nil, err
	}
	prompts, err := files.ReadFile("files/prompts.jsonl")
	if err != nil {
		return nil, err
	}
	out := map[string]string{
		"catalog/routes.yaml": c.routes(string(routes)),
		"prompts.jsonl":       string(prompts),
		"semroute.yaml":       c.settings(),
		"docker-compose.yaml": c.compose(),
	}
	if c.Models != "nobody" {
		models, err := files.ReadFile("files/models_" + c.Models + ".yaml")
		if err != nil {
			return nil, err
		}
		out["catalog/models.yaml"] = string(models)
	}
	return out, nil
}

// routes fills in which models serve each route.
func (c *Choices) routes(text string) string {
	for route, models := range map[string]string{"quick": "small", "writing": "small, large", "coding": "large, small"} {
		line := "    models: [" + models + "]\n"
		if c.Models == "nobody" {
			line = ""
		}
		text = strings.ReplaceAll(text, "{{"+route+"_models}}", line)
	}
	return text
}
