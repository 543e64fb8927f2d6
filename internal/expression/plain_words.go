package expression

import (
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"

	"github.com/semroute/semroute/internal/strictyaml"
)

// problems puts the compiler's complaints into plain words. After a first error
// of syntax the others are about what it left behind.
func (e *Env) problems(text string, issues *cel.Issues) []Problem {
	var all []Problem
	for _, issue := range issues.Errors() {
		message, isSyntax := strings.CutPrefix(strings.TrimSpace(issue.Message), "Syntax error: ")
		at := Problem{Line: max(1, issue.Location.Line()), Column: max(1, issue.Location.Column()+1)} // of nothing at all it is less
		if isSyntax {
			before, here := around(text, at.Line, at.Column)
			at.Message = wordSyntax(message, before, here)
			return []Problem{at}
		}
		at.Message = e.plain(message)
		all = append(all, at)
	}
	slices.SortStableFunc(all, func(a, b Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return all
}

var (
	unknownName  = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
	unknownField = regexp.MustCompile(`^undefined field '([^']*)'`)
	noFields     = regexp.MustCompile(`^type '(.*)' does not support field selection`)
	wrongTypes   = regexp.MustCompile(`^found no matching overload for '([^']*)' applied to '(.*)'`)
	wantedType   = regexp.MustCompile(`^expected type '(.*)' but found '(.*)'`)
	reserved     = regexp.MustCompile(`^reserved identifier: (\w+)`)
)

// plain words a complaint about names or types.
func (e *Env) plain(message string) string {
	if m := unknownName.FindStringSubmatch(message); m != nil {
		switch m[1] {
		case "len", "length":
			return `unknown name "` + m[1] + `"; write size(…)`
		case "not":
			return `unknown name "not"; write ! for it`
		}
		if _, near := strictyaml.Nearest(m[1], e.names); !near {
			return "unknown name " + strictyaml.Quote(m[1]) + "; put text in quotes"
		}
		return "unknown name " + strictyaml.Quote(m[1]) + strictyaml.Suggestion(m[1], e.names)
	}
	if m := unknownField.FindStringSubmatch(message); m != nil {
		return "unknown field " + strictyaml.Quote(m[1]) + strictyaml.Suggestion(m[1], e.fields)
	}
	if m := noFields.FindStringSubmatch(message); m != nil {
		return plainType(m[1]) + " has no fields; its length is size(…)"
	}
	if m := wrongTypes.FindStringSubmatch(message); m != nil {
		return mismatch(m[1], m[2])
	}
	if m := wantedType.FindStringSubmatch(message); m != nil {
		return "here stands " + plainType(m[2]) + " where " + plainType(m[1]) + " is needed"
	}
	if m := reserved.FindStringSubmatch(message); m != nil {
		return `"` + m[1] + `" is a word that expressions keep for themselves`
	}
	return message
}

// mismatch words a call whose values have types that it does not take:
// "(int, string)" of an operator or function, "int.(string)" of a method.
func mismatch(function, types string) string {
	name := strings.Trim(function, "_@")
	target, args, isMethod := strings.Cut(types, ".(")
	if isMethod {
		args = strings.TrimSuffix(args, ")")
	} else {
		target, args = "", strings.TrimSuffix(strings.TrimPrefix(types, "("), ")")
	}
	var words []string
	for arg := range strings.SplitSeq(args, ", ") {
		if arg != "" {
			words = append(words, plainType(arg))
		}
	}
	given := strings.Join(words, " and ")
	switch {
	case isMethod && given == "":
		return name + "() does not work on " + plainType(target)
	case isMethod:
		return name + "() does not work on " + plainType(target) + " with " + given
	case name == "?_:":
		return "the two sides of : give " + words[1] + " and " + words[2] + ", but must give the same"
	case name == "[_]":
		return "[ ] does not work on " + given
	case len(words) == 2 && slices.Contains([]string{"==", "!=", "<", "<=", ">", ">="}, name):
		return name + " cannot compare " + given
	case strings.ContainsAny(name, "=<>!+-*/%&|") || name == "in":
		return name + " does not work on " + given
	}
	return name + "() does not take " + given + "; it may belong behind a value, as prompt." + name + "(…)"
}

// plainType is a type in words.
func plainType(name string) string {
	switch name {
	case "bool":
		return "true or false"
	case "int", "uint":
		return "a whole number"
	case "double":
		return "a number with decimals"
	case "string":
		return "a text"
	case "bytes":
		return "bytes"
	case "null_type":
		return "null"
	case "timestamp", "google.protobuf.Timestamp":
		return "a time"
	case "duration", "google.protobuf.Duration":
		return "a span of time"
	case "dyn":
		return "anything"
	}
	switch {
	case strings.HasPrefix(name, "list("):
		return "a list"
	case strings.HasPrefix(name, "map("):
		return "a mapping"
	}
	_, last, _ := strings.Cut(name, ".")
	return "a " + strings.ToLower(strings.TrimPrefix(last, "cel"))
}

// around is what stands before a place of a text on its line, and from there on.
func around(text string, line, column int) (before, here string) {
	lines := strings.Split(text, "\n")
	if line < 1 || line > len(lines) {
		return "", ""
	}
	runes := []rune(lines[line-1])
	at := min(max(column-1, 0), len(runes))
	return string(runes[:at]), string(runes[at:])
}

var (
	atToken = regexp.MustCompile(`(?:mismatched input|extraneous input|no viable alternative at input) '((?s).*?)'(?: expecting|$)`)
	missing = regexp.MustCompile(`^missing ('.*?') at`)
)

// wordSyntax words a complaint about syntax at a place.
func wordSyntax(message, before, here string) string {
	switch {
	case strings.HasSuffix(strings.TrimSpace(before), "not"):
		return "write ! for not"
	case strings.HasPrefix(here, "==="):
		return "=== is no comparison; write =="
	case strings.HasPrefix(here, "="):
		return "= is no comparison; write =="
	case strings.HasPrefix(here, `"`), strings.HasPrefix(here, "'"):
		if strings.HasPrefix(message, "token recognition error") {
			return "a text has no end; close it with " + here[:1]
		}
	case strings.HasPrefix(here, "“"), strings.HasPrefix(here, "„"), strings.HasPrefix(here, "‘"), strings.HasPrefix(here, "’"), strings.HasPrefix(here, "”"):
		return "put text in plain quotes, \" or '"
	case strings.HasPrefix(here, "and "), here == "and":
		return "write && for and"
	case strings.HasPrefix(here, "or "), here == "or":
		return "write || for or"
	}
	if m := missing.FindStringSubmatch(message); m != nil {
		return m[1] + " is missing"
	}
	if m := atToken.FindStringSubmatch(message); m != nil {
		if m[1] == "<EOF>" {
			return "the expression ends too early"
		}
		return strictyaml.Quote(m[1]) + " cannot stand here"
	}
	if strings.HasPrefix(message, "token recognition error") && here != "" {
		return strictyaml.Quote(string([]rune(here)[:1])) + " cannot stand here"
	}
	return message
}
