package main

import (
	"fmt"
	"go/ast"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// partsOfCatalog are the types of a catalog's mappings, in the order of the page, and
// where each stands.
var partsOfCatalog = []struct{ title, name, at string }{
	{"The file", "Catalog", "The top level. A catalog may have many files; lists are put together, a section that is one mapping stands in one of them."},
	{"Routes", "Route", "Each of `routes`."},
	{"Models", "Model", "Each of `models`."},
	{"Prices", "writtenPrice", "`price` of a model, or each of a list. Amounts are in dollars."},
	{"Price tiers", "writtenTier", "Each of `tiers` of a price."},
	{"Rules", "Rule", "Each of `rules`. Exactly one of `route`, `model`, `abstain` and `only` says what it does; what `when` may ask for: [rules](../decisions.md#rules)."},
	{"Fallback", "Fallback", "`fallback`."},
	{"Thresholds", "Thresholds", "`thresholds`. Below a bound the decision is none."},
	{"Budgets", "Budget", "Each of `budgets` ([forwarding](../forwarding.md))."},
	{"Timeouts", "Timeouts", "`timeouts` of a route."},
	{"Cascades", "Cascade", "`cascade` of a route."},
	{"Checks of a cascade", "writtenCheck", "Each of `accept`: a mapping of exactly one of these."},
	{"Judges", "Judge", "`judge` of a check."},
	{"What fit writes", "Fitted", "`fitted`, by `semroute fit`."},
	{"The bound of the static stage", "StaticBound", "`static` of it."},
	{"What decisions were like", "Reference", "`reference` of it."},
	{"Mean and deviation", "Moments", "`confidence` and `similarity` of that."},
}

// keysBesides are those that stand in a file and end in another field.
var keysBesides = map[string][][4]string{
	"Catalog": {{"none_files", "list of texts", "none", "Files of such utterances, as `utterance_files` of a route."}},
	"Route": {{"utterance_files", "list of texts", "none",
		"Files of utterances beside the catalog: `.txt`, one a line, or `.jsonl` with `{\"text\": …}`. At most 1 GiB each."}},
}

// referenceOfCatalog is every key of a catalog, from the types that hold it.
func referenceOfCatalog(t *testing.T) string {
	src := sourceOf(t, "../../routes")
	b := generatedPage("Catalog", "Every key of a catalog's YAML. A key that is not here is an error with file, line and column. `semroute lint` looks at the rest;\n"+
		"[forwarding](../forwarding.md) and [decisions](../decisions.md) have worked examples.")
	for _, part := range partsOfCatalog {
		fmt.Fprintf(b, "\n## %s\n\n%s\n", part.title, part.at)
		table(b, "key", "type", "default", "")
		src.rows(t, b, part.name)
		for _, extra := range keysBesides[part.name] {
			row(b, code(extra[0]), extra[1], extra[2], extra[3])
		}
	}
	text := b.String()
	for _, key := range keysOfFullCatalog(t) {
		if !strings.Contains(text, "| `"+key+"` |") {
			t.Errorf("the page does not have the key %s", key)
		}
	}
	return text
}

// source is what a package declares.
type source struct {
	structs map[string]*ast.StructType
	words   map[string][]string // values of constants, by their type
	values  map[string]string   // and by their name
	named   map[string]ast.Expr
}

func sourceOf(t *testing.T, folder string) source {
	t.Helper()
	s := source{map[string]*ast.StructType{}, map[string][]string{}, map[string]string{}, map[string]ast.Expr{}}
	files, err := filepath.Glob(folder + "/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no source in %s: %v", folder, err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		ast.Inspect(parsed(t, file), func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.TypeSpec:
				s.named[n.Name.Name] = n.Type
				if fields, ok := n.Type.(*ast.StructType); ok {
					s.structs[n.Name.Name] = fields
				}
			case *ast.ValueSpec:
				kind, typed := n.Type.(*ast.Ident)
				if !typed || len(n.Values) != 1 {
					break
				}
				if literal, ok := n.Values[0].(*ast.BasicLit); ok {
					if text, err := strconv.Unquote(literal.Value); err == nil {
						s.words[kind.Name] = append(s.words[kind.Name], text)
						s.values[n.Names[0].Name] = text
					}
				}
			}
			return true
		})
	}
	return s
}

var (
	defaultInDoc = regexp.MustCompile(`(?s)\s*Default: (.*?)\.$`)
	absentInDoc  = regexp.MustCompile(`\bnil (means|when|where|switches)\b`)
)

// rows writes a row for each key of a type.
func (s source) rows(t *testing.T, b *strings.Builder, name string) {
	fields, ok := s.structs[name]
	if !ok {
		t.Fatalf("there is no type %s of a catalog any more", name)
	}
	keys := map[string]string{} // by field, for the texts
	for _, f := range fields.Fields.List {
		for _, n := range f.Names {
			keys[n.Name], _, _ = strings.Cut(yamlTag(f), ",")
		}
	}
	for _, f := range fields.Fields.List {
		tag := yamlTag(f)
		key, options, _ := strings.Cut(tag, ",")
		switch {
		case key == "-" || f.Tag == nil:
			continue
		case strings.Contains(options, "inline"):
			s.rows(t, b, f.Type.(*ast.Ident).Name)
			continue
		}
		about := strings.TrimSpace(f.Doc.Text())
		if about == "" {
			t.Errorf("%s of %s says nothing of itself", key, name)
		}
		otherwise := "none"
		if !strings.Contains(options, "omitempty") {
			otherwise = "required"
		}
		if m := defaultInDoc.FindStringSubmatch(about); m != nil {
			about, otherwise = strings.TrimSuffix(about, m[0]), strings.ReplaceAll(m[1], "\n", " ")
		}
		kind := s.kind(t, f.Type)
		if strings.Contains(about, "in the file in dollars") || strings.Contains(about, "in the file\nin dollars") {
			kind = "dollars"
		}
		row(b, code(key), kind, otherwise, s.plain(about, keys))
	}
}

// plain is the comment of a field with the file's words in place of Go's.
func (s source) plain(about string, keys map[string]string) string {
	about = absentInDoc.ReplaceAllString(about, "absent $1")
	about = regexp.MustCompile(`\b[A-Z]\w+\b`).ReplaceAllStringFunc(about, func(word string) string {
		if key := keys[word]; key != "" && key != "-" {
			return "`" + key + "`"
		}
		if value, ok := s.values[word]; ok && word != "JSON" && word != "OpenAI" {
			return "`" + value + "`"
		}
		return word
	})
	return strings.ReplaceAll(about, ", here in nano-dollars", "")
}

// kind is a type in the words of the page.
func (s source) kind(t *testing.T, e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return s.kind(t, e.X)
	case *ast.ArrayType:
		return "list of " + s.kind(t, e.Elt) + map[bool]string{true: "s"}[s.kind(t, e.Elt) == "text"]
	case *ast.MapType:
		return "mapping of names to " + s.kind(t, e.Value)
	case *ast.SelectorExpr:
		return "duration, as `30s`"
	case *ast.Ident:
		switch e.Name {
		case "string":
			return "text"
		case "bool":
			return "`true`, `false`"
		case "int", "int64":
			return "whole number"
		case "float64":
			return "number"
		case "dollars":
			return "dollars"
		case "any":
			return "JSON schema"
		case "Prices":
			return "[one or a list](#prices)"
		}
		if words := s.words[e.Name]; len(words) > 0 {
			return "`" + strings.Join(words, "`, `") + "`"
		}
		for _, part := range partsOfCatalog {
			if part.name == e.Name || part.name == "written"+e.Name || part.name == "written"+strings.TrimPrefix(e.Name, "Price") {
				return "[" + strings.ToLower(part.title) + "](#" + strings.ReplaceAll(strings.ToLower(part.title), " ", "-") + ")"
			}
		}
		t.Errorf("the page has no section for %s", e.Name)
	}
	return ""
}

func yamlTag(f *ast.Field) string {
	if f.Tag == nil {
		return ""
	}
	tag, _ := strconv.Unquote(f.Tag.Value)
	return reflect.StructTag(tag).Get("yaml")
}

// namesOfTheirOwn are mappings whose keys are names.
var namesOfTheirOwn = map[string]bool{
	"metadata": true, "weights": true, "tiers": true, "aliases": true, "routes": true, "shares": true, "json_schema": true,
}

// keysOfFullCatalog are all keys of the catalog that holds every one.
func keysOfFullCatalog(t *testing.T) []string {
	t.Helper()
	var keys []string
	var visit func(v any)
	visit = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, value := range v {
				keys = append(keys, key)
				if _, isMapping := value.(map[string]any); !isMapping || !namesOfTheirOwn[key] {
					visit(value)
				}
			}
		case []any:
			for _, item := range v {
				visit(item)
			}
		}
	}
	for _, name := range []string{"catalog.yaml", "fitted.yaml"} {
		content, err := os.ReadFile(filepath.Join("../../routes/testdata/full", name))
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := yaml.Unmarshal(content, &v); err != nil {
			t.Fatal(err)
		}
		visit(v)
	}
	if len(keys) < 60 {
		t.Fatalf("only %d keys were found", len(keys))
	}
	return keys
}
