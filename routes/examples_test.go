package routes_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/semroute/semroute/routes"
)

func TestTheExamplesAreSoundAndLargeEnough(t *testing.T) {
	for name, wantRoutes := range map[string]int{"support": 8, "assistant": 4} {
		t.Run(name, func(t *testing.T) {
			c, err := routes.Load(filepath.Join("..", "examples", name))
			if err != nil {
				t.Fatal(err)
			}
			if len(c.Routes) != wantRoutes {
				t.Errorf("%d routes, want %d", len(c.Routes), wantRoutes)
			}
			own := map[string]bool{}
			names := map[string]bool{"": true}
			for _, r := range c.Routes {
				names[r.Name] = true
				if len(r.Utterances) < 18 {
					t.Errorf("route %s has %d utterances, want at least 18", r.Name, len(r.Utterances))
				}
				for _, u := range r.Utterances {
					own[u] = true
				}
			}
			for _, u := range c.None {
				own[u] = true
			}
			checkPrompts(t, filepath.Join("..", "testdata", "prompts", name+".jsonl"), own, names)
		})
	}
}

// checkPrompts holds that the test prompts fit the catalog and are not copies
// of its utterances.
func checkPrompts(t *testing.T, file string, own, names map[string]bool) {
	t.Helper()
	f, err := os.Open(filepath.Clean(file))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	prompts, err := routes.ReadLabelled(f, file)
	if err != nil {
		t.Fatal(err)
	}
	fit, none := 0, 0
	for _, p := range prompts {
		if own[p.Text] {
			t.Errorf("%s:%d: %q is an utterance of the catalog", file, p.Line, p.Text)
		}
		if !names[p.Route] {
			t.Errorf("%s:%d: the catalog has no route %q", file, p.Line, p.Route)
		}
		if p.Route == "" {
			none++
		} else {
			fit++
		}
	}
	if fit < 80 || none < 15 {
		t.Errorf("%d prompts fit a route and %d none, want at least 80 and 15", fit, none)
	}
}

func TestRulesFitTheAssistant(t *testing.T) {
	c, err := routes.Load(filepath.Join("..", "examples", "assistant"), filepath.Join("testdata", "rules", "assistant.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if got := len(c.Rules); got != 5 {
		t.Errorf("%d rules, want 5", got)
	}
}
