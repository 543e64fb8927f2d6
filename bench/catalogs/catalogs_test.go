package catalogs

import (
	"path/filepath"
	"testing"
)

func TestMadeUpCatalog(t *testing.T) {
	source := Source{Dir: t.TempDir()}
	big, err := source.Large()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := big.Label(), "150 routes, 15000 utterances"; got != want {
		t.Errorf("made up %s, want %s", got, want)
	}
	known := map[string]bool{}
	for i := range big.Routes {
		for _, u := range big.Routes[i].Utterances {
			known[u] = true
		}
	}
	for _, p := range big.Prompts {
		if known[p] {
			t.Fatalf("prompt %q is an utterance or stands twice", p)
		}
		known[p] = true
	}
	if again, err := source.Large(); err != nil || again != big {
		t.Errorf("asked again: another catalog, %v", err)
	}
}

func TestNamedCatalogIsAskedWhatItSays(t *testing.T) {
	source := Source{Paths: []string{"../../examples/support"}, Dir: t.TempDir()}
	big, err := source.Large()
	if err != nil {
		t.Fatal(err)
	}
	if !filepath.IsAbs(big.Paths[0]) || len(big.Prompts) == 0 || big.Prompts[0] != big.Routes[0].Utterances[0] {
		t.Errorf("paths %v, %d prompts", big.Paths, len(big.Prompts))
	}
}
