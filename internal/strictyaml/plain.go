package strictyaml

import "github.com/goccy/go-yaml/ast"

// Plain turns a value into maps, lists, texts, numbers, booleans and nil.
func (v Value) Plain(what string) (any, bool) { return v.plain(what, MaxDepth) }

func (v Value) plain(what string, depth int) (any, bool) {
	if depth == 0 {
		v.Bad("%s is nested too deeply", what)
		return nil, false
	}
	switch n := v.Node.(type) {
	case *ast.NullNode:
		return nil, true
	case *ast.BoolNode:
		return n.Value, true
	case *ast.IntegerNode, *ast.FloatNode:
		number, ok := v.Float(what)
		return number, ok
	case *ast.SequenceNode:
		list, ok := []any{}, true
		v.List(what, func(item Value) {
			entry, fine := item.plain(what, depth-1)
			list, ok = append(list, entry), ok && fine
		})
		return list, ok
	case *ast.MappingNode, *ast.MappingValueNode:
		object, ok := map[string]any{}, true
		v.Entries(what, func(key string, _ Position, item Value) {
			entry, fine := item.plain(what, depth-1)
			object[key], ok = entry, ok && fine
		})
		return object, ok
	}
	return v.Text(what)
}
