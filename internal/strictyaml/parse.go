package strictyaml

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// ByteOrderMark is what some editors write before UTF-8.
var ByteOrderMark = []byte("\xef\xbb\xbf")

// Parse gives the top-level value of a file, false where it is empty or cannot
// be read; the reason is then in found. file stands for it in messages.
func Parse(file string, data []byte, found *Collector) (Value, bool) {
	body := parse(file, data, found)
	if body == nil {
		return Value{}, false
	}
	doc := &document{file: file, found: found, anchors: map[string]ast.Node{}}
	return doc.value(body, false)
}

func parse(file string, data []byte, found *Collector) (body ast.Node) {
	data = bytes.TrimPrefix(data, ByteOrderMark)
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	if !utf8.Valid(data) {
		reportInvalidUTF8(file, data, found)
		return nil
	}
	if line, message := tooMuch(data); message != "" {
		found.Add(Position{File: file, Line: line, Column: 1}, "%s", message)
		return nil
	}
	// The YAML library is known to panic on some malformed input; a file,
	// however broken, must not stop a server.
	defer func() {
		if r := recover(); r != nil {
			body = nil
			found.Add(Position{File: file}, "cannot be read as YAML: %v", r)
		}
	}()
	tokens, message := scan(string(data))
	if message != "" {
		found.Add(tokenPosition(file, tokens[len(tokens)-1]), "%s", message)
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
func onlyBody(file string, parsed *ast.File, found *Collector) ast.Node {
	var body ast.Node
	for _, doc := range parsed.Docs {
		if doc == nil || doc.Body == nil || doc.Body.Type() == ast.NullType || doc.Body.Type() == ast.CommentType {
			continue
		}
		if body != nil {
			found.Add(nodePosition(file, doc.Body), "a file holds one YAML document; put this one into a file of its own")
			break
		}
		body = doc.Body
	}
	return body
}

func reportSyntax(file string, err error, found *Collector) {
	// The library's own text draws the file around the place, which takes long.
	if located, ok := errors.AsType[yaml.Error](err); ok {
		found.Add(tokenPosition(file, located.GetToken()), "YAML syntax: %s", located.GetMessage())
		return
	}
	found.Add(Position{File: file}, "YAML syntax: %s", err)
}

// reportInvalidUTF8 names each line that is not UTF-8.
func reportInvalidUTF8(file string, data []byte, found *Collector) {
	line := 0
	for text := range bytes.Lines(data) {
		line++
		if column := InvalidColumn(text); column > 0 {
			found.Add(Position{File: file, Line: line, Column: column}, "not UTF-8; save the file as UTF-8")
		}
	}
}

// InvalidColumn is the column of the first character that is not UTF-8, 0
// where all are.
func InvalidColumn(line []byte) int {
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
