package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// figure is a number with a decimal point: it may differ between processors.
var figure = regexp.MustCompile(`\d+\.\d+`)

// TestTheTutorialWorks runs docs/tutorial.md from its first command to its last in
// one shell, and looks for the lines that it shows in what the commands before
// print, whatever their figures are. The chat's model is a double.
func TestTheTutorialWorks(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts the binary some fifteen times")
	}
	type shown struct{ after, lines string }
	var script strings.Builder
	var promises []shown
	blocks := 0
	for _, block := range fence.FindAllStringSubmatch(readPage(t, "../../docs/tutorial.md"), -1) {
		switch block[1] {
		case "sh":
			blocks++
			fmt.Fprintf(&script, "echo; echo '@@ %d'\n%s", blocks, block[2])
		case "text":
			promises = append(promises, shown{fmt.Sprintf("@@ %d\n", blocks), block[2]})
		case "yaml":
			var workflow struct {
				Jobs map[string]struct{ Steps []map[string]any }
			}
			if err := yaml.Unmarshal([]byte(block[2]), &workflow); err != nil || len(workflow.Jobs["gate"].Steps) == 0 {
				t.Errorf("the workflow: %v, %+v", err, workflow)
			}
		case "python": // the tests of ingress/clients ask so by the official client
		default:
			t.Errorf("no rule for blocks of %s", block[1])
		}
	}
	if blocks < 10 || len(promises) < 8 {
		t.Fatalf("only %d blocks of commands and %d of their output were found", blocks, len(promises))
	}
	dir, address, web := t.TempDir(), freeAddress(t), freeAddress(t)
	t.Setenv("SEMROUTE_LISTEN", address)
	t.Setenv("SEMROUTE_HTTP_LISTEN", web)
	t.Setenv("SEMROUTE_WAIT", "1m")
	// The checkout's binary is the one on the path.
	adapt := strings.NewReplacer("go build ./cmd/semroute", ":", "./semroute ", "semroute ", "127.0.0.1:50051", address, "127.0.0.1:8080", web,
		"semroute health", "semroute health --server "+address)
	commands := `trap 'kill "$!" 2>/dev/null || true' EXIT` + "\n" + adapt.Replace(script.String())
	out := runShell(t, dir, ollamaDouble(t), commands)
	for _, p := range promises {
		_, printed, _ := strings.Cut(out, p.after)
		printed, _, _ = strings.Cut(printed, "\n@@ ")
		printed = figure.ReplaceAllString(printed, "0.0")
		for line := range strings.Lines(p.lines) {
			if !strings.Contains(printed, figure.ReplaceAllString(strings.TrimSpace(line), "0.0")) {
				t.Errorf("the page promises %q, printed was:\n%s", line, printed)
			}
		}
	}
}
