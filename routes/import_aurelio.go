package routes

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// AurelioFormat is the form of a router file of aurelio semantic-router.
type AurelioFormat string

// The forms.
const (
	AurelioYAML AurelioFormat = "yaml"
	AurelioJSON AurelioFormat = "json"
)

// ImportAurelio makes a catalog of a router file that aurelio semantic-router
// wrote (RouterConfig.to_file): encoder_type, encoder_name and routes, or a
// plain list of routes. Names, descriptions, utterances and metadata are
// carried over; the report's warnings say what is not: the encoder, score
// thresholds (another scale), and what dynamic routes call. Texts are settled
// as in ImportJSONL. An error is a Problems, or the reader's own.
func ImportAurelio(r io.Reader, name string, format AurelioFormat) (*Catalog, Report, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxCatalogBytes+1))
	if err != nil {
		return nil, Report{}, err
	}
	in := newImporter(name)
	switch {
	case len(data) > MaxCatalogBytes:
		in.found.add(Position{File: name}, "is larger than %d MiB", MaxCatalogBytes>>20)
	case format == AurelioJSON:
		data = in.checkedJSON(data)
	case format != AurelioYAML:
		in.found.add(Position{File: name}, "unknown format %s; known are json, yaml", quote(string(format)))
	}
	if len(in.found.found) > 0 {
		return in.finish()
	}
	body := parseYAML(name, data, &in.found)
	if body == nil {
		if len(in.found.found) == 0 {
			in.found.add(Position{File: name}, "the file is empty")
		}
		return in.finish()
	}
	doc := &document{file: name, found: &in.found, anchors: map[string]ast.Node{}}
	if v, ok := doc.value(body, false); ok {
		in.aurelio(v)
	}
	return in.finish()
}

// checkedJSON notes JSON errors where they stand, then gives the same JSON in
// a form that is YAML too: without tabs between values and with plain escapes.
// Places are kept where the file has no such escapes.
func (in *importer) checkedJSON(data []byte) []byte {
	data = bytes.TrimPrefix(data, byteOrderMark)
	var whole json.RawMessage
	err := json.Unmarshal(data, &whole)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		end := min(max(syntax.Offset-1, 0), int64(len(data)))
		before := data[:end]
		start := bytes.LastIndexByte(before, '\n') + 1
		at := Position{File: in.name, Line: 1 + bytes.Count(before, []byte("\n")), Column: columnOf(data[start:], end-int64(start)+1)}
		in.found.add(at, "JSON: %s", syntax.Error())
		return nil
	}
	if err != nil {
		in.found.add(Position{File: in.name}, "JSON: %s", err.Error())
		return nil
	}
	return plainEscapes(data)
}

// plainEscapes writes valid JSON without tabs, which can only stand between
// values, and without the escaped slash, which YAML readers may not know.
func plainEscapes(data []byte) []byte {
	out := make([]byte, 0, len(data))
	for i := 0; i < len(data); i++ {
		switch {
		case data[i] == '\t':
			out = append(out, ' ')
		case data[i] == '\\' && data[i+1] == '/':
			out = append(out, '/')
			i++
		case data[i] == '\\':
			out = append(out, data[i], data[i+1])
			i++
		default:
			out = append(out, data[i])
		}
	}
	return out
}

// aurelio reads the whole file.
func (in *importer) aurelio(v value) {
	if kind(v.node) == "a list" {
		v.list("the router", in.aurelioRoute)
		return
	}
	hasRoutes := false
	encoder := []string{"", ""}
	var at Position
	v.entries("the router", func(key string, place Position, item value) {
		switch key {
		case "routes":
			hasRoutes = true
			item.list("routes", in.aurelioRoute)
		case "encoder_type":
			encoder[0], at = scalarText(item), place
		case "encoder_name":
			encoder[1] = scalarText(item)
		default:
			in.warn(place, "%s is not carried over", key)
		}
	})
	if kind(v.node) == "a mapping" && !hasRoutes {
		v.bad("the router has no routes")
	}
	if encoder[0] != "" || encoder[1] != "" {
		in.warn(at, "the encoder %s is not carried over; choose an embedder with --embedder", strings.Trim(strings.Join(encoder, "/"), "/"))
	}
}

func (in *importer) aurelioRoute(v value) {
	var r Route
	var texts []value
	name := nameOf(v)
	by := holder(name)
	ok := v.entries("a route", func(key string, at Position, item value) {
		empty := kind(item.node) == "empty"
		switch key {
		case "name":
			r.Name, _ = item.name("route name")
		case "description":
			if !empty {
				r.Description, _ = item.text(key)
			}
		case "utterances":
			item.list(key, func(u value) { texts = append(texts, u) })
		case "metadata":
			if !empty {
				r.Metadata = in.aurelioMetadata(item, by)
			}
		case "score_threshold":
			if !empty {
				in.warn(at, "%s: score_threshold %s is not carried over, because the scales differ; run semroute fit", by, scalarText(item))
			}
		case "function_schemas", "function_schema", "openai_function_schema", "llm":
			if !empty {
				in.warn(at, "%s: %s is not carried over; semroute decides, it does not extract arguments", by, key)
			}
		default:
			in.warn(at, "%s: %s is not carried over", by, key)
		}
	})
	if !ok {
		return
	}
	if !slices.Contains(presentKeys(v), "name") {
		v.bad("a route needs name")
	}
	if r.Name == "" {
		return
	}
	if in.seen[r.Name] {
		in.warn(v.place, "%s stands twice; its utterances were put together", by)
	} else {
		in.extra[r.Name] = r
	}
	in.aurelioTexts(v, by, r.Name, texts)
}

func (in *importer) aurelioTexts(v value, by, route string, texts []value) {
	taken := 0
	for _, u := range texts {
		switch u.node.(type) {
		case *ast.StringNode, *ast.LiteralNode:
			if text, ok := u.text("utterance"); ok {
				in.add(text, route, u.place)
				taken++
			}
		case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
			in.add(scalarText(u), route, u.place)
			taken++
		default:
			in.warn(u.place, "%s: an utterance that is not text was left out", by)
		}
	}
	if taken == 0 {
		in.warn(v.place, "%s was left out: it has no utterances", by)
	}
}

func (in *importer) aurelioMetadata(v value, by string) map[string]string {
	metadata := map[string]string{}
	v.entries("metadata", func(key string, at Position, item value) {
		switch kind(item.node) {
		case "a list", "a mapping", "something else":
			in.warn(at, "%s: metadata %s is not carried over, because it is %s", by, key, kind(item.node))
		case "empty":
		default:
			metadata[key] = scalarText(item)
		}
	})
	if len(metadata) == 0 {
		return nil
	}
	return metadata
}

// scalarText is a plain value as it is written, "" for anything else.
func scalarText(v value) string {
	switch n := v.node.(type) {
	case *ast.StringNode:
		return n.Value
	case *ast.LiteralNode:
		return n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value
	}
	return ""
}
