package strictyaml

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// Text reads any text.
func (v Value) Text(what string) (string, bool) {
	switch n := v.Node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.MappingNode, *ast.MappingValueNode:
		v.Bad("%s must be text, not a mapping; put text that holds a colon in quotes", what)
		return "", false
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		v.Bad("%s must be text, not %s; put it in quotes", what, v.Kind())
		return "", false
	}
	return "", v.Wrong(what, "text")
}

// TextAt is where the characters of a text begin: after a quote, or on the
// line below the sign of a block text.
func (v Value) TextAt() Position {
	at := v.Place
	switch n := v.Node.(type) {
	case *ast.StringNode:
		switch n.GetToken().Type {
		case token.DoubleQuoteType, token.SingleQuoteType:
			at.Column++
		}
	case *ast.LiteralNode:
		at.Line++
		at.Column = 1 + indentation(n.Value.GetToken().Origin)
	}
	return at
}

// indentation counts the spaces before the first character of a block text.
func indentation(s string) int {
	for line := range strings.Lines(s) {
		if trimmed := strings.TrimLeft(line, " "); strings.TrimSpace(trimmed) != "" {
			return len(line) - len(trimmed)
		}
	}
	return 0
}

// Number reads a finite number within [low, high].
func (v Value) Number(what string, low, high float64) (float64, bool) {
	n, ok := v.Float(what)
	if !ok {
		return 0, false
	}
	if math.IsNaN(n) || n < low || n > high {
		v.Bad("%s is %s but must be %s", what, v.Node.GetToken().Value, bounds(low, high))
		return 0, false
	}
	return n, true
}

// Float reads a finite number.
func (v Value) Float(what string) (float64, bool) {
	switch v.Node.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		n, err := strconv.ParseFloat(v.Node.GetToken().Value, 64)
		if err != nil {
			v.Bad("%s: %s is not a decimal number", what, Quote(v.Node.GetToken().Value))
			return 0, false
		}
		return n, true
	case *ast.InfinityNode, *ast.NanNode:
		v.Bad("%s must be a finite number", what)
		return 0, false
	}
	return 0, v.Wrong(what, "a number")
}

func bounds(low, high float64) string {
	format := func(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
	switch {
	case math.IsInf(high, 1):
		return "at least " + format(low)
	case math.IsInf(low, -1):
		return "at most " + format(high)
	}
	return "between " + format(low) + " and " + format(high)
}

// Integer reads a whole number within [low, high].
func (v Value) Integer(what string, low, high int64) (int64, bool) {
	if _, ok := v.Node.(*ast.IntegerNode); !ok {
		return 0, v.Wrong(what, "a whole number")
	}
	n, err := strconv.ParseInt(v.Node.GetToken().Value, 10, 64)
	if err != nil || n < low || n > high {
		v.Bad("%s is %s but must be a whole number between %d and %d", what, v.Node.GetToken().Value, low, high)
		return 0, false
	}
	return n, true
}

// Boolean reads true or false.
func (v Value) Boolean(what string) (bool, bool) {
	n, ok := v.Node.(*ast.BoolNode)
	if !ok {
		return false, v.Wrong(what, "true or false")
	}
	return n.Value, true
}

// OneOf reads one of a few words.
func OneOf[T ~string](v Value, what string, known ...T) (T, bool) {
	s, ok := v.Text(what)
	if !ok {
		return "", false
	}
	if slices.Contains(known, T(s)) {
		return T(s), true
	}
	words := make([]string, len(known))
	for i, k := range known {
		words[i] = string(k)
	}
	v.Bad("unknown %s %s%s", what, Quote(s), Suggestion(s, words))
	return "", false
}

// quoted is how much of a text a message shows, in characters.
const quoted = 60

// Quote shows a text in a message: escaped, and shortened if long.
func Quote(s string) string {
	if runes := []rune(s[:min(len(s), 4*quoted+4)]); len(runes) > quoted {
		s = string(runes[:quoted]) + "…"
	}
	return strconv.Quote(s)
}
