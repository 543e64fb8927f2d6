package routes

import (
	"encoding/json"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/semroute/semroute/internal/expression"
	"github.com/semroute/semroute/internal/schema"
	"github.com/semroute/semroute/internal/strictyaml"
)

func (l *loading) cascade(v value, by string) *Cascade {
	c := &Cascade{}
	ok := readMapping(v, "cascade", field{"accept", func(v value) {
		v.List("accept", func(item value) {
			if check, ok := l.check(item, by); ok {
				c.Accept = append(c.Accept, check)
			}
		})
		if list, ok := v.Node.(*ast.SequenceNode); ok && len(list.Values) == 0 {
			v.Bad("accept is empty; a cascade needs at least one check")
		}
	}})
	if !ok || !requireKeys(v, "cascade", "accept") {
		return nil
	}
	return c
}

// check reads one condition: a mapping of one key, or a bare not_refusal or
// not_empty.
func (l *loading) check(v value, by string) (Check, bool) {
	c := Check{At: v.Place}
	if _, isText := v.Node.(*ast.StringNode); isText {
		var ok bool
		c.Kind, ok = strictyaml.OneOf(v, "check", NotRefusal, NotEmpty)
		return c, ok
	}
	given := 0
	as := func(kind CheckKind, read func(value)) field {
		return field{string(kind), func(v value) {
			given++
			c.Kind, c.At = kind, v.Place
			read(v)
		}}
	}
	ok := readMapping(v, "a check",
		as(MatchesRegex, func(v value) { c.Pattern = readPattern(v, "regex") }),
		as(NotRegex, func(v value) { c.Pattern = readPattern(v, "not_regex") }),
		as(MatchesSchema, func(v value) { c.JSONSchema = readSchema(v) }),
		as(MeanLogprob, func(v value) { c.MinLogprob, _ = minLogprob(v) }),
		as(JudgedBy, func(v value) { c.Judge = l.judge(v, by) }),
		as(WhenTrue, func(v value) { c.When, c.At = readExpression(v, "when") }),
		as(NotRefusal, func(v value) { readTrue(v, "not_refusal") }),
		as(NotEmpty, func(v value) { readTrue(v, "not_empty") }),
	)
	if ok && given != 1 {
		v.Bad("a check holds exactly one condition; write each as an entry of its own")
	}
	return c, ok && given == 1
}

func readPattern(v value, what string) string {
	s, ok := v.Text(what)
	if !ok {
		return ""
	}
	if s == "" {
		v.Bad("%s is empty", what)
		return ""
	}
	if _, err := expression.CompilePattern(s); err != nil {
		v.Bad("%s: %s", what, err)
	}
	return s
}

func (l *loading) judge(v value, by string) *Judge {
	j := &Judge{}
	ok := readMapping(v, "judge",
		field{"model", func(v value) { j.Model, _ = l.mention(v, aModel, "the judge of "+by) }},
		share("min_score", &j.MinScore),
		words("prompt", &j.Prompt),
	)
	if !ok || !requireKeys(v, "judge", "model", "min_score") {
		return nil
	}
	return j
}

// readSchema reads a JSON schema that is written as YAML and gives it as JSON.
func readSchema(v value) string {
	tree, ok := v.Plain("json_schema")
	if !ok {
		return ""
	}
	if _, ok := tree.(map[string]any); !ok {
		v.Wrong("json_schema", "a mapping")
		return ""
	}
	text, err := json.Marshal(tree)
	if err != nil {
		v.Bad("json_schema: %v", err)
		return ""
	}
	if _, err := schema.Compile(string(text)); err != nil {
		v.Bad("json_schema: %s", strings.Join(strings.Fields(err.Error()), " "))
	}
	return string(text)
}
