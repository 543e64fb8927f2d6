package strictyaml

import (
	"github.com/goccy/go-yaml/ast"
)

// document is one file that is being read.
type document struct {
	file    string
	found   *Collector
	anchors map[string]ast.Node
	// aliased counts the values that were reached through aliases.
	aliased int
}

// Value is a YAML value with its place. Its methods note a problem and report
// false where the value is not what is asked for.
type Value struct {
	// Node is what the library made of it, anchors and aliases followed.
	Node ast.Node
	// Place is where it stands: that of the alias it was reached through.
	Place Position

	doc *document
	// alias says that it was reached through an alias.
	alias bool
}

// value resolves anchors and aliases. It reports false for an alias that
// cannot be followed.
func (d *document) value(node ast.Node, alias bool) (Value, bool) {
	at := nodePosition(d.file, node)
	for range MaxDepth {
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
				d.found.Add(at, "alias *%s has no anchor before it", name)
				return Value{}, false
			}
			node, alias = target, true
		default:
			if alias {
				d.aliased++
			}
			if d.aliased > maxAliased {
				if d.aliased == maxAliased+1 {
					d.found.Add(at, "aliases stand for more than %d values; write them out in files", maxAliased)
				}
				return Value{}, false
			}
			return Value{Node: node, Place: at, doc: d, alias: alias}, true
		}
	}
	d.found.Add(at, "anchors and aliases refer to each other too often")
	return Value{}, false
}

// File is the name of the value's file, as it was given to Parse.
func (v Value) File() string { return v.doc.file }

// Found is where the problems of the value's file are gathered.
func (v Value) Found() *Collector { return v.doc.found }

// Bad notes a problem with the value.
func (v Value) Bad(format string, args ...any) { v.doc.found.Add(v.Place, format, args...) }

// Wrong notes that the value has another type than what is wanted,
// and gives false.
func (v Value) Wrong(what, wanted string) bool {
	v.Bad("%s must be %s, not %s", what, wanted, v.Kind())
	return false
}

// Kind is the value's type in words, as messages call it.
func (v Value) Kind() string {
	switch v.Node.(type) {
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

// Entries calls each for every key of a mapping, in order, each key once.
func (v Value) Entries(what string, each func(key string, at Position, item Value)) bool {
	pairs, ok := v.pairs()
	if !ok {
		return v.Wrong(what, "a mapping")
	}
	seen := make(map[string]Position, len(pairs))
	for _, pair := range pairs {
		at := nodePosition(v.doc.file, pair.Key)
		key, ok := keyText(pair.Key)
		if !ok {
			v.doc.found.Add(at, "a key in %s must be a plain word", what)
			continue
		}
		if first, twice := seen[key]; twice {
			v.doc.found.Add(at, "key %s stands twice in %s, first at %s", Quote(key), what, first)
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

// List calls each for every value of a list.
func (v Value) List(what string, each func(Value)) {
	n, ok := v.Node.(*ast.SequenceNode)
	if !ok {
		v.Wrong(what, "a list")
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

// pairs are the entries of a mapping; ok is false for anything else.
func (v Value) pairs() (pairs []*ast.MappingValueNode, ok bool) {
	switch n := v.Node.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

// Keys are the keys of a mapping as they stand, none of anything else.
func (v Value) Keys() []string {
	var keys []string
	pairs, _ := v.pairs()
	for _, pair := range pairs {
		if key, ok := keyText(pair.Key); ok {
			keys = append(keys, key)
		}
	}
	return keys
}

// Peek is the text under a key of a mapping, "" where there is none. It notes
// no problem.
func (v Value) Peek(key string) string {
	pairs, _ := v.pairs()
	for _, pair := range pairs {
		if k, ok := keyText(pair.Key); ok && k == key {
			if text, ok := pair.Value.(*ast.StringNode); ok {
				return text.Value
			}
		}
	}
	return ""
}
