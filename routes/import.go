package routes

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
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
	Warnings []Problem
}

// ImportJSONL makes a catalog of labelled JSON lines as ReadLabelled reads
// them. A text that occurs under several routes goes to the one that has it
// most often, of equals to the first; "" is a route of its own here and gives
// the catalog's none. The catalog has routes and utterances only; WriteCatalog
// writes it. An error is a Problems, or the reader's own.
func ImportJSONL(r io.Reader, name string) (*Catalog, Report, error) {
	in := newImporter(name)
	err := eachLine(r, name, &in.found, func(at Position, line []byte) {
		if entry, ok := parseLabelled(at, line, &in.found); ok {
			in.add(entry.Text, entry.Route, at)
		}
	})
	if err != nil {
		return nil, Report{}, err
	}
	return in.finish()
}

// importer gathers labelled texts and settles who owns each.
type importer struct {
	name   string
	found  collector
	report Report
	// texts and routes are in the order in which they were first seen.
	texts  []*importedText
	known  map[string]*importedText
	routes []string
	seen   map[string]bool
	extra  map[string]Route
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
	return &importer{name: name, known: map[string]*importedText{}, seen: map[string]bool{}, extra: map[string]Route{}}
}

func (in *importer) add(text, route string, at Position) {
	trimmed := strings.TrimSpace(text)
	switch {
	case trimmed == "":
		in.found.add(at, "utterance is empty")
		return
	case len(trimmed) > MaxUtteranceBytes:
		in.found.add(at, "text is %d bytes long but an utterance must be at most %d", len(trimmed), MaxUtteranceBytes)
		return
	case !usableName(route):
		in.found.add(at, "route %s is not a usable name: it must have at most %d bytes, no control characters and no spaces around it",
			quote(route), MaxNameBytes)
		return
	case len(in.texts) >= MaxUtterances:
		in.found.add(at, "a catalog holds at most %d utterances", MaxUtterances)
		return
	}
	in.report.Lines++
	if !in.seen[route] {
		in.seen[route] = true
		in.routes = append(in.routes, route)
	}
	key := identity(trimmed)
	entry, ok := in.known[key]
	if !ok {
		entry = &importedText{text: trimmed}
		in.known[key] = entry
		in.texts = append(in.texts, entry)
	}
	entry.count(route)
}

// usableName says that a route may have this name; "" stands for none.
func usableName(route string) bool {
	return len(route) <= MaxNameBytes && strings.TrimSpace(route) == route && !strings.ContainsFunc(route, unicode.IsControl)
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

func (in *importer) finish() (*Catalog, Report, error) {
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
	c := &Catalog{None: owned[""]}
	for _, name := range in.routes {
		if name == "" {
			continue
		}
		if len(owned[name]) == 0 {
			in.warn(Position{File: in.name}, "route %s was left out: others have each of its texts more often", quote(name))
			continue
		}
		r := in.extra[name]
		r.Name, r.Utterances = name, owned[name]
		c.Routes = append(c.Routes, r)
	}
	if len(c.Routes) == 0 && len(in.found.found) == 0 {
		in.found.add(Position{File: in.name}, "there is no route with an utterance")
	}
	if err := in.found.err(); err != nil {
		return nil, Report{}, err
	}
	return c, in.report, nil
}

func (in *importer) warn(at Position, format string, args ...any) {
	if len(in.report.Warnings) < maxProblems {
		in.report.Warnings = append(in.report.Warnings, Problem{Position: at, Message: fmt.Sprintf(format, args...)})
	}
}
