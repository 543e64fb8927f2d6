package importer

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/semroute/semroute/internal/strictyaml"
	"github.com/semroute/semroute/routes"
)

// Format is the form of a router file of aurelio semantic-router.
type Format string

// The forms.
const (
	YAML Format = "yaml"
	JSON Format = "json"
)

// Aurelio makes a catalog of a router file that aurelio semantic-router
// wrote (RouterConfig.to_file): encoder_type, encoder_name and routes, or a
// plain list of routes. Names, descriptions, utterances and metadata are
// carried over; the report's warnings say what is not: the encoder, score
// thresholds (another scale), and what dynamic routes call. Texts are settled
// as in JSONL. An error is a routes.Problems, or the reader's own.
func Aurelio(r io.Reader, name string, format Format) (*routes.Catalog, Report, error) {
	data, err := io.ReadAll(io.LimitReader(r, routes.MaxCatalogBytes+1))
	if err != nil {
		return nil, Report{}, err
	}
	in := newImporter(name)
	switch {
	case len(data) > routes.MaxCatalogBytes:
		in.found.Add(routes.Position{File: name}, "is larger than %d MiB", routes.MaxCatalogBytes>>20)
	case format == JSON:
		data = in.checkedJSON(data)
	case format != YAML:
		in.found.Add(routes.Position{File: name}, "unknown format %s; known are json, yaml", strictyaml.Quote(string(format)))
	}
	if in.found.Count() > 0 {
		return in.finish()
	}
	v, ok := strictyaml.Parse(name, data, &in.found)
	switch {
	case ok:
		in.aurelio(v)
	case in.found.Count() == 0:
		in.found.Add(routes.Position{File: name}, "the file is empty")
	}
	return in.finish()
}

// checkedJSON notes JSON errors where they stand, then gives the same JSON in
// a form that is YAML too: without tabs between values and with plain escapes.
// Places are kept where the file has no such escapes.
func (in *importer) checkedJSON(data []byte) []byte {
	data = bytes.TrimPrefix(data, strictyaml.ByteOrderMark)
	var whole json.RawMessage
	err := json.Unmarshal(data, &whole)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		end := min(max(syntax.Offset-1, 0), int64(len(data)))
		before := data[:end]
		start := bytes.LastIndexByte(before, '\n') + 1
		at := routes.Position{File: in.name, Line: 1 + bytes.Count(before, []byte("\n")), Column: 1 + utf8.RuneCount(before[start:])}
		in.found.Add(at, "JSON: %s", syntax.Error())
		return nil
	}
	if err != nil {
		in.found.Add(routes.Position{File: in.name}, "JSON: %s", err.Error())
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
func (in *importer) aurelio(v strictyaml.Value) {
	if v.Kind() == "a list" {
		v.List("the router", in.aurelioRoute)
		return
	}
	hasRoutes := false
	encoder := []string{"", ""}
	var at routes.Position
	v.Entries("the router", func(key string, place routes.Position, item strictyaml.Value) {
		switch key {
		case "routes":
			hasRoutes = true
			item.List("routes", in.aurelioRoute)
		case "encoder_type":
			encoder[0], at = scalarText(item), place
		case "encoder_name":
			encoder[1] = scalarText(item)
		default:
			in.warn(place, "%s is not carried over", key)
		}
	})
	if v.Kind() == "a mapping" && !hasRoutes {
		v.Bad("the router has no routes")
	}
	if encoder[0] != "" || encoder[1] != "" {
		in.warn(at, "the encoder %s is not carried over; choose an embedder with --embedder", strings.Trim(strings.Join(encoder, "/"), "/"))
	}
}

func (in *importer) aurelioRoute(v strictyaml.Value) {
	var r routes.Route
	var texts []strictyaml.Value
	name := v.Peek("name")
	by := "route " + strictyaml.Quote(name)
	ok := v.Entries("a route", func(key string, at routes.Position, item strictyaml.Value) {
		empty := item.Kind() == "empty"
		switch key {
		case "name":
			switch r.Name, _ = item.Text("route name"); {
			case r.Name == "":
				item.Bad("route name is empty")
			case !usableName(r.Name):
				in.unusable(item.Place, r.Name)
				r.Name = ""
			}
		case "description":
			if !empty {
				r.Description, _ = item.Text(key)
			}
		case "utterances":
			item.List(key, func(u strictyaml.Value) { texts = append(texts, u) })
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
	if !slices.Contains(v.Keys(), "name") {
		v.Bad("a route needs name")
	}
	if r.Name == "" {
		return
	}
	if in.seen[r.Name] {
		in.warn(v.Place, "%s stands twice; its utterances were put together", by)
	} else {
		in.extra[r.Name] = r
	}
	in.aurelioTexts(v, by, r.Name, texts)
}

func (in *importer) aurelioTexts(v strictyaml.Value, by, route string, texts []strictyaml.Value) {
	taken := 0
	for _, u := range texts {
		switch u.Node.(type) {
		case *ast.StringNode, *ast.LiteralNode:
			if text, ok := u.Text("utterance"); ok {
				in.add(text, route, u.Place)
				taken++
			}
		case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
			in.add(scalarText(u), route, u.Place)
			taken++
		default:
			in.warn(u.Place, "%s: an utterance that is not text was left out", by)
		}
	}
	if taken == 0 {
		in.warn(v.Place, "%s was left out: it has no utterances", by)
	}
}

func (in *importer) aurelioMetadata(v strictyaml.Value, by string) map[string]string {
	metadata := map[string]string{}
	v.Entries("metadata", func(key string, at routes.Position, item strictyaml.Value) {
		switch item.Kind() {
		case "a list", "a mapping", "something else":
			in.warn(at, "%s: metadata %s is not carried over, because it is %s", by, key, item.Kind())
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
func scalarText(v strictyaml.Value) string {
	switch n := v.Node.(type) {
	case *ast.StringNode:
		return n.Value
	case *ast.LiteralNode:
		return n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value
	}
	return ""
}
