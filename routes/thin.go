package routes

import (
	"bytes"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// A catalog is nearly all lists of utterances, one a line, and the YAML library
// takes ten times as long for such a line as everything after it. So the lines
// in the middle of such a list are blanked before the file is parsed, and put
// back where the parser found the first of them to be an item of a list. Where
// it found anything else, or anything wrong, the whole file is parsed: what is
// read and what is reported is the same either way.

// minRun is how many lines are worth it; the first and the last stay.
const minRun = 4

// run is a list of plain or quoted texts, one a line, without what follows on
// the last line: the parser sees whether that one ends there.
type run struct {
	line, column int // of the first text
	items        []runItem
}

type runItem struct {
	kind token.Type
	text string
}

// thin blanks the middle of each run in data, which is left alone. The runs
// are listed by line, with their first item and those that were blanked.
func thin(data []byte) (rest []byte, runs map[int]*run) {
	whole := string(data) // the items share its memory
	rest = make([]byte, 0, len(data))
	runs = map[int]*run{}
	var now run
	var lines []string
	end := func() {
		if n := len(lines); n >= minRun {
			found := now
			found.items = append([]runItem(nil), now.items[:n-1]...)
			runs[now.line] = &found
			for i := 1; i < n-1; i++ {
				lines[i] = "\n"
			}
		}
		for _, line := range lines {
			rest = append(rest, line...)
		}
		now.items, lines = now.items[:0], lines[:0]
	}
	number := 0
	for line := range strings.Lines(whole) {
		number++
		item, column := lineItem(strings.TrimSuffix(line, "\n"))
		if column == 0 || len(lines) > 0 && column != now.column {
			end()
		}
		if column == 0 {
			rest = append(rest, line...)
			continue
		}
		if len(lines) == 0 {
			now.line, now.column = number, column
		}
		now.items, lines = append(now.items, item), append(lines, line)
	}
	end()
	return rest, runs
}

// lineItem reads a line that is an item of a list and a text of which no
// YAML reader could think otherwise: no escapes, no comments, no numbers. The
// column is that of the text, 0 for any other line.
func lineItem(line string) (item runItem, column int) {
	body := strings.TrimLeft(line, " ")
	indent := len(line) - len(body)
	body, ok := strings.CutPrefix(body, "- ")
	if !ok || body == "" || indent > maxBlockColumn/2 {
		return runItem{}, 0
	}
	column = indent + 3
	switch quote := body[0]; {
	case quote == '"' || quote == '\'':
		inner, ok := strings.CutSuffix(body[1:], string(quote))
		if !ok || !simpleQuoted(inner, quote) {
			return runItem{}, 0
		}
		if quote == '"' {
			return runItem{token.DoubleQuoteType, inner}, column
		}
		return runItem{token.SingleQuoteType, inner}, column
	case simplePlain(body):
		return runItem{token.StringType, body}, column
	}
	return runItem{}, 0
}

// simpleQuoted says that a quoted text means what it says.
func simpleQuoted(s string, quote byte) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == quote || c == '\\' {
			return false
		}
	}
	return true
}

// simplePlain says that an unquoted text is words with single spaces between:
// at least two, so that it is no number, date, null or boolean.
func simplePlain(s string) bool {
	spaces := 0
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z':
		case i > 0 && ('0' <= c && c <= '9' || c == '\'' || c == '.' || c == ',' || c == '?'):
		case i > 0 && c == ' ' && s[i-1] != ' ':
			spaces++
		default:
			return false
		}
	}
	return spaces > 0 && s[len(s)-1] != ' '
}

// parseThinned is parseWhole with the runs left out and put back; false where
// they cannot be, or where anything is wrong.
func parseThinned(file string, data []byte) (ast.Node, bool) {
	if bytes.Count(data, []byte("\n")) < minRun {
		return nil, false
	}
	rest, runs := thin(data)
	if len(runs) == 0 {
		return nil, false
	}
	var trial collector
	body := parseWhole(file, rest, &trial)
	if body == nil || len(trial.found) > 0 {
		return nil, false
	}
	back := &restoring{runs: runs}
	ast.Walk(back, body)
	return body, len(runs) == 0
}

// restoring puts runs back into the lists that their first items are in.
type restoring struct{ runs map[int]*run }

// Visit implements ast.Visitor.
func (r *restoring) Visit(node ast.Node) ast.Visitor {
	list, ok := node.(*ast.SequenceNode)
	if !ok || list.IsFlowStyle {
		return r
	}
	values := make([]ast.Node, 0, len(list.Values))
	for _, value := range list.Values {
		values = append(values, value)
		if head, ok := value.(*ast.StringNode); ok {
			values = r.restore(values, head)
		}
	}
	list.Values = values
	return r
}

// restore appends the items that followed head.
func (r *restoring) restore(values []ast.Node, head *ast.StringNode) []ast.Node {
	at := tokenPosition("", head.Token)
	found := r.runs[at.Line]
	if found == nil || at.Column != found.column || found.items[0] != (runItem{head.Token.Type, head.Value}) {
		return values
	}
	delete(r.runs, at.Line)
	tokens := make([]token.Token, len(found.items))
	places := make([]token.Position, len(found.items))
	nodes := make([]ast.StringNode, len(found.items))
	base := &ast.BaseNode{}
	for i, item := range found.items[1:] {
		places[i] = token.Position{Line: at.Line + 1 + i, Column: at.Column}
		tokens[i] = token.Token{Type: item.kind, Value: item.text, Position: &places[i]}
		nodes[i] = ast.StringNode{BaseNode: base, Token: &tokens[i], Value: item.text}
		values = append(values, &nodes[i])
	}
	return values
}
