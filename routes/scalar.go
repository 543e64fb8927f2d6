package routes

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// text reads any text.
func (v value) text(what string) (string, bool) {
	switch n := v.node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.MappingNode, *ast.MappingValueNode:
		v.bad("%s must be text, not a mapping; put text that holds a colon in quotes", what)
		return "", false
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		v.bad("%s must be text, not %s; put it in quotes", what, kind(v.node))
		return "", false
	}
	return "", v.wrong(what, "text")
}

// textAt is where the characters of a text begin: after a quote, or on the
// line below the sign of a block text.
func (v value) textAt() Position {
	at := v.place
	switch n := v.node.(type) {
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

// name reads a name: text of bounded length without control characters or
// spaces around it.
func (v value) name(what string) (string, bool) {
	s, ok := v.text(what)
	if !ok {
		return "", false
	}
	switch {
	case s == "":
		v.bad("%s is empty", what)
	case len(s) > MaxNameBytes:
		v.bad("%s is longer than %d bytes", what, MaxNameBytes)
	case strings.ContainsFunc(s, unicode.IsControl):
		v.bad("%s %s holds a control character", what, quote(s))
	case strings.TrimSpace(s) != s:
		v.bad("%s %s has spaces around it", what, quote(s))
	default:
		return s, true
	}
	return "", false
}

// number reads a finite number within [low, high].
func (v value) number(what string, low, high float64) (float64, bool) {
	n, ok := v.float(what)
	if !ok {
		return 0, false
	}
	if math.IsNaN(n) || n < low || n > high {
		v.bad("%s is %s but must be %s", what, v.node.GetToken().Value, bounds(low, high))
		return 0, false
	}
	return n, true
}

func (v value) float(what string) (float64, bool) {
	switch v.node.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		n, err := strconv.ParseFloat(v.node.GetToken().Value, 64)
		if err != nil {
			v.bad("%s: %s is not a decimal number", what, quote(v.node.GetToken().Value))
			return 0, false
		}
		return n, true
	case *ast.InfinityNode, *ast.NanNode:
		v.bad("%s must be a finite number", what)
		return 0, false
	}
	return 0, v.wrong(what, "a number")
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

// integer reads a whole number within [low, high].
func (v value) integer(what string, low, high int64) (int64, bool) {
	if _, ok := v.node.(*ast.IntegerNode); !ok {
		return 0, v.wrong(what, "a whole number")
	}
	n, err := strconv.ParseInt(v.node.GetToken().Value, 10, 64)
	if err != nil || n < low || n > high {
		v.bad("%s is %s but must be a whole number between %d and %d", what, v.node.GetToken().Value, low, high)
		return 0, false
	}
	return n, true
}

// boolean reads true or false.
func (v value) boolean(what string) (bool, bool) {
	n, ok := v.node.(*ast.BoolNode)
	if !ok {
		return false, v.wrong(what, "true or false")
	}
	return n.Value, true
}

// maxDuration bounds every duration of a catalog.
const maxDuration = 24 * time.Hour

// duration reads a positive time span such as 30s; 0 after a complaint.
func (v value) duration(what string) time.Duration {
	n, ok := v.node.(*ast.StringNode)
	if !ok {
		v.wrong(what, "a time with its unit, such as 30s or 500ms")
		return 0
	}
	d, err := time.ParseDuration(n.Value)
	if err != nil {
		v.bad("%s: %s is not a time; write it with its unit, such as 30s or 500ms", what, quote(n.Value))
		return 0
	}
	if d <= 0 || d > maxDuration {
		v.bad("%s is %s but must be more than 0 and at most 24h", what, n.Value)
		return 0
	}
	return d
}

// dollars reads an amount of USD exactly, in nano-dollars.
func (v value) dollars(what string) (int64, bool) {
	switch v.node.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
	default:
		return 0, v.wrong(what, "a number of USD")
	}
	n, err := parseDollars(v.node.GetToken().Value)
	if err != nil {
		v.bad("%s is %s but %v", what, v.node.GetToken().Value, err)
		return 0, false
	}
	return n, true
}

// oneOf reads one of a few words.
func oneOf[T ~string](v value, what string, known ...T) (T, bool) {
	s, ok := v.text(what)
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
	v.bad("unknown %s %s%s", what, quote(s), suggestion(s, words))
	return "", false
}

// quoted is how much of a text a message shows, in characters.
const quoted = 60

// quote shows a text in a message: escaped, and shortened if long.
func quote(s string) string {
	if runes := []rune(s[:min(len(s), 4*quoted+4)]); len(runes) > quoted {
		s = string(runes[:quoted]) + "…"
	}
	return strconv.Quote(s)
}
