package routes

import (
	"bufio"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What the YAML writer writes: a raw scalar, a mapping in order, a list, or a
// list in one line.
type (
	raw  string
	pair struct {
		key   string
		value any
	}
	mapping []pair
	list    []any
	line    []raw
)

// put adds a key if its value says anything.
func (m *mapping) put(key string, value any) {
	switch v := value.(type) {
	case raw:
		if v == "" {
			return
		}
	case mapping:
		if len(v) == 0 {
			return
		}
	case list:
		if len(v) == 0 {
			return
		}
	case line:
		if len(v) == 0 {
			return
		}
	}
	*m = append(*m, pair{key, value})
}

// yamlWriter writes values as YAML. Errors stay in the bufio.Writer until it
// is flushed.
type yamlWriter struct{ *bufio.Writer }

func (w yamlWriter) print(parts ...string) {
	for _, p := range parts {
		_, _ = w.WriteString(p) // kept by the bufio.Writer
	}
}

// mapping writes the pairs; the first line is already indented.
func (w yamlWriter) mapping(m mapping, indent string) {
	for i, p := range m {
		if i > 0 {
			w.print(indent)
		}
		w.print(string(plainOrQuoted(p.key)), ":")
		switch v := p.value.(type) {
		case raw:
			w.print(" ", string(v), "\n")
		case line:
			w.print(" [")
			for i, item := range v {
				if i > 0 {
					w.print(", ")
				}
				w.print(string(item))
			}
			w.print("]\n")
		case mapping:
			w.print("\n", indent, "  ")
			w.mapping(v, indent+"  ")
		case list:
			w.print("\n")
			w.list(v, indent+"  ")
		}
	}
}

func (w yamlWriter) list(l list, indent string) {
	for _, item := range l {
		w.print(indent, "- ")
		switch v := item.(type) {
		case raw:
			w.print(string(v), "\n")
		case mapping:
			w.mapping(v, indent+"  ")
		}
	}
}

// plainWord is text that needs no quotes and is no number, boolean or null.
var plainWord = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

// otherMeaning are words that some YAML reader takes for something else.
var otherMeaning = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}

// plainOrQuoted leaves simple words plain and quotes all else.
func plainOrQuoted(s string) raw {
	if plainWord.MatchString(s) && !slices.Contains(otherMeaning, strings.ToLower(s)) {
		return raw(s)
	}
	return quotedText(s)
}

// quotedText is s in double quotes, with escapes that YAML and JSON share.
func quotedText(s string) raw {
	var b strings.Builder
	b.Grow(len(s) + 2)
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r != ' ' && r < 0x10000 && !unicode.IsGraphic(r), r == '\u00a0', r == '\ufeff', r == '\u2028', r == '\u2029':
			b.WriteString(`\u`)
			b.WriteString(strconv.FormatInt(0x10000+int64(r), 16)[1:])
		case r == utf8.RuneError:
			b.WriteString(`\ufffd`)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return raw(b.String())
}

func quotedOrNone(s string) raw {
	if s == "" {
		return ""
	}
	return quotedText(s)
}

func nameOrNone[T ~string](s T) raw {
	if s == "" {
		return ""
	}
	return plainOrQuoted(string(s))
}

func names[T ~string](all []T) line {
	out := make(line, len(all))
	for i, s := range all {
		out[i] = plainOrQuoted(string(s))
	}
	return out
}

func texts(all []string) list {
	out := make(list, len(all))
	for i, s := range all {
		out[i] = quotedText(s)
	}
	return out
}

func floatOf(n float64) raw { return raw(strconv.FormatFloat(n, 'f', -1, 64)) }

func floatOrNone(n *float64) raw {
	if n == nil {
		return ""
	}
	return floatOf(*n)
}

func dollarsOrNone(n *int64) raw {
	if n == nil {
		return ""
	}
	return raw(formatDollars(*n))
}

func countOrNone[T int | int64](n T) raw {
	if n == 0 {
		return ""
	}
	return raw(strconv.FormatInt(int64(n), 10))
}
