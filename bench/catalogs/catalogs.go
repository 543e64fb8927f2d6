// Package catalogs gives the benchmarks what they ask: the catalog that was named
// or one of 150 × 100 that is made up, the small example, and prompts that are in
// neither.
package catalogs

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/examples"
	"github.com/semroute/semroute/routes"
)

// Catalog is one with the prompts that it is asked.
type Catalog struct {
	*routes.Catalog
	// Paths are its files, absolute; none where it stands in no file.
	Paths   []string
	Prompts []string
}

// Label names the catalog by its size.
func (c *Catalog) Label() string { return Label(c.Catalog) }

// Label names a catalog by its size.
func Label(c *routes.Catalog) string {
	utterances := 0
	for i := range c.Routes {
		utterances += len(c.Routes[i].Utterances)
	}
	return fmt.Sprintf("%d routes, %d utterances", len(c.Routes), utterances)
}

// Source is where the large catalog, which most numbers are about, comes from.
type Source struct {
	// Paths are the catalog's files; none means a catalog that is made up.
	Paths []string
	// Prompts empty means made-up ones, or what the catalog itself says.
	Prompts []string
	// Dir is where a made-up catalog is written.
	Dir string

	loaded *Catalog
}

// Large loads the catalog the first time; it is the same one after that. Not for
// concurrent use.
func (s *Source) Large() (*Catalog, error) {
	if s.loaded != nil {
		return s.loaded, nil
	}
	c := &Catalog{Prompts: s.Prompts}
	for _, path := range s.Paths {
		whole, err := filepath.Abs(path) // servers are started in another folder
		if err != nil {
			return nil, fmt.Errorf("the large catalog: %w", err)
		}
		c.Paths = append(c.Paths, whole)
	}
	if len(c.Paths) == 0 {
		if err := c.makeUp(s.Dir); err != nil {
			return nil, fmt.Errorf("the made-up catalog: %w", err)
		}
	}
	var err error
	if c.Catalog, err = engine.LoadCatalog("", c.Paths...); err != nil {
		return nil, err
	}
	if len(c.Prompts) == 0 { // better than nothing
		for i := range c.Routes {
			c.Prompts = append(c.Prompts, c.Routes[i].Utterances...)
		}
	}
	s.loaded = c
	return c, nil
}

// makeUp writes the made-up catalog into the folder.
func (c *Catalog) makeUp(dir string) error {
	yaml, prompts := Synthetic()
	path := filepath.Join(dir, "large.yaml")
	if err := os.WriteFile(path, []byte(yaml), 0o600); err != nil {
		return err
	}
	c.Paths = []string{path}
	if len(c.Prompts) == 0 {
		c.Prompts = prompts
	}
	return nil
}

// Small is the example catalog, with prompts in the manner of its utterances.
func Small() (*Catalog, error) {
	catalog, err := routes.LoadFS(examples.FS, "support")
	if err != nil {
		return nil, err
	}
	var prompts []string
	for i := range catalog.Routes {
		for _, u := range catalog.Routes[i].Utterances {
			for _, ending := range Endings {
				prompts = append(prompts, u+" "+ending)
			}
		}
	}
	return &Catalog{Catalog: catalog, Prompts: prompts}, nil
}
