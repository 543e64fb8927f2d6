package routes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/semroute/semroute/internal/strictyaml"
)

// Target is what a client means by the name of a model: a decision by the
// router, a route without one, or a model.
type Target struct {
	// Route or Model is set where the client chose; both are empty where the router
	// is to decide.
	Route, Model string
}

// Auto is the name under which the router decides.
const Auto = "auto"

// RoutePrefix and ModelPrefix begin the names that choose a route or a model.
const (
	RoutePrefix = "route:"
	ModelPrefix = "model:"
)

// Target finds what a name means: "auto", "route:NAME", "model:NAME" or one of
// the catalog's aliases; false where it means nothing.
func (c *Catalog) Target(name string) (Target, bool) {
	if meaning, ok := c.Aliases[name]; ok {
		name = meaning
	}
	if name == Auto {
		return Target{}, true
	}
	if route, ok := strings.CutPrefix(name, RoutePrefix); ok {
		return Target{Route: route}, slices.ContainsFunc(c.Routes, func(r Route) bool { return r.Name == route })
	}
	if model, ok := strings.CutPrefix(name, ModelPrefix); ok {
		return Target{Model: model}, slices.ContainsFunc(c.Models, func(m Model) bool { return m.Name == model })
	}
	return Target{}, false
}

// TargetNames are all names that Target knows: "auto", the aliases, the routes
// with models and the models, each kind in order.
func (c *Catalog) TargetNames() []string {
	names := []string{Auto}
	var aliases, chosen, models []string
	for alias := range c.Aliases {
		if alias != Auto {
			aliases = append(aliases, alias)
		}
	}
	for _, r := range c.Routes {
		if len(r.Models) > 0 {
			chosen = append(chosen, RoutePrefix+r.Name)
		}
	}
	for _, m := range c.Models {
		models = append(models, ModelPrefix+m.Name)
	}
	for _, kind := range [][]string{aliases, chosen, models} {
		slices.Sort(kind)
		names = append(names, kind...)
	}
	return names
}

// aliases reads what clients' names of models mean.
func (l *loading) aliases(v value) {
	v.Entries("aliases", func(alias string, at Position, item value) {
		meaning, ok := readName(item, "the meaning of an alias")
		if !ok {
			return
		}
		if err := checkAlias(alias); err != nil {
			l.found.Add(at, "%s", err)
			return
		}
		by := "alias " + strictyaml.Quote(alias)
		if route, ok := strings.CutPrefix(meaning, RoutePrefix); ok {
			l.all = append(l.all, mention{kind: aRoute, name: route, at: item.Place, by: by})
		} else if model, ok := strings.CutPrefix(meaning, ModelPrefix); ok {
			l.all = append(l.all, mention{kind: aModel, name: model, at: item.Place, by: by})
		} else if meaning != Auto {
			item.Bad("%s means %s; write auto, route:NAME or model:NAME", by, strictyaml.Quote(meaning))
			return
		}
		l.declare(anAlias, alias, at)
		if l.catalog.Aliases == nil {
			l.catalog.Aliases = map[string]string{}
		}
		l.catalog.Aliases[alias] = meaning
	})
}

// UsableAlias says whether a catalog can have such an alias.
func UsableAlias(name string) bool { return checkAlias(name) == nil }

// checkAlias refuses names that already mean something.
func checkAlias(alias string) error {
	switch {
	case alias == "" || len(alias) > MaxNameBytes:
		return fmt.Errorf("an alias has between 1 and %d bytes", MaxNameBytes)
	case alias == Auto, strings.HasPrefix(alias, RoutePrefix), strings.HasPrefix(alias, ModelPrefix):
		return fmt.Errorf("%s already means something; choose another alias", strictyaml.Quote(alias))
	}
	return nil
}
