package routes

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// The bounds of a YAML file's structure; they keep the parser, which recurses,
// and aliases, which multiply, from using up the machine.
const (
	maxDepth         = 64
	maxBlockColumn   = 1000
	maxAnchors       = 10_000
	maxAliasedValues = 100_000
)

var byteOrderMark = []byte("\xef\xbb\xbf")

// parseYAML gives the top-level value of a file, nil where there is none or
// where it cannot be read; the reason is then in found.
func parseYAML(file string, data []byte, found *collector) (body ast.Node) {
	data = bytes.TrimPrefix(data, byteOrderMark)
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	if !utf8.Valid(data) {
		reportInvalidUTF8(file, data, found)
		return nil
	}
	// The YAML library is known to panic on some malformed input; a catalog,
	// however broken, must not stop a server.
	defer func() {
		if r := recover(); r != nil {
			body = nil
			found.add(Position{File: file}, "cannot be read as YAML: %v", r)
		}
	}()
	tokens := lexer.Tokenize(string(data))
	if at, message := tooComplex(tokens); message != "" {
		found.add(tokenPosition(file, at), "%s", message)
		return nil
	}
	parsed, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		reportSyntax(file, err, found)
		return nil
	}
	return onlyBody(file, parsed, found)
}

// onlyBody is the one document of a file; empty documents do not count.
func onlyBody(file string, parsed *ast.File, found *collector) ast.Node {
	var body ast.Node
	for _, doc := range parsed.Docs {
		if doc == nil || doc.Body == nil || doc.Body.Type() == ast.NullType || doc.Body.Type() == ast.CommentType {
			continue
		}
		if body != nil {
			found.add(nodePosition(file, doc.Body), "a file holds one YAML document; put this one into a file of its own")
			break
		}
		body = doc.Body
	}
	return body
}

func reportSyntax(file string, err error, found *collector) {
	at := Position{File: file}
	message := err.Error()
	var located yaml.Error
	if errors.As(err, &located) {
		message = located.GetMessage()
		at = tokenPosition(file, located.GetToken())
	}
	found.add(at, "YAML syntax: %s", message)
}

// tooComplex finds the first token that nests too deeply or multiplies too much.
func tooComplex(tokens token.Tokens) (at *token.Token, message string) {
	depth, anchors := 0, 0
	for _, tk := range tokens {
		switch tk.Type {
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.SequenceEntryType, token.MappingKeyType:
			if depth == 0 && tk.Position.Column > maxBlockColumn {
				return tk, "this is nested too deeply"
			}
		case token.AnchorType, token.AliasType:
			anchors++
		case token.TagType:
			return tk, fmt.Sprintf("YAML tags such as %s are not used in catalogs; remove it", tk.Value)
		}
		if depth > maxDepth {
			return tk, "this is nested too deeply"
		}
		if anchors > maxAnchors {
			return tk, fmt.Sprintf("more than %d anchors and aliases", maxAnchors)
		}
	}
	return nil, ""
}

// reportInvalidUTF8 names each line that is not UTF-8.
func reportInvalidUTF8(file string, data []byte, found *collector) {
	line := 0
	for text := range bytes.Lines(data) {
		line++
		if column := invalidColumn(text); column > 0 {
			found.add(Position{File: file, Line: line, Column: column}, "not UTF-8; save the file as UTF-8")
		}
	}
}

// invalidColumn is the column of the first character that is not UTF-8, 0
// where all are.
func invalidColumn(line []byte) int {
	column := 1
	for len(line) > 0 {
		r, size := utf8.DecodeRune(line)
		if r == utf8.RuneError && size == 1 {
			return column
		}
		line = line[size:]
		column++
	}
	return 0
}

func nodePosition(file string, node ast.Node) Position {
	switch n := node.(type) {
	case *ast.MappingNode:
		// The token of a block mapping is its first colon, which is not where
		// a reader looks.
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return nodePosition(file, n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return nodePosition(file, n.Key)
	}
	return tokenPosition(file, node.GetToken())
}

func tokenPosition(file string, tk *token.Token) Position {
	if tk == nil || tk.Position == nil {
		return Position{File: file}
	}
	return Position{File: file, Line: tk.Position.Line, Column: tk.Position.Column}
}
