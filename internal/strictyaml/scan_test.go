package strictyaml

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// What is refused is refused at the token that passes a bound, before parsing.
func TestScanningStopsAtTheBound(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		stop int // tokens that may be looked at
		want string
	}{
		"brackets":         {strings.Repeat("[", 1000), MaxDepth + 1, "nested too deeply"},
		"braces":           {strings.Repeat("{a: ", 1000), 3 * (MaxDepth + 1), "nested too deeply"},
		"both":             {strings.Repeat("[{a: ", 1000), 4 * (MaxDepth + 1), "nested too deeply"},
		"dashes":           {strings.Repeat("- ", 1000), maxColumn, "nested too deeply"},
		"question marks":   {strings.Repeat("? ", 1000), maxColumn, "nested too deeply"},
		"anchors":          {strings.Repeat("&a ", 2*maxAnchors), 2*maxAnchors + 2, "anchors and aliases"},
		"aliases":          {strings.Repeat("*a ", 2*maxAnchors), 2*maxAnchors + 2, "anchors and aliases"},
		"tags":             {"!a !b", 1, "YAML tags"},
		"items":            {strings.Repeat("- a\n", maxTokens/2+5), maxTokens + 2, "pieces of YAML"},
		"keys":             {strings.Repeat("a: b\n", 2*maxKeys), 3*maxKeys + 3, "keys"},
		"keys at a depth":  {"a:\n  b: {c: d}\n  e:\n" + strings.Repeat("    f: g\n    h: {i: j}\n", maxKeys), 5*maxKeys + 20, "keys"},
		"dashes in braces": {"[- - -", 2, "a dash within brackets"},
	} {
		t.Run(name, func(t *testing.T) {
			tokens, message := scan(tt.text)
			if len(tokens) > tt.stop || !strings.Contains(message, tt.want) {
				t.Errorf("%d tokens were looked at and it says %q; want at most %d and %q", len(tokens), message, tt.stop, tt.want)
			}
		})
	}
}

// Cutting into tokens cannot be stopped, so the file is looked at before.
func TestTooManyTokensAreRefusedBeforeTheyAreMade(t *testing.T) {
	for _, piece := range []string{"[", "{a: ", "- ", "? ", "\"\" ", "''", "a: ", "a,", "- a\n", "&a ", "#\n", "- |\n", "%", "{}", "<<: ", "---\n", "@", "`"} {
		text := []byte(strings.Repeat(piece, 1000))
		tokens, _ := scan(string(text))
		marks := 0
		for _, c := range text {
			if isMark(c) {
				marks++
			}
		}
		if len(tokens) > 2*marks+1 {
			t.Errorf("%q gives %d tokens with only %d marks", piece, len(tokens), marks)
		}
		many := bytes.Repeat(text, maxMarks/marks+1)
		if line, message := tooMuch(many); line == 0 || !strings.Contains(message, "too many pieces") {
			t.Errorf("much of %q gave line %d, %q", piece, line, message)
		}
	}
}

func TestWhatIsWithinTheBoundsIsRead(t *testing.T) {
	var keys strings.Builder
	for i := range maxKeys {
		_, _ = fmt.Fprintf(&keys, "k%d: {a: [b]}\n", i)
	}
	for name, text := range map[string]string{
		"depth":       "a: " + strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth),
		"keys":        keys.String(),
		"empty lines": "a: b" + strings.Repeat("\n", maxEmptyLines+1) + "c: d",
		"mappings":    strings.Repeat("- {a: b}\n- c: d\n  e: f\n", maxKeys),
	} {
		var found Collector
		if _, ok := Parse("a.yaml", []byte(text), &found); !ok || found.Err() != nil {
			t.Errorf("%s: got %v", name, found.Err())
		}
	}
}

func TestManyEmptyLinesAreRefused(t *testing.T) {
	for _, line := range []string{"\n", "     \n", "\t\n", "\r\n"} {
		var found Collector
		_, ok := Parse("a.yaml", []byte("a: |\n"+strings.Repeat(line, maxEmptyLines+1)+"b"), &found)
		if err := found.Err(); ok || err == nil || !strings.HasPrefix(err.Error(), "a.yaml:102:1: more than 100 empty lines") {
			t.Errorf("%q: got %v", line, err)
		}
	}
}

func TestInvalidUTF8IsNamedByItsPlace(t *testing.T) {
	var found Collector
	_, ok := Parse("a.yaml", []byte("a: b\nc: ö\xff\nd: e\nf: \xc3"), &found)
	want := "a.yaml:2:5: not UTF-8; save the file as UTF-8\na.yaml:4:4: not UTF-8; save the file as UTF-8"
	if err := found.Err(); ok || err == nil || err.Error() != want {
		t.Errorf("got %v, want\n%s", err, want)
	}
}
