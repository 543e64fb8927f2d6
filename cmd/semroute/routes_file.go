package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/routes"
)

// routeFile is a file of routes as a catalog has them. What a key means is for the
// server to say, so those that stand in no field of RouteDefinition are handed on.
type routeFile struct {
	Routes []routeEntry `yaml:"routes"`
}

type routeEntry struct {
	Name          string            `yaml:"name"`
	Description   string            `yaml:"description"`
	Utterances    []string          `yaml:"utterances"`
	Models        []string          `yaml:"models"`
	MinConfidence *float64          `yaml:"min_confidence"`
	MinMargin     *float64          `yaml:"min_margin"`
	Metadata      map[string]string `yaml:"metadata"`
	Rest          yaml.MapSlice     `yaml:"-"`
}

// ownKeys are the keys of a route that have fields.
var ownKeys = []string{"name", "description", "utterances", "models", "min_confidence", "min_margin", "metadata"}

// putRoutes are changes that put the routes of a file.
func putRoutes(path string, data []byte) ([]*semroutev1.CatalogChange, error) {
	var file routeFile
	var raw struct {
		Routes []yaml.MapSlice `yaml:"routes"`
	}
	err := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict()).Decode(&raw)
	if err == nil {
		err = yaml.Unmarshal(data, &file)
	}
	if err != nil {
		return nil, wrongUse("%s is not a file with routes alone, as `semroute routes get` prints one (--whole takes a whole catalog): %s", path, yaml.FormatError(err, false, false))
	}
	if len(file.Routes) == 0 {
		return nil, wrongUse("%s holds no routes: write them under routes:, as `semroute routes get` prints one", path)
	}
	changes := make([]*semroutev1.CatalogChange, len(file.Routes))
	for i := range file.Routes {
		r := &file.Routes[i]
		for _, item := range raw.Routes[i] {
			key := fmt.Sprint(item.Key)
			if key == "utterance_files" {
				return nil, wrongUse("%s: route %q names utterance_files, which the server cannot read: write the utterances into the file", path, r.Name)
			}
			if !slices.Contains(ownKeys, key) {
				r.Rest = append(r.Rest, item)
			}
		}
		definition, err := r.definition()
		if err != nil {
			return nil, wrongUse("%s: route %q: %w", path, r.Name, err)
		}
		changes[i] = &semroutev1.CatalogChange{Change: &semroutev1.CatalogChange_PutRoute_{PutRoute: &semroutev1.CatalogChange_PutRoute{Route: definition}}}
	}
	return changes, nil
}

func (r *routeEntry) definition() (*semroutev1.RouteDefinition, error) {
	d := &semroutev1.RouteDefinition{
		Name: r.Name, Description: r.Description, Utterances: r.Utterances, Models: r.Models,
		MinConfidence: r.MinConfidence, MinMargin: r.MinMargin, Metadata: r.Metadata,
	}
	if len(r.Rest) == 0 {
		return d, nil
	}
	policy, err := yaml.Marshal(r.Rest)
	d.Policy = string(policy)
	return d, err
}

// routeYAML is a route as a file that putRoutes reads.
func routeYAML(d *semroutev1.RouteDefinition) ([]byte, error) {
	r := routes.Route{
		Name: d.GetName(), Description: d.GetDescription(), Utterances: d.GetUtterances(), Models: d.GetModels(),
		MinConfidence: d.MinConfidence, MinMargin: d.MinMargin, Metadata: d.GetMetadata(),
	}
	var out bytes.Buffer
	if err := routes.WriteCatalog(&out, &routes.Catalog{Routes: []routes.Route{r}}); err != nil {
		return nil, err
	}
	for line := range strings.Lines(d.GetPolicy()) { // keys of the one route, which is the last
		out.WriteString(indentOf(out.Bytes()) + line)
	}
	return out.Bytes(), nil
}

// indentOf is the indentation of the keys of the routes that were written.
func indentOf(text []byte) string {
	_, rest, _ := strings.Cut(string(text), "\n")
	return strings.Repeat(" ", strings.Index(rest, "- ")+len("- "))
}
