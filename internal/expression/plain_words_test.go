package expression_test

import (
	"fmt"
	"reflect"
	"testing"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/ext"

	"github.com/semroute/semroute/internal/expression"
)

type celUser struct {
	Tier string `cel:"tier"`
}

func newEnv(t testing.TB) *expression.Env {
	t.Helper()
	env, err := expression.New([]string{"tier"},
		ext.NativeTypes(reflect.TypeFor[celUser](), ext.ParseStructTags(true)),
		cel.Variable("prompt", cel.StringType),
		cel.Variable("pattern", cel.StringType),
		cel.Variable("tokens", cel.IntType),
		cel.Variable("metadata", cel.MapType(cel.StringType, cel.StringType)),
		cel.Variable("words", cel.ListType(cel.StringType)),
		cel.Variable("now", cel.TimestampType),
		cel.Variable("user", cel.ObjectType("expression_test.celUser")),
	)
	if err != nil {
		t.Fatal(err)
	}
	return env
}

func TestUsualMistakesAreSaidInPlainWords(t *testing.T) {
	env := newEnv(t)
	for text, want := range map[string]string{
		`promt == "x"`:                `1:1 unknown name "promt"; did you mean "prompt"?`,
		`prompt.contain("x")`:         `1:15 unknown name "contain"; did you mean "contains"?`,
		`user.tier == gold`:           `1:14 unknown name "gold"; put text in quotes`,
		`len(prompt) > 3`:             `1:4 unknown name "len"; write size(…)`,
		`user.teir == "x"`:            `1:5 unknown field "teir"; did you mean "tier"?`,
		`prompt.length > 5`:           `1:7 a text has no fields; its length is size(…)`,
		`tokens + 1`:                  `1:1 gives a whole number, but must be true or false`,
		`user`:                        `1:1 gives a user, but must be true or false`,
		`tokens == "x"`:               `1:8 == cannot compare a whole number and a text`,
		`tokens > 1.5`:                `1:8 > cannot compare a whole number and a number with decimals`,
		`now > 3`:                     `1:5 > cannot compare a time and a whole number`,
		`!prompt`:                     `1:1 ! does not work on a text`,
		`prompt + 1 == prompt`:        `1:8 + does not work on a text and a whole number`,
		`prompt && true`:              `1:1 here stands a text where true or false is needed`,
		`prompt.contains(3)`:          `1:16 contains() does not work on a text with a whole number`,
		`contains(prompt, "x")`:       `1:9 contains() does not take a text and a text; it may belong behind a value, as prompt.contains(…)`,
		`tokens.matches("x")`:         `1:15 matches() does not work on a whole number with a text`,
		`prompt == "x" ? true : 1`:    `1:15 the two sides of : give true or false and a whole number, but must give the same`,
		`words[true] == ""`:           `1:6 [ ] does not work on a list and true or false`,
		`prompt.trim(3) == ""`:        `1:12 trim() does not work on a text with a whole number`,
		`tokens >`:                    `1:9 the expression ends too early`,
		`tokens = 3`:                  `1:8 = is no comparison; write ==`,
		`tokens > 3 and tokens < 5`:   `1:12 write && for and`,
		"tokens > 3\n  or tokens < 5": `2:3 write || for or`,
		`not prompt.contains("x")`:    `1:5 write ! for not`,
		`(tokens > 3`:                 `1:12 ')' is missing`,
		`tokens > 3)`:                 `1:11 ")" cannot stand here`,
		`prompt == "x`:                `1:11 a text has no end; close it with "`,
		`prompt == “x”`:               `1:11 put text in plain quotes, " or '`,
		`prompt matches "x"`:          `1:8 "matches" cannot stand here`,
		`# comment`:                   `1:1 "#" cannot stand here`,
		`if tokens > 3`:               `1:4 "tokens" cannot stand here`,
		`prompt.matches("(x")`:        "1:16 regular expression: missing closing ): `(x`",
		"tokens > 3 &&\n  prompt.matches('[z-a]')": "2:18 regular expression: invalid character class range: `z-a`",
		`promt == "x" && user.teir == "y"`:         `1:1 unknown name "promt"; did you mean "prompt"? | 1:21 unknown field "teir"; did you mean "tier"?`,
	} {
		_, problems := env.Compile(text)
		got := ""
		for i, p := range problems {
			if i > 0 {
				got += " | "
			}
			got += fmt.Sprintf("%d:%d %s", p.Line, p.Column, p.Message)
		}
		if got != want {
			t.Errorf("%s\n\tgives %s\n\twant  %s", text, got, want)
		}
	}
}

func FuzzCompile(f *testing.F) {
	f.Add("")
	f.Add(`promt == "x" && user.teir == "y"`)
	f.Add("prompt.matches('(') ? 1 : 2")
	f.Add(`words.all(w, w == “x”) and [1, 2][0] === {}`)
	env := newEnv(f)
	f.Fuzz(func(t *testing.T, text string) {
		program, problems := env.Compile(text)
		if (program == nil) != (len(problems) > 0) {
			t.Errorf("a program is %v beside %v", program, problems)
		}
		for _, p := range problems {
			if p.Line < 1 || p.Column < 1 || p.Message == "" {
				t.Errorf("a problem without a place or message: %+v", p)
			}
		}
	})
}
