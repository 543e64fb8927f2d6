package routes

import (
	"github.com/goccy/go-yaml/ast"
)

// route reads one route. Its name is looked up first, because its utterances
// are reported under it wherever the name key stands.
func (l *loading) route(v value) {
	r := Route{At: v.place}
	u := &utterances{load: l, route: nameOf(v)}
	utteranceKeys := []field{
		{"utterances", u.inline("utterances")},
		{"utterance_files", u.files("utterance_files")},
	}
	fields := append([]field{
		{"name", func(v value) { r.Name, _ = v.name("route name") }},
		words("description", &r.Description),
		{"models", func(v value) { r.Models = l.mentioned(v, "models", aModel, holder(u.route)) }},
		sharePointer("min_confidence", &r.MinConfidence),
		sharePointer("min_margin", &r.MinMargin),
		{"metadata", func(v value) { r.Metadata = readMetadata(v) }},
	}, utteranceKeys...)
	forwarding := &forwardingReader{load: l, route: &r, by: holder(u.route)}
	if !v.mapping("a route", append(fields, forwarding.fields()...)...) {
		return
	}
	if !requireKeys(v, "a route", "name") || r.Name == "" {
		return
	}
	if !u.given {
		v.bad("route %s has no utterances; give it at least one", quote(r.Name))
	}
	forwarding.check(v)
	r.Utterances, r.UtterancesAt = u.texts, u.at
	l.declare(aRoute, r.Name, r.At)
	l.catalog.Routes = append(l.catalog.Routes, r)
}

// nameOf is the text of a mapping's name key, "" where it has none.
func nameOf(v value) string {
	mapping, ok := v.node.(*ast.MappingNode)
	if !ok {
		return ""
	}
	for _, pair := range mapping.Values {
		if key, ok := keyText(pair.Key); ok && key == "name" {
			if text, ok := pair.Value.(*ast.StringNode); ok {
				return text.Value
			}
		}
	}
	return ""
}

// readMetadata reads free keys with plain values; numbers and booleans are
// kept as they are written.
func readMetadata(v value) map[string]string {
	metadata := map[string]string{}
	v.entries("metadata", func(key string, _ Position, item value) {
		switch item.node.(type) {
		case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
			metadata[key] = item.node.GetToken().Value
		default:
			if text, ok := item.text("metadata " + key); ok {
				metadata[key] = text
			}
		}
	})
	if len(metadata) == 0 {
		return nil
	}
	return metadata
}
