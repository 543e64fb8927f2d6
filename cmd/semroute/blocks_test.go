package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/auth/authfile"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/routes"
	restrules "github.com/semroute/semroute/server/rest"
)

// TestThePagesBlocksAreRight looks at every block of every page, also those that need
// a service and are not run: the shell can read it, what is sent is JSON to a path that
// there is, tests that it names exist, YAML is a catalog, settings or a file of callers
// that is taken.
func TestThePagesBlocksAreRight(t *testing.T) {
	looked := map[string]int{}
	more, err := filepath.Glob("../../clients/*/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(append(pages(t), more...), "../../deploy/README.md") {
		for _, block := range anyFence.FindAllStringSubmatch(readPage(t, page), -1) {
			kind, text := block[1], block[2]
			var err error
			switch kind {
			case "sh", "shell":
				err = errors.Join(readableByShell(t, text), rightRequests(text), namedTests(text))
			case "yaml":
				err = rightYAML(t, text)
			case "json":
				if !json.Valid([]byte(text)) {
					err = errors.New("it is no JSON")
				}
			case "", "text", "python", "ts", "go": // pictures and output; programs have tests of their own
			default:
				err = errors.New("nobody says how to look at it")
			}
			if err != nil {
				t.Errorf("%s: %v in a block of %s:\n%s", page, err, kind, text)
			}
			looked[kind]++
		}
	}
	for kind, least := range map[string]int{"sh": 30, "shell": 25, "yaml": 18} {
		if looked[kind] < least {
			t.Errorf("only %d blocks of %s were found", looked[kind], kind)
		}
	}
}

// readableByShell says where a shell cannot read the commands.
func readableByShell(t *testing.T, text string) error {
	if out, err := exec.CommandContext(t.Context(), "sh", "-n", "-c", text).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

var (
	sentBody   = regexp.MustCompile(`-d '([^']*)'`)
	oneRequest = regexp.MustCompile(`(?m)^curl .*?(?:127\.0\.0\.1|localhost):\d+(/[^\s'"]*).*$`)
)

// rightRequests holds what is sent to JSON, and where it is sent to the paths that are
// answered.
func rightRequests(text string) error {
	var problems []error
	for _, body := range sentBody.FindAllStringSubmatch(text, -1) {
		if !json.Valid([]byte(body[1])) {
			problems = append(problems, fmt.Errorf("%s is no JSON", body[1]))
		}
	}
	known := http.NewServeMux()
	seen := map[string]bool{}
	add := func(pattern string) {
		if !seen[pattern] {
			seen[pattern] = true
			known.Handle(pattern, http.NotFoundHandler())
		}
	}
	for _, rule := range append(restrules.Rules(), restrules.RouteRule()) {
		add(restrules.Pattern(rule))
	}
	for _, action := range auth.Actions() {
		if strings.Contains(string(action), " /") {
			add(string(action))
		}
	}
	for _, m := range oneRequest.FindAllStringSubmatch(continued.ReplaceAllString(text, " "), -1) {
		method := http.MethodGet
		if strings.Contains(m[0], " -d ") {
			method = http.MethodPost
		}
		request, err := http.NewRequest(method, "http://server"+m[1], nil)
		if err != nil {
			problems = append(problems, err)
		} else if _, pattern := known.Handler(request); pattern == "" {
			problems = append(problems, fmt.Errorf("nothing answers %s %s", method, m[1]))
		}
	}
	return errors.Join(problems...)
}

var testCommand = regexp.MustCompile(`go test (?:-tags \w+ )?(\./[\w/]+)(.*)`)

// namedTests holds tests that are named to those of the package.
func namedTests(text string) error {
	var problems []error
	for _, m := range testCommand.FindAllStringSubmatch(text, -1) {
		source := ""
		files, err := filepath.Glob(filepath.Join("../..", m[1], "*_test.go"))
		if err != nil {
			return err
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			source += string(content)
		}
		for _, flag := range regexp.MustCompile(`-(run|bench) '?\^?(\w+)`).FindAllStringSubmatch(m[2], -1) {
			if flag[2] != "xxx" && !regexp.MustCompile(`\nfunc (Test|Benchmark)\w*`+flag[2]).MatchString(source) {
				problems = append(problems, fmt.Errorf("%s has no test %s", m[1], flag[2]))
			}
		}
	}
	return errors.Join(problems...)
}

// sections are the top level of a catalog.
var sections = []string{"models", "routes", "rules", "fallback", "none", "none_files", "thresholds", "fitted", "budgets", "aliases"}

// rightYAML has a block taken by what it is for.
func rightYAML(t *testing.T, text string) error {
	var content map[string]any
	if err := yaml.Unmarshal([]byte(text), &content); err != nil {
		return err
	}
	keys := slices.Sorted(maps.Keys(content))
	has := func(key string) bool { return slices.Contains(keys, key) }
	switch {
	case strings.Contains(text, "seriesQuery:"): // of Prometheus' adapter
		return namedMetrics(t, text)
	case !slices.ContainsFunc(keys, func(key string) bool { return !slices.Contains(sections, key) }):
		return rightCatalog(t, text, content)
	case has("keys"):
		_, err := authfile.Parse("page", []byte(text))
		return err
	case has("jobs"):
		return nil // a workflow, which the tutorial's test reads
	}
	root := newRoot(stdio{in: strings.NewReader(""), out: &writer{}, err: &writer{}})
	_, err := parseSettings("page", []byte(text), knownFlags(root))
	return err
}

// namedMetrics holds metrics to those of docs/metrics.md.
func namedMetrics(t *testing.T, text string) error {
	t.Helper()
	page := readPage(t, "../../docs/metrics.md")
	for _, name := range regexp.MustCompile(`semroute_\w+_total\b`).FindAllString(text, -1) {
		if !strings.Contains(page, "| `"+name+"` |") {
			return fmt.Errorf("there is no metric %s", name)
		}
	}
	return nil
}

// rightCatalog loads a catalog, or a part of one: what it names and leaves out is put
// beside it.
func rightCatalog(t *testing.T, text string, content map[string]any) error {
	known, named := map[string]map[string]bool{"routes": {}, "models": {}}, map[string]map[string]bool{"routes": {}, "models": {}}
	for section := range known {
		items, _ := content[section].([]any)
		for _, item := range items {
			if mapping, ok := item.(map[string]any); ok {
				known[section][fmt.Sprint(mapping["name"])] = true
			}
		}
	}
	note := func(section string, v any) {
		switch v := v.(type) {
		case string:
			named[section][v] = true
		case []any:
			for _, name := range v {
				if text, ok := name.(string); ok {
					named[section][text] = true
				}
			}
		}
	}
	var visit func(v any)
	visit = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			note("models", v["models"])
			note("routes", v["only"])
			note("routes", v["route"])
			if _, isModel := v["provider"]; !isModel {
				note("models", v["model"])
			}
			if tiers, ok := v["tiers"].(map[string]any); ok {
				for _, models := range tiers {
					note("models", models)
				}
			}
			for _, value := range v {
				visit(value)
			}
		case []any:
			for _, item := range v {
				visit(item)
			}
		}
	}
	visit(content)
	beside := "models: [{name: beside, provider: ollama, model: beside}"
	for name := range named["models"] {
		if !known["models"][name] {
			beside += fmt.Sprintf(", {name: %q, provider: ollama, model: beside}", name)
		}
	}
	beside += "]\nroutes:\n  - {name: beside, utterances: [nothing of that kind]}\n"
	for name := range named["routes"] {
		if !known["routes"][name] {
			beside += fmt.Sprintf("  - {name: %q, utterances: [%q]}\n", name, "about "+name)
		}
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"page.yaml": text, "beside.yaml": beside} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	_, err := routes.Loader{Checks: engine.CatalogChecks()}.Load(dir)
	if errors.Is(err, fs.ErrNotExist) { // files that the page tells the reader to write
		return nil
	}
	return err
}
