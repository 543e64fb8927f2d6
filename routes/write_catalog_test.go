package routes_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/semroute/semroute/routes"
)

// meaning compares catalogs without the places where things stand.
var meaning = cmp.Options{
	cmpopts.IgnoreTypes(routes.Position{}, []routes.Position{}),
	cmpopts.EquateEmpty(),
}

func TestAWrittenCatalogLoadsBack(t *testing.T) {
	c := mustLoad(t, os.DirFS("testdata"), "full")
	var out bytes.Buffer
	if err := routes.WriteCatalog(&out, c); err != nil {
		t.Fatal(err)
	}
	again, err := routes.Parse("again.yaml", out.Bytes())
	if err != nil {
		t.Fatalf("%v in:\n%s", err, out.String())
	}
	// In memory there is no folder that the key file could be relative to.
	if diff := cmp.Diff(c, again, meaning); diff != "" {
		t.Errorf("the catalog changed (-written +read):\n%s", diff)
	}
	if c.Fingerprint() != again.Fingerprint() {
		t.Error("the fingerprint changed")
	}
}

func TestAwkwardUtterancesSurviveWriting(t *testing.T) {
	texts := []string{
		`say "hi"`, `back\slash`, "two\nlines", "tab\there", "- dash", "# hash", "a: b", "{x}", "[y]", "&a *b !c |d >e",
		"%percent", "@at `tick`", "null", "true", "12", "1e3", "'single'", "🙏 emoji", "日本語", "x\u00a0y\u2028y\u200bz",
		"bell\a", "cr\rlf", "é", "trailing \\", "\ufeffbom", "~", "=", "<<", "a\ufffdb", "\U000e0001tag",
	}
	c := &routes.Catalog{Routes: []routes.Route{{Name: "no", Utterances: texts}}}
	var out bytes.Buffer
	if err := routes.WriteCatalog(&out, c); err != nil {
		t.Fatal(err)
	}
	again, err := routes.Parse("again.yaml", out.Bytes())
	if err != nil {
		t.Fatalf("%v in:\n%s", err, out.String())
	}
	if diff := cmp.Diff(c, again, meaning); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
}

func TestFittedIsWrittenBesideTheCatalogAndReadBack(t *testing.T) {
	confidence := 0.61803398875
	fitted := routes.Fitted{
		Embedder:   "static:0123",
		Training:   "abcd",
		Precision:  0.95,
		Thresholds: routes.Thresholds{MinConfidence: &confidence},
		Routes:     map[string]float64{"a": 0.25, "two words": 1e-7},
		Static:     &routes.StaticBound{MinConfidence: 0.9, MinMargin: 0.5},
	}
	tests := map[string]struct{ catalog, want string }{
		"beside a file": {"my.yaml", "my.fitted.yaml"},
		"in a folder":   {"", "fitted.yaml"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			text := "routes: [{name: a, utterances: [x]}, {name: two words, utterances: [y]}]\n"
			if err := os.WriteFile(filepath.Join(dir, "my.yaml"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			catalog := filepath.Join(dir, tc.catalog)
			for range 2 { // the second replaces the first
				path, err := routes.WriteFitted(catalog, fitted)
				if err != nil || path != filepath.Join(dir, tc.want) {
					t.Fatalf("WriteFitted gave %s, %v; want %s", path, err, tc.want)
				}
			}
			c, err := routes.Load(catalog)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&fitted, c.Fitted); diff != "" {
				t.Errorf("(-written +read):\n%s", diff)
			}
			left, err := os.ReadDir(dir)
			if err != nil || len(left) != 2 {
				t.Errorf("the folder holds %v, want the catalog and the fit", left)
			}
		})
	}
}

func TestAFitKeepsTheCommentsOfTheOneBefore(t *testing.T) {
	half := 0.5
	before := "# Written by semroute fit; fit again after changing the catalog.\n# measured on Monday\nfitted:\n  embedder: old # pinned\n" +
		"  precision: 0.9\n  thresholds:\n    # by hand\n    min_confidence: 0.75 # three quarters\n  routes: {a: 0.1} # one\n# end\n"
	for name, tt := range map[string]struct{ before, want string }{
		"comments": {before, "# Written by semroute fit; fit again after changing the catalog.\n# measured on Monday\nfitted:\n  embedder: new # pinned\n" +
			"  precision: 0.95\n  thresholds:\n    # by hand\n    min_confidence: 0.5 # three quarters\n# end\n"},
		"none": {"fitted: {embedder: old}\n", "fitted:\n  embedder: new\n  precision: 0.95\n  thresholds:\n    min_confidence: 0.5\n"},
		"a file that cannot be read": {"fitted: [", "# Written by semroute fit; fit again after changing the catalog.\nfitted:\n  embedder: new\n  precision: 0.95\n" +
			"  thresholds:\n    min_confidence: 0.5\n"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, text := range map[string]string{"my.yaml": "routes: [{name: a, utterances: [x]}]\n", "my.fitted.yaml": tt.before} {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			path, err := routes.WriteFitted(filepath.Join(dir, "my.yaml"), routes.Fitted{
				Embedder: "new", Precision: 0.95, Thresholds: routes.Thresholds{MinConfidence: &half},
			})
			if err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(filepath.Clean(path))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Errorf("the file (-want +got):\n%s", diff)
			}
			if _, err := routes.Load(filepath.Join(dir, "my.yaml")); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAFitForAVanishedRouteIsAWarning(t *testing.T) {
	c, err := routes.Parse("c.yaml", []byte("routes: [{name: a, utterances: [x]}]\nfitted: {embedder: e, precision: 0.9, routes: {a: 0.5, gone: 0.6}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]float64{"a": 0.5}, c.Fitted.Routes); diff != "" {
		t.Errorf("fitted routes (-want +got):\n%s", diff)
	}
	if len(c.Warnings) != 1 || !strings.HasPrefix(c.Warnings[0].String(), `c.yaml:2:56: route "gone" was fitted but is gone`) {
		t.Errorf("warnings are %v", c.Warnings)
	}
}
