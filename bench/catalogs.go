package bench

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/semroute/semroute/examples"
	"github.com/semroute/semroute/routes"
)

// large is the catalog that most numbers are about.
type large struct {
	paths   []string
	catalog *routes.Catalog
	prompts []string
}

// label names the catalog in a row.
func (l *large) label() string { return sizeOf(l.catalog) }

func sizeOf(c *routes.Catalog) string {
	utterances := 0
	for i := range c.Routes {
		utterances += len(c.Routes[i].Utterances)
	}
	return fmt.Sprintf("%d routes, %d utterances", len(c.Routes), utterances)
}

// large loads the catalog that was named, or makes one up.
func (e *env) large() (*large, error) {
	if e.big != nil {
		return e.big, nil
	}
	l := &large{prompts: e.Prompts}
	for _, path := range e.Catalog {
		whole, err := filepath.Abs(path) // servers are started in another folder
		if err != nil {
			return nil, fmt.Errorf("the large catalog: %w", err)
		}
		l.paths = append(l.paths, whole)
	}
	if len(l.paths) == 0 {
		yaml, prompts := synthetic()
		path := filepath.Join(e.dir, "large.yaml")
		if err := os.WriteFile(path, []byte(yaml), 0o600); err != nil {
			return nil, fmt.Errorf("the made-up catalog: %w", err)
		}
		l.paths = []string{path}
		if len(l.prompts) == 0 {
			l.prompts = prompts
		}
	}
	catalog, err := routes.Load(l.paths...)
	if err != nil {
		return nil, err
	}
	l.catalog = catalog
	if len(l.prompts) == 0 { // better than nothing: what the catalog itself says
		for i := range catalog.Routes {
			l.prompts = append(l.prompts, catalog.Routes[i].Utterances...)
		}
	}
	e.big = l
	return l, nil
}

// small is the example catalog, with prompts in the manner of its utterances.
func small() (*routes.Catalog, []string, error) {
	catalog, err := routes.LoadFS(examples.FS, "support")
	if err != nil {
		return nil, nil, err
	}
	var prompts []string
	for i := range catalog.Routes {
		for _, u := range catalog.Routes[i].Utterances {
			for _, ending := range endings {
				prompts = append(prompts, u+" "+ending)
			}
		}
	}
	return catalog, prompts, nil
}
