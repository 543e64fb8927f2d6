// Package importer makes catalogs of other formats: labelled JSON lines, the router
// files of aurelio semantic-router, the config files of LiteLLM's proxy and of vLLM's
// semantic router, and what RouteLLM is started with. It promises a catalog that loads once
// it is written with routes.WriteCatalog, and a report of what was left out. It
// writes no files itself.
package importer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/semroute/semroute/internal/strictyaml"
	"github.com/semroute/semroute/routes"
)

// Report says what an import did with its input.
type Report struct {
	// Lines is how many labelled texts were read; it is the sum of the next three.
	Lines int
	// Kept texts are in the catalog.
	Kept int
	// Duplicates repeated a text of the same route.
	Duplicates int
	// Conflicts gave a text to a route where most gave it to another.
	Conflicts int
	// Warnings say what could not be carried over.
	Warnings []routes.Problem
}

// JSONL makes a catalog of labelled JSON lines as routes.ReadLabelled reads
// them. A text that occurs under several routes goes to the one that has it
// most often, of equals to the first; "" is a route of its own here and gives
// the catalog's none. The catalog has routes and utterances only. An error is a
// routes.Problems, or the reader's own.
func JSONL(r io.Reader, name string) (*routes.Catalog, Report, error) {
	in := newImporter(name)
	prompts, err := routes.ReadLabelled(r, name)
	if problems, ok := errors.AsType[routes.Problems](err); ok {
		for _, p := range problems {
			in.found.Add(p.Position, "%s", p.Message)
		}
	} else if err != nil {
		return nil, Report{}, err
	}
	for _, p := range prompts {
		in.add(p.Text, p.Route, routes.Position{File: name, Line: p.Line, Column: 1})
	}
	return in.finish()
}

// importer gathers labelled texts and settles who owns each.
type importer struct {
	name   string
	found  strictyaml.Collector
	report Report
	// texts and routes are in the order in which they were first seen.
	texts  []*importedText
	known  map[string]*importedText
	routes []string
	seen   map[string]bool
	extra  map[string]routes.Route
	// What other formats say besides: models, by the names of the file as well, rules,
	// who serves the rest, and what clients call them.
	models   []routes.Model
	named    map[string][]string
	rules    []routes.Rule
	fallback routes.Fallback
	aliases  map[string]string
}

type importedText struct {
	text  string
	votes []vote
}

type vote struct {
	route string
	count int
}

func newImporter(name string) *importer {
	return &importer{
		name: name, known: map[string]*importedText{}, seen: map[string]bool{}, extra: map[string]routes.Route{},
		named: map[string][]string{}, aliases: map[string]string{},
	}
}

func (in *importer) add(text, route string, at routes.Position) {
	trimmed := strings.TrimSpace(text)
	switch {
	case trimmed == "":
		in.found.Add(at, "utterance is empty")
		return
	case len(trimmed) > routes.MaxUtteranceBytes:
		in.found.Add(at, "text is %d bytes long but an utterance must be at most %d", len(trimmed), routes.MaxUtteranceBytes)
		return
	case !usableName(route):
		in.unusable(at, route)
		return
	case len(in.texts) >= routes.MaxUtterances:
		in.found.Add(at, "a catalog holds at most %d utterances", routes.MaxUtterances)
		return
	}
	in.report.Lines++
	if !in.seen[route] {
		in.seen[route] = true
		in.routes = append(in.routes, route)
	}
	key := routes.Identity(trimmed)
	entry, ok := in.known[key]
	if !ok {
		entry = &importedText{text: trimmed}
		in.known[key] = entry
		in.texts = append(in.texts, entry)
	}
	entry.count(route)
}

func (in *importer) unusable(at routes.Position, route string) {
	in.found.Add(at, "route %s is not a usable name: it must have at most %d bytes, no control characters and no spaces around it",
		strictyaml.Quote(route), routes.MaxNameBytes)
}

// usableName says that a route may have this name; "" stands for none.
func usableName(route string) bool {
	return len(route) <= routes.MaxNameBytes && strings.TrimSpace(route) == route && !strings.ContainsFunc(route, unicode.IsControl)
}

func (t *importedText) count(route string) {
	for i := range t.votes {
		if t.votes[i].route == route {
			t.votes[i].count++
			return
		}
	}
	t.votes = append(t.votes, vote{route: route, count: 1})
}

// winner is the vote with the most lines, the first of equals.
func (t *importedText) winner() vote {
	return slices.MaxFunc(t.votes, func(a, b vote) int { return a.count - b.count })
}

func (in *importer) finish() (*routes.Catalog, Report, error) {
	owned := map[string][]string{}
	for _, t := range in.texts {
		won := t.winner()
		owned[won.route] = append(owned[won.route], t.text)
		in.report.Kept++
		in.report.Duplicates += won.count - 1
		for _, v := range t.votes {
			if v.route != won.route {
				in.report.Conflicts += v.count
			}
		}
	}
	c := &routes.Catalog{None: owned[""], Models: in.models, Rules: in.rules, Fallback: in.fallback}
	if len(in.aliases) > 0 {
		c.Aliases = in.aliases
	}
	for _, name := range in.routes {
		if name == "" {
			continue
		}
		if len(owned[name]) == 0 {
			in.warn(routes.Position{File: in.name}, "route %s was left out: others have each of its texts more often", strictyaml.Quote(name))
			continue
		}
		r := in.extra[name]
		r.Name, r.Utterances = name, owned[name]
		c.Routes = append(c.Routes, r)
	}
	switch {
	case len(c.Routes) > 0 || in.found.Count() > 0:
	case len(c.Models) > 0:
		in.warn(routes.Position{File: in.name}, "there are models and no routes: write some with utterances, `semroute init` shows how")
	default:
		in.found.Add(routes.Position{File: in.name}, "there is no route with an utterance")
	}
	if in.found.Count() == 0 {
		in.checkLoads(c)
	}
	if err := in.found.Err(); err != nil {
		return nil, Report{}, err
	}
	return c, in.report, nil
}

func (in *importer) warn(at routes.Position, format string, args ...any) {
	if len(in.report.Warnings) < strictyaml.MaxProblems {
		in.report.Warnings = append(in.report.Warnings, routes.Problem{Position: at, Message: fmt.Sprintf(format, args...)})
	}
}

// checkLoads notes what of the catalog would not load again: an address that is none,
// names that mean two things.
func (in *importer) checkLoads(c *routes.Catalog) {
	var out bytes.Buffer
	if err := routes.WriteCatalog(&out, c); err != nil {
		in.found.Add(routes.Position{File: in.name}, "%s", err)
		return
	}
	_, err := routes.Parse("catalog", out.Bytes())
	if problems, ok := errors.AsType[routes.Problems](err); ok {
		for _, p := range problems {
			in.found.Add(routes.Position{File: in.name}, "what it says makes no catalog: %s", p.Message)
		}
	} else if err != nil {
		in.found.Add(routes.Position{File: in.name}, "%s", err)
	}
}
