package routes_test

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/routes"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with testdata/NAME.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs; if this is meant, run the test with -update (-want +got):\n%s", file, diff)
	}
}

func TestEveryProblemIsReportedWithItsPlace(t *testing.T) {
	fsys := os.DirFS("testdata/problems")
	for _, name := range []string{"keys", "names", "utterances", "numbers", "syntax", "latin", "empty", "tags", "aliases", "prices", "openai"} {
		t.Run(name, func(t *testing.T) {
			_, err := routes.LoadFS(fsys, name+".yaml")
			var problems routes.Problems
			if !errors.As(err, &problems) {
				t.Fatalf("LoadFS gave %v, want Problems", err)
			}
			golden(t, "problems/"+name+".golden", err.Error()+"\n")
		})
	}
}

func TestFullCatalog(t *testing.T) {
	c := mustLoad(t, os.DirFS("testdata"), "full")
	if got, want := len(c.Models), 3; got != want {
		t.Fatalf("%d models, want %d", got, want)
	}
	cached := int64(25_000_000)
	wantPrices := routes.Prices{{Rates: routes.Rates{InputPerMTok: 100_000_000, OutputPerMTok: 400_000_001, CachedInputPerMTok: &cached}}}
	if diff := cmp.Diff(wantPrices, c.Models[1].Prices); diff != "" {
		t.Errorf("prices (-want +got):\n%s", diff)
	}
	if m := c.Models[1]; m.MaxTokensField != routes.MaxCompletionTokens || m.StreamOptions == nil || *m.StreamOptions {
		t.Errorf("max_tokens_field is %q, stream_options %v", m.MaxTokensField, m.StreamOptions)
	}
	if got, want := c.Models[2].APIKeyFile, "full/keys/judge"; got != want {
		t.Errorf("key file %q, want %q", got, want)
	}
	refunds := c.Routes[0]
	wantTexts := []string{
		"where is my refund", `I was charged "twice"`, "café — señor: #1",
		"give me my money back", "# 1 question: refund?", "refund pls 🙏", "double charge",
	}
	if diff := cmp.Diff(wantTexts, refunds.Utterances); diff != "" {
		t.Errorf("utterances (-want +got):\n%s", diff)
	}
	if got, want := refunds.UtterancesAt[4].String(), "full/refunds.txt:3:1"; got != want {
		t.Errorf("the fifth utterance stands at %s, want %s", got, want)
	}
	if refunds.MinMargin == nil || *refunds.MinMargin != 0 {
		t.Errorf("a margin of 0 was read as %v, want a bound of 0", refunds.MinMargin)
	}
	if diff := cmp.Diff(map[string]string{"team": "billing", "cost_center": "42", "on_call": "true"}, refunds.Metadata); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
	wantTimeouts := routes.Timeouts{Attempt: 20 * time.Second, Total: time.Minute}
	if diff := cmp.Diff(wantTimeouts, refunds.Forwarding.Timeouts); diff != "" {
		t.Errorf("timeouts (-want +got):\n%s", diff)
	}
	if got, want := len(c.Routes[1].Forwarding.Cascade.Accept), 8; got != want {
		t.Errorf("%d checks, want %d", got, want)
	}
	if diff := cmp.Diff([]string{"what is the capital of peru", "how tall is the eiffel tower", "sing me a song"}, c.None); diff != "" {
		t.Errorf("none (-want +got):\n%s", diff)
	}
	if c.Fitted == nil || c.Fitted.Routes["coding"] != 0.8 || c.Fitted.Static.MinMargin != 0.4 {
		t.Errorf("fitted is %+v", c.Fitted)
	}
	if got := *c.Budgets[0].USD; got != 5_250_000_000 {
		t.Errorf("budget of %d nano-dollars, want 5250000000", got)
	}
}

func TestExpressionsKnowWhereTheirTextBegins(t *testing.T) {
	c := mustLoad(t, os.DirFS("testdata"), "full")
	data, err := os.ReadFile("testdata/full/catalog.yaml")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	check := func(name, text string, at routes.Position) {
		first, _, _ := strings.Cut(text, "\n")
		rest := []rune(lines[at.Line-1])[at.Column-1:]
		if !strings.HasPrefix(string(rest), first) {
			t.Errorf("%s: at %s stands %q, want %q", name, at, string(rest), first)
		}
	}
	for _, r := range c.Rules {
		check(r.Name, r.When, r.At)
	}
	checks := c.Routes[1].Forwarding.Cascade.Accept
	check("cascade", checks[7].When, checks[7].At)
	second := c.Rules[1].Place(2, 3)
	check("the second line of a block text", `&& language`, second)
}

func TestFilesAreMergedAndASectionStandsOnce(t *testing.T) {
	fsys := fstest.MapFS{
		"c/a.yaml":     {Data: []byte("routes: [{name: a, utterances: [one], models: [m]}]\nfallback: {models: [m]}\n")},
		"c/b.yml":      {Data: []byte("models: [{name: m, provider: ollama, model: x}]\nnone: [zero]\n")},
		"c/.hid.yaml":  {Data: []byte("nonsense: 1")},
		"c/sub/d.yaml": {Data: []byte("nonsense: 1")},
		"c/notes.txt":  {Data: []byte("not a catalog")},
		"twice.yaml":   {Data: []byte("fallback: {route: a}\nroutes: [{name: a, utterances: [other]}]\n")},
	}
	c := mustLoad(t, fsys, "c", "c/a.yaml")
	if len(c.Routes) != 1 || len(c.Models) != 1 || len(c.None) != 1 {
		t.Fatalf("got %d routes, %d models, %d none; want one of each", len(c.Routes), len(c.Models), len(c.None))
	}
	_, err := routes.LoadFS(fsys, "c", "twice.yaml")
	want := `twice.yaml:1:11: fallback is given twice, first at c/a.yaml:2:11
twice.yaml:2:10: route "a" is declared twice, first at c/a.yaml:1:10`
	if err == nil || err.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
}

func TestMissingFiles(t *testing.T) {
	fsys := fstest.MapFS{"empty/readme.md": {Data: []byte("x")}}
	tests := map[string]struct {
		paths []string
		want  string
	}{
		"no path":      {nil, "no catalog is named"},
		"no file":      {[]string{"nope.yaml"}, "nope.yaml: there is no such file"},
		"empty folder": {[]string{"empty"}, "empty: the folder holds no .yaml or .yml file"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := routes.LoadFS(fsys, tc.paths...)
			if err == nil || err.Error() != tc.want {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}

func TestACatalogFromMemoryRefersToNoFiles(t *testing.T) {
	_, err := routes.Parse("mem.yaml", []byte("routes: [{name: a, utterances: [x], utterance_files: [a.txt]}]"))
	if err == nil || !strings.Contains(err.Error(), "mem.yaml:1:55: ") {
		t.Errorf("got %v, want a problem at mem.yaml:1:55", err)
	}
}

func TestHostileFilesAreRefusedQuickly(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("routes: [{name: r, utterances: [x], cascade: {accept: [{json_schema: {s0: &s0 [1, 1], ")
	for i := range 40 {
		fmt.Fprintf(&bomb, "s%d: &s%d [*s%d, *s%d], ", i+1, i+1, i, i)
	}
	bomb.WriteString("}}]}}]")
	tests := map[string]struct{ data, want string }{
		"open brackets":  {strings.Repeat("[", 1<<15), "nested too deeply"},
		"open braces":    {strings.Repeat("{a: ", 1<<15), "nested too deeply"},
		"dashes":         {strings.Repeat("- ", 1<<15), "nested too deeply"},
		"question marks": {strings.Repeat("? ", 1<<15), "nested too deeply"},
		"anchors":        {strings.Repeat("&a ", 1<<15), "anchors and aliases"},
		"tags":           {"!" + strings.Repeat("a !", 1<<15), "YAML tags"},
		"alias bomb":     {bomb.String(), "aliases stand for more than 100000 values"},
		"own alias":      {"routes: &a [*a]", "a route must be a mapping, not a list"},
		"zero bytes":     {"\x00\x00", ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := routes.Parse("x.yaml", []byte(tc.data))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %.300v, want %q", err, tc.want)
			}
		})
	}
}

func TestProblemsAreBounded(t *testing.T) {
	_, err := routes.Parse("x.yaml", []byte("routes:\n"+strings.Repeat("- 1\n", 5000)))
	var problems routes.Problems
	if !errors.As(err, &problems) || len(problems) != 1001 {
		t.Fatalf("got %d problems, want 1001", len(problems))
	}
	if got, want := problems[1000].String(), "4000 more problems are not shown"; got != want {
		t.Errorf("the last is %q, want %q", got, want)
	}
}

func mustLoad(t *testing.T, fsys fs.FS, paths ...string) *routes.Catalog {
	t.Helper()
	c, err := routes.LoadFS(fsys, paths...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
