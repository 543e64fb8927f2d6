package routes

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// FieldAt is the field of a catalog's YAML that a place lies in, such as
// routes[3].utterances[7]; "" where there is none. It is for what WriteCatalog
// wrote, and takes as long as reading it.
func FieldAt(data []byte, at Position) string {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return ""
	}
	f := &fieldFinder{at: at}
	for _, doc := range file.Docs {
		ast.Walk(f, doc)
	}
	return strings.TrimPrefix(f.found, "$.")
}

// fieldFinder finds the node that begins last on a line before a place, or at it;
// of those that begin together the outermost.
type fieldFinder struct {
	at     Position
	column int
	found  string
}

// Visit implements ast.Visitor.
func (f *fieldFinder) Visit(n ast.Node) ast.Visitor {
	if token := n.GetToken(); token != nil && token.Position.Line == f.at.Line {
		if c := token.Position.Column; c <= f.at.Column && c > f.column {
			f.column, f.found = c, n.GetPath()
		}
	}
	return f
}
