package routes

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// document is one file that is being read.
type document struct {
	file    string
	found   *collector
	anchors map[string]ast.Node
	// aliased counts the values that were reached through aliases.
	aliased int
}

// value is a YAML value with its place. Its methods note a problem and report
// false where the value is not what is asked for.
type value struct {
	doc   *document
	node  ast.Node
	place Position
	// alias says that it was reached through an alias.
	alias bool
}

// value resolves anchors and aliases. It reports false for an alias that
// cannot be followed.
func (d *document) value(node ast.Node, alias bool) (value, bool) {
	at := nodePosition(d.file, node)
	for range maxDepth {
		switch n := node.(type) {
		case *ast.AnchorNode:
			d.anchors[n.Name.GetToken().Value] = n.Value
			node = n.Value
			if !alias && node != nil {
				at = nodePosition(d.file, node)
			}
		case *ast.AliasNode:
			name := n.Value.GetToken().Value
			target, ok := d.anchors[name]
			if !ok {
				d.found.add(at, "alias *%s has no anchor before it", name)
				return value{}, false
			}
			node, alias = target, true
		default:
			if alias {
				d.aliased++
			}
			if d.aliased > maxAliasedValues {
				if d.aliased == maxAliasedValues+1 {
					d.found.add(at, "aliases stand for more than %d values; write them out in files", maxAliasedValues)
				}
				return value{}, false
			}
			return value{doc: d, node: node, place: at, alias: alias}, true
		}
	}
	d.found.add(at, "anchors and aliases refer to each other too often")
	return value{}, false
}

func (v value) bad(format string, args ...any) { v.doc.found.add(v.place, format, args...) }

// wrong notes that the value has another type than what is wanted.
func (v value) wrong(what, wanted string) bool {
	v.bad("%s must be %s, not %s", what, wanted, kind(v.node))
	return false
}

// kind describes a value's type in words.
func kind(node ast.Node) string {
	switch node.(type) {
	case nil, *ast.NullNode:
		return "empty"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.BoolNode:
		return "true or false"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.StringNode, *ast.LiteralNode:
		return "text"
	}
	return "something else"
}

// field is what to do with the value of a known key.
type field struct {
	key  string
	read func(value)
}

// mapping reads a mapping whose keys are all among fields. what names it in
// messages.
func (v value) mapping(what string, fields ...field) bool {
	return v.entries(what, func(key string, at Position, item value) {
		for _, f := range fields {
			if f.key == key {
				f.read(item)
				return
			}
		}
		v.doc.unknownKey(what, key, at, fields)
	})
}

func (d *document) unknownKey(what, key string, at Position, fields []field) {
	known := make([]string, len(fields))
	for i, f := range fields {
		known[i] = f.key
	}
	switch {
	case key == "<<":
		d.found.add(at, "merge keys are not used in catalogs; write the keys out")
	case holdsSecret(key) && slices.Contains(known, "api_key_env"):
		d.found.add(at, "%s: a secret never stands in a catalog; name the environment variable that holds it with api_key_env, or the file with api_key_file", key)
	case holdsSecret(key):
		d.found.add(at, "%s: a secret never stands in a catalog; a model names where its secret is with api_key_env or api_key_file", key)
	default:
		d.found.add(at, "unknown key %s in %s%s", quote(key), what, suggestion(key, known))
	}
}

// holdsSecret says that a key is one under which people write secrets.
func holdsSecret(key string) bool {
	switch strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(key)) {
	case "apikey", "key", "token", "apitoken", "accesstoken", "authtoken", "bearer", "bearertoken", "secret",
		"apisecret", "secretkey", "password", "credentials", "authorization":
		return true
	}
	return false
}

// entries calls each for every key of a mapping, in order, each key once.
func (v value) entries(what string, each func(key string, at Position, item value)) bool {
	var pairs []*ast.MappingValueNode
	switch n := v.node.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		return v.wrong(what, "a mapping")
	}
	seen := make(map[string]Position, len(pairs))
	for _, pair := range pairs {
		at := nodePosition(v.doc.file, pair.Key)
		key, ok := keyText(pair.Key)
		if !ok {
			v.doc.found.add(at, "a key in %s must be a plain word", what)
			continue
		}
		if first, twice := seen[key]; twice {
			v.doc.found.add(at, "key %s stands twice in %s, first at %s", quote(key), what, first)
			continue
		}
		seen[key] = at
		if item, ok := v.doc.value(pair.Value, v.alias); ok {
			each(key, at, item)
		}
	}
	return true
}

func keyText(key ast.MapKeyNode) (string, bool) {
	switch k := key.(type) {
	case *ast.StringNode:
		return k.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode, *ast.MergeKeyNode:
		return k.GetToken().Value, true
	}
	return "", false
}

// list calls each for every value of a list.
func (v value) list(what string, each func(value)) {
	n, ok := v.node.(*ast.SequenceNode)
	if !ok {
		v.wrong(what, "a list")
		return
	}
	for _, node := range n.Values {
		if node == nil {
			continue
		}
		if item, ok := v.doc.value(node, v.alias); ok {
			each(item)
		}
	}
}

// presentKeys are the keys of a mapping as they stand.
func presentKeys(v value) []string {
	var keys []string
	switch n := v.node.(type) {
	case *ast.MappingNode:
		for _, pair := range n.Values {
			if key, ok := keyText(pair.Key); ok {
				keys = append(keys, key)
			}
		}
	case *ast.MappingValueNode:
		if key, ok := keyText(n.Key); ok {
			keys = append(keys, key)
		}
	}
	return keys
}
