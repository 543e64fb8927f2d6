package routes

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/google/go-cmp/cmp"
)

// parseBoth reads a catalog with and without the runs taken out first, and
// says whether they were.
func parseBoth(t *testing.T, data string) (thinned bool) {
	t.Helper()
	read := func(parse func(string, []byte, *collector) ast.Node) (*Catalog, error) {
		l := newLoading(nowhere{})
		body := parse("a.yaml", []byte(data), &l.found)
		l.unread = len(l.found.found) > 0
		l.parsed("a.yaml", body)
		return l.finish()
	}
	want, wantErr := read(parseWhole)
	got, gotErr := read(func(file string, data []byte, found *collector) ast.Node {
		body, ok := parseThinned(file, data)
		thinned = ok
		if !ok {
			body = parseWhole(file, data, found)
		}
		return body
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("catalog (-whole +thinned):\n%s", diff)
	}
	if diff := cmp.Diff(text(wantErr), text(gotErr)); diff != "" {
		t.Errorf("problems (-whole +thinned):\n%s", diff)
	}
	return thinned
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

const fiveQuoted = `      - "where is my refund"
      - "i was charged twice"
      - "money back: now #1"
      - "null"
      - "- dash"
`

func TestListsReadTheSameWithTheirMiddleTakenOut(t *testing.T) {
	route := func(body string) string { return "routes:\n  - name: refunds\n    utterances:\n" + body }
	for _, tc := range []struct {
		name    string
		catalog string
		thinned bool
	}{
		{"quoted", route(fiveQuoted), true},
		{"quoted once", route(strings.ReplaceAll(fiveQuoted, `"`, `'`)), true},
		{"plain", route("      - one two\n      - it's 3, or 4?\n      - e.g. three\n      - yes no\n      - true false\n"), true},
		{"mixed, and the last goes on", route("      - one two\n      - \"b\"\n      - 'c'\n      - \"d\"\n      - e f\n        g h\n"), true},
		{"keys follow", route(fiveQuoted + "    description: d\n    min_confidence: 0.5\n"), true},
		{"comments between", route(fiveQuoted + "      # more\n      - \"x\" # that\n" + strings.ReplaceAll(fiveQuoted, "my", "no")), true},
		{"two lists", route(fiveQuoted) + "none:\n  - \"a b\"\n  - \"c d\"\n  - \"e f\"\n  - \"g h\"\n", true},
		{"at the same indentation as the key", "none:\n- \"a\"\n- \"b\"\n- \"c\"\n- \"d\"\nroutes:\n- name: a\n  utterances:\n  - \"x\"\n  - \"y\"\n  - \"z\"\n  - \"w\"\n", true},
		{"an anchor and its alias", "none: &a\n  - \"a\"\n  - \"b\"\n  - \"c\"\n  - \"d\"\n" + route("      - \"x\"\n") + "    metadata: {}\n", true},
		{"too short", route("      - \"a\"\n      - \"b\"\n      - \"c\"\n"), false},
		{"duplicates are named with their places", route(fiveQuoted + fiveQuoted), true},
		{"an empty text", route("      - \"a\"\n      - \"\"\n      - \"c\"\n      - \"d\"\n"), true},
		{"a block text that looks like a list", route(fiveQuoted) + "    description: |\n" + fiveQuoted, false},
		{"a quoted text that looks like a list", route(fiveQuoted) + "    description: \"\n" + strings.ReplaceAll(fiveQuoted, `"`, "'") + "    \"\n", false},
		{"another indentation", route(fiveQuoted + "     - \"x\"\n"), false},
		{"an unknown key", route(fiveQuoted) + "    utterence: 1\n", true},
		{"a syntax error after", route(fiveQuoted) + "  {\n", false},
		{"numbers and words of other meaning", route("      - 1\n      - true\n      - null\n      - x\n      - a b\n"), false},
		{"a line end of two characters inside", route("      - \"a\"\n      - \"b\r\"\n      - \"c\"\n      - \"d\"\n      - \"e\"\n"), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if thinned := parseBoth(t, tc.catalog); thinned != tc.thinned {
				t.Errorf("taken out: %v, want %v", thinned, tc.thinned)
			}
		})
	}
}

func FuzzThin(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "*", "*.yaml"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(filepath.Clean(file))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Add("none:\n- \"a\"\n- \"b\"\n- \"c\"\n- \"d\"\nroutes:\n- name: a\n  utterances:\n  - \"x\"\n  - y z\n  - 'z'\n  - w v\n  -  u\n")
	f.Add("none:\n  - a b\n  - c d\n  - e f\n  - g h\n    i\n  - |\n   - \"k\"\n   - \"l\"\n   - \"m\"\n   - \"n\"\n")
	f.Fuzz(func(t *testing.T, data string) {
		if utf8.ValidString(data) {
			parseBoth(t, data)
		}
	})
}

// FuzzThinLines makes catalogs out of lines that matter, one a byte.
func FuzzThinLines(f *testing.F) {
	lines := []string{
		`      - "a"`, `      - "b b"`, `      - 'c'`, `      - d d`, `      - e`, `      - "f" # f`, `     - "g"`, `       - "h"`,
		`      - "i`, `      i i"`, `      - |`, `      - >-`, `        - "j"`, `        k k`, ``, `      # l`, `      - "\u00e9"`,
		`routes:`, `  - name: m`, `    name: n`, `    utterances:`, `    utterances: [`, `    ]`, `    description: |`, `    description: "`, `    "`,
		`none:`, `- "o"`, `- p p`, `  - "q"`, `  - r r`, `---`, `      - - "s"`, `      -  "t"`, `      - &u "u"`, `      - *u`, `      - ! "v"`,
		`      - 'w''w'`, "\t- \"x\"", `      - "y":`, `      - "z": 1`, `      - `, `      -`, `    metadata: {a: "b"}`, `      - a: b`, "      - \"\u00e9\"",
	}
	f.Add([]byte{17, 18, 20, 0, 1, 2, 3, 13, 0, 1, 26, 29, 30, 29, 30})
	f.Add([]byte{26, 27, 28, 27, 28, 28, 17, 18, 23, 0, 1, 2, 3, 20, 0, 1, 2, 3, 5})
	f.Fuzz(func(t *testing.T, picks []byte) {
		var b strings.Builder
		for _, pick := range picks {
			b.WriteString(lines[int(pick)%len(lines)] + "\n")
		}
		parseBoth(t, b.String())
	})
}
