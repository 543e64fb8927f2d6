package routes

import (
	"github.com/goccy/go-yaml/ast"
	"github.com/semroute/semroute/internal/strictyaml"
)

// route reads one route. Its name is looked up first, because its utterances
// are reported under it wherever the name key stands.
func (l *loading) route(v value) {
	r := Route{At: v.Place}
	u := &utterances{load: l, route: v.Peek("name")}
	utteranceKeys := []field{
		{"utterances", u.inline("utterances")},
		{"utterance_files", u.files("utterance_files")},
	}
	fields := append([]field{
		{"name", func(v value) { r.Name, _ = readName(v, "route name") }},
		words("description", &r.Description),
		{"models", func(v value) { r.Models = l.mentioned(v, "models", aModel, holder(u.route)) }},
		sharePointer("min_confidence", &r.MinConfidence),
		sharePointer("min_margin", &r.MinMargin),
		{"metadata", func(v value) { r.Metadata = readMetadata(v) }},
	}, utteranceKeys...)
	forwarding := &forwardingReader{load: l, route: &r, by: holder(u.route)}
	if !readMapping(v, "a route", append(fields, forwarding.fields()...)...) {
		return
	}
	if !requireKeys(v, "a route", "name") || r.Name == "" {
		return
	}
	if !u.given {
		v.Bad("route %s has no utterances; give it at least one", strictyaml.Quote(r.Name))
	}
	forwarding.check(v)
	r.Utterances, r.UtterancesAt = u.texts, u.at
	l.declare(aRoute, r.Name, r.At)
	l.catalog.Routes = append(l.catalog.Routes, r)
}

// readMetadata reads free keys with plain values; numbers and booleans are
// kept as they are written.
func readMetadata(v value) map[string]string {
	metadata := map[string]string{}
	v.Entries("metadata", func(key string, _ Position, item value) {
		switch item.Node.(type) {
		case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
			metadata[key] = item.Node.GetToken().Value
		default:
			if text, ok := item.Text("metadata " + key); ok {
				metadata[key] = text
			}
		}
	})
	if len(metadata) == 0 {
		return nil
	}
	return metadata
}
