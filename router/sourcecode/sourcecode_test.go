package sourcecode

import (
	"os"
	"strings"
	"testing"
)

func linesOf(t *testing.T, path string) []string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "# ") {
			lines = append(lines, line)
		}
	}
	return lines
}

// At most one in a hundred lines of prose is taken for code, and at least nine
// in ten lines of code are found.
func TestCodeIsToldFromProse(t *testing.T) {
	for _, c := range []struct {
		path string
		code bool
		most float64 // share that may be told wrongly
	}{{"testdata/code_lines.txt", true, .10}, {"testdata/prose_lines.txt", false, .02}} {
		lines := linesOf(t, c.path)
		wrong := 0
		for _, line := range lines {
			if Present(line) != c.code {
				t.Logf("%s: %s", c.path, line)
				wrong++
			}
		}
		if float64(wrong) > c.most*float64(len(lines)) {
			t.Errorf("%s: %d of %d lines are told wrongly", c.path, wrong, len(lines))
		}
	}
}

func TestCodeInALongPromptIsFoundAtBothEnds(t *testing.T) {
	prose := strings.Repeat("the quick brown fox jumps over the lazy dog ", 5000)
	code := "\nfunc Max(a, b int) int { return a }\n"
	for name, c := range map[string]struct {
		text string
		want bool
	}{"none": {prose, false}, "first": {code + prose, true}, "last": {prose + code, true}} {
		if got := Present(c.text); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func BenchmarkPresent(b *testing.B) {
	for b.Loop() {
		Present("public transport in lisbon: which ticket is cheapest for a week")
	}
}
