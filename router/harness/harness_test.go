package harness_test

import (
	"strings"
	"testing"

	"github.com/semroute/semroute/router/harness"
)

const reminder = `<system-reminder>
As you answer the user's questions, you can use the following context:
Run the linter and the unit tests before you commit. Never edit generated files.
</system-reminder>`

const environment = `<environment_details>
# Open Tabs
src/main.go
# Current Mode
<slug>code</slug>
</environment_details>`

func TestStrip(t *testing.T) {
	for name, c := range map[string]struct {
		text, words string
		omitted     int
	}{
		"plain words":                        {"is 3 < 5 and 7 > 2?", "is 3 < 5 and 7 > 2?", 0},
		"nothing":                            {"", "", 0},
		"a reminder before":                  {reminder + "\nwrite a poem", "write a poem", 1},
		"a reminder after":                   {"write a poem\n" + reminder, "write a poem", 1},
		"a task and the editor":              {"<task>\nwrite a poem\n</task>\n" + environment, "write a poem", 1},
		"a query among much else":            {"<user_info>\nOS: linux\n</user_info>\n<user_query>write a poem</user_query>" + reminder, "write a poem", 2},
		"attributes and capitals":            {`<File_Content path="a.go">package a</File_Content>why does it fail`, "why does it fail", 1},
		"blocks inside of a block":           {"<context><file>a</file><file>b</file></context>what is it", "what is it", 1},
		"a reminder inside of a task":        {"<task>write " + reminder + "a poem</task>", "write a poem", 1},
		"arguments of a command":             {"<command-name>/ask</command-name><command-args>write a poem</command-args>", "write a poem", 1},
		"only reminders":                     {reminder + "\n" + environment, "", 2},
		"only what a person may write too":   {"<context>write a poem</context>", "<context>write a poem</context>", 0},
		"a person's context and question":    {"<context>roses</context> write a poem", "write a poem", 1},
		"a block without an end":             {"<system-reminder> write a poem", "<system-reminder> write a poem", 0},
		"an end without a block":             {"write </task> a poem", "write </task> a poem", 0},
		"an end of another block":            {"<task>write a poem</context>", "<task>write a poem</context>", 0},
		"one that overlaps":                  {"<task>a <context>b</task> c</context>", "a <context>b c</context>", 0},
		"a tag of unknown name":              {"<b>bold</b> move", "<b>bold</b> move", 0},
		"a tag that closes itself":           {"<context/>write", "<context/>write", 0},
		"a result of a tool":                 {"[read_file for 'main.go'] Result:\npackage main", "", 1},
		"a result without an object":         {"[execute_command] Result:\nok", "", 1},
		"brackets that a person wrote":       {"[urgent] Result: of the match?", "[urgent] Result: of the match?", 0},
		"a footnote":                         {"[see note 1] what does it say", "[see note 1] what does it say", 0},
		"a complaint about a missing tool":   {"[ERROR] You did not use a tool in your previous response! Please retry.", "", 1},
		"marks in other alphabets and bytes": {"<täsk>ü</täsk>\xff<task>ü</task>", "<täsk>ü</täsk>\xffü", 0},
	} {
		t.Run(name, func(t *testing.T) {
			words, omitted := harness.Strip(c.text)
			if words != c.words || omitted != c.omitted {
				t.Errorf("%q and %d left out; want %q and %d", words, omitted, c.words, c.omitted)
			}
		})
	}
}

func TestNestingIsNotASlowPath(t *testing.T) {
	const n = 200_000
	for name, text := range map[string]string{
		"never closed":           strings.Repeat("<task>", n),
		"closed by another name": strings.Repeat("<task>", n) + strings.Repeat("</context>", n),
		"deep":                   strings.Repeat("<task>", n) + "x" + strings.Repeat("</task>", n),
		"many":                   strings.Repeat("<file>x</file>", n) + "y",
		"open ends":              strings.Repeat("<", n),
	} {
		words, _ := harness.Strip(text) // a slow path would not end
		if name == "deep" && words != "x" || name == "many" && words != "y" {
			t.Errorf("%s: %.20q", name, words)
		}
	}
}

func FuzzStrip(f *testing.F) {
	for _, text := range []string{"", "<task>a</task>", reminder, environment, "<context><task>x</context></task>", "[a] Result:"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		words, omitted := harness.Strip(text)
		if len(words) > len(text) || omitted < 0 {
			t.Fatalf("%q became %q", text, words)
		}
		// What surrounds a text is told from it, whatever the text.
		if wrapped, _ := harness.Strip(reminder + "\n" + text); words != "" && !strings.Contains(text, "reminder") && omitted == 0 &&
			!strings.Contains(text, "<") && wrapped != strings.TrimSpace(text) && words == text {
			t.Fatalf("%q in a reminder became %q", text, wrapped)
		}
	})
}
