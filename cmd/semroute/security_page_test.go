package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

var (
	testOfPromise = regexp.MustCompile("`((?:Test|Fuzz)\\w+)`")
	fileOfTest    = regexp.MustCompile("`([a-z_/]+_test\\.go)`")
)

// TestEveryPromiseOfSecurityHasItsTest: each row of the page's threats names test
// functions, and each stands in a file that the row names.
func TestEveryPromiseOfSecurityHasItsTest(t *testing.T) {
	_, table, found := strings.Cut(readPage(t, "../../docs/security.md"), "## Threats and promises")
	if !found {
		t.Fatal("the page has no threats and promises")
	}
	rows := 0
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 3 || strings.HasPrefix(cells[0], "-") || strings.TrimSpace(cells[2]) == "test" {
			continue
		}
		rows++
		if strings.Contains(cells[2], "`make fuzz`") {
			continue // all fuzz targets
		}
		source := ""
		for _, file := range fileOfTest.FindAllStringSubmatch(cells[2], -1) {
			text, err := os.ReadFile("../../" + file[1])
			if err != nil {
				t.Errorf("%s: %v", strings.TrimSpace(cells[0]), err)
			}
			source += string(text)
		}
		tests := testOfPromise.FindAllStringSubmatch(cells[2], -1)
		if len(tests) == 0 {
			t.Errorf("%s: no test is named", strings.TrimSpace(cells[0]))
		}
		for _, test := range tests {
			if !strings.Contains(source, "func "+test[1]+"(") {
				t.Errorf("%s: no file of the row has %s", strings.TrimSpace(cells[0]), test[1])
			}
		}
	}
	if rows < 20 {
		t.Errorf("only %d promises were found", rows)
	}
}
