package expression_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/semroute/semroute/internal/expression"
)

func compile(t *testing.T, text string) *expression.Program {
	t.Helper()
	program, problems := newEnv(t).Compile(text)
	if program == nil {
		t.Fatalf("%s: %v", text, problems)
	}
	return program
}

func facts() map[string]any {
	return map[string]any{
		"prompt": "where is my parcel", "pattern": "par.el", "tokens": 4, "metadata": map[string]string{"a": "b"},
		"words": []string{"where", "is"}, "now": time.Unix(0, 0), "user": celUser{Tier: "gold"},
	}
}

func TestHolds(t *testing.T) {
	for text, want := range map[string]bool{
		`prompt.matches("par.el$")`:                         true,
		`prompt.matches("^par.el$")`:                        false,
		`prompt.matches(pattern)`:                           true,
		`matches(prompt, "is")`:                             true,
		`words.exists(w, w.matches("^i"))`:                  true,
		`metadata["a"] == "b" && user.tier == "gold"`:       true,
		`prompt.replace("parcel", "letter") == prompt`:      false,
		`prompt.replace(" ", "", 1) == "whereis my parcel"`: true,
		`words.join("-") == "where-is"`:                     true,
		`words.join() == "whereis"`:                         true,
		`metadata["absent"].matches("x") || tokens == 4`:    true,
	} {
		got, cost, err := compile(t, text).Holds(t.Context(), facts())
		if got != want || err != nil || cost == 0 {
			t.Errorf("%s gives %v at a cost of %d, %v; want %v", text, got, cost, err, want)
		}
	}
}

func TestWhatFailsIsAnError(t *testing.T) {
	for text, want := range map[string]string{
		`metadata["absent"] == "b"`:                        "no such key: absent",
		`prompt.matches(prompt + "(")`:                     "missing closing )",
		`prompt.replace("", prompt).size() > 0`:            "replace() would make a text of more than",
		`prompt.split("").join(prompt).size() > 0`:         "join() would make a text of more than",
		`words.all(w, prompt.replace("x", "yyyyy") != "")`: "cost limit exceeded",
	} {
		variables := facts()
		variables["prompt"] = strings.Repeat("x", 1_000_000)
		if strings.Contains(text, "split") {
			variables["prompt"] = strings.Repeat("x", 10_000)
		}
		if _, _, err := compile(t, text).Holds(t.Context(), variables); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s gives %v, want %q", text, err, want)
		}
	}
}

// A pattern of many states on a megabyte takes ten seconds; after the deadline
// it takes a few steps. So do loops.
func TestEvaluationEndsWithItsContext(t *testing.T) {
	for _, text := range []string{
		`prompt.matches("[a-z ]{1,500}z[a-z ]{1,400}q$")`,
		`prompt.matches(pattern)`,
		`matches(prompt, pattern)`,
		`words.all(w, prompt.matches(pattern))`,
		`prompt.split(" ").all(a, prompt.split(" ").all(b, a + b != ""))`,
	} {
		ctx, cancel := context.WithCancel(t.Context())
		variables := facts()
		variables["pattern"] = "[a-z ]{1,500}z[a-z ]{1,400}q$"
		variables["prompt"] = func() any { // the deadline passes while it is looked at
			cancel()
			return strings.Repeat("the quick brown fox ", 50_000)
		}
		if _, cost, err := compile(t, text).Holds(ctx, variables); !errors.Is(err, context.Canceled) {
			t.Errorf("%s gave %v at a cost of %d, want the context's error", text, err, cost)
		}
	}
}

func TestAPatternAsksWhetherToEnd(t *testing.T) {
	long := strings.Repeat("the quick brown fox ", 50_000)
	pattern, err := expression.CompilePattern("[a-z ]{1,500}z[a-z ]{1,400}q$")
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	matched, done := pattern.Match(long, func() bool { asked++; return asked == 3 })
	if matched || done || asked != 3 {
		t.Errorf("matched %v, done %v, asked %d times; want to end when told so", matched, done, asked)
	}
	for text, want := range map[string]bool{"a": false, strings.Repeat("a", 500) + "zaq": true, long + strings.Repeat("ö", 10) + "azaq": true, long: false} {
		simple, err := expression.CompilePattern("a(z)aq$")
		if err != nil {
			t.Fatal(err)
		}
		if matched, done := simple.Match(text, func() bool { return false }); matched != want || !done {
			t.Errorf("a text of %d bytes: matched %v, done %v; want %v", len(text), matched, done, want)
		}
	}
}
