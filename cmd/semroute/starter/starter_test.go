package starter_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/cmd/semroute/starter"
	"github.com/semroute/semroute/routes"
)

// everyChoice runs a test for all that can be chosen.
func everyChoice(t *testing.T, run func(t *testing.T, dir string, c starter.Choices)) {
	t.Helper()
	var with func(c starter.Choices, question int)
	with = func(c starter.Choices, question int) {
		questions := c.Questions()
		if question == len(questions) {
			dir := t.TempDir()
			if _, err := starter.Write(dir, c, false); err != nil {
				t.Fatalf("%+v: %v", c, err)
			}
			run(t, dir, c)
			return
		}
		for _, answer := range questions[question].Answers {
			*questions[question].Choice = answer
			with(c, question+1)
		}
	}
	with(starter.Choices{}, 0)
}

// TestWhatIsWrittenIsUsable: every combination is a catalog that loads without a
// warning, labelled prompts of its routes, and YAML for compose whose services and
// volumes are there.
func TestWhatIsWrittenIsUsable(t *testing.T) {
	everyChoice(t, func(t *testing.T, dir string, c starter.Choices) {
		catalog, err := routes.Load(filepath.Join(dir, "catalog"))
		if err != nil || len(catalog.Warnings) > 0 {
			t.Fatalf("%+v: %v, %v", c, err, catalog.Warnings)
		}
		if (len(catalog.Models) == 0) != (c.Models == "nobody") {
			t.Errorf("%+v: %d models", c, len(catalog.Models))
		}
		known := map[string]bool{"": true}
		for _, r := range catalog.Routes {
			known[r.Name] = true
		}
		file, err := os.Open(filepath.Join(dir, "prompts.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = file.Close() }()
		prompts, err := routes.ReadLabelled(file, "prompts.jsonl")
		if err != nil || len(prompts) < 10 {
			t.Fatalf("%d prompts, %v", len(prompts), err)
		}
		for _, p := range prompts {
			if !known[p.Route] {
				t.Errorf("%q belongs to %s, which is no route", p.Text, p.Route)
			}
		}
		var compose struct {
			Services map[string]struct {
				DependsOn map[string]any `yaml:"depends_on"`
			}
			Volumes map[string]any
		}
		text, err := os.ReadFile(filepath.Join(dir, "docker-compose.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.Unmarshal(text, &compose); err != nil {
			t.Fatalf("%+v: %v\n%s", c, err, text)
		}
		for on := range compose.Services["semroute"].DependsOn {
			if _, ok := compose.Services[on]; !ok {
				t.Errorf("%+v: it waits for %s, which is no service", c, on)
			}
		}
		if len(compose.Services) != len(compose.Volumes) {
			t.Errorf("%+v: %d services, %d volumes", c, len(compose.Services), len(compose.Volumes))
		}
	})
}

func TestNothingIsWrittenOver(t *testing.T) {
	dir := t.TempDir()
	c := starter.Choices{Models: "nobody", Embedder: "static", Store: "nothing", Index: "memory"}
	mine := filepath.Join(dir, "semroute.yaml")
	if err := os.WriteFile(mine, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := starter.Write(dir, c, false); !errors.Is(err, starter.ErrThere) {
		t.Fatalf("error is %v", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files were written beside, %v", len(entries)-1, err)
	}
	names, err := starter.Write(dir, c, true)
	if diff := cmp.Diff([]string{"catalog/routes.yaml", "docker-compose.yaml", "prompts.jsonl", "semroute.yaml"}, names); err != nil || diff != "" {
		t.Errorf("%v, files (-want +got):\n%s", err, diff)
	}
	if text, err := os.ReadFile(mine); err != nil || string(text) == "mine" {
		t.Errorf("overwritten it is %q, %v", text, err)
	}
}

func TestAnAnswerThatIsNone(t *testing.T) {
	dir := t.TempDir()
	if _, err := starter.Write(dir, starter.Choices{Models: "gemini", Embedder: "static", Store: "nothing", Index: "memory"}, false); err == nil {
		t.Error("it is written")
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("%d files", len(entries))
	}
}
