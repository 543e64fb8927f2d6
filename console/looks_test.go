//go:build integration

package console_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// With -update the pictures in docs are what the tests see.
var update = flag.Bool("update", false, "write the screenshots of docs")

// pictures is where all screenshots of the last run lie.
const pictures = "../.build/console"

// fine looks at the page in light, dark and narrow: axe finds nothing serious, nothing
// is wider than the screen, and a screenshot of each is kept.
func (b *tab) fine(name string) {
	b.t.Helper()
	for suffix, v := range map[string]view{"light": light, "dark": dark, "narrow": narrow} {
		b.look(v)
		b.accessible(name + ", " + suffix)
		if over := value[int](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
			b.t.Errorf("%s, %s: the page is %d pixels wider than the screen", name, suffix, over)
		}
		b.picture(filepath.Join(pictures, name+"-"+suffix+".png"))
	}
	b.look(light)
}

// documented is what docs show of a page.
func (b *tab) documented(name string) {
	b.t.Helper()
	if *update {
		b.picture("../docs/images/console-" + name + ".png")
	}
}

func (b *tab) picture(file string) {
	b.t.Helper()
	var png []byte
	b.do(chromedp.CaptureScreenshot(&png))
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(file, png, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// serious are the violations of WCAG's A and AA that axe calls serious or worse.
const serious = `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }).then((r) =>
  r.violations.filter((v) => v.impact === "serious" || v.impact === "critical")
    .map((v) => v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200) + " " + n.failureSummary).join(" | ")).join("\n"))`

func (b *tab) accessible(name string) {
	b.t.Helper()
	source, err := os.ReadFile("web/node_modules/axe-core/axe.min.js")
	if err != nil {
		b.t.Fatalf("axe is installed by console/web/build.sh: %v", err)
	}
	var problems string
	b.do(chromedp.Evaluate(string(source)+"; 0", nil), chromedp.Evaluate(serious, &problems, awaited))
	if problems != "" {
		b.t.Errorf("%s: axe finds:\n%s", name, problems)
	}
}

// TestAxeFindsWhatIsWrong: a check that finds nothing on any page would be none.
func TestAxeFindsWhatIsWrong(t *testing.T) {
	b := browse(t, "data:text/html,<html><title>t</title><body><p style='color:%23eee;background:white'>pale</p><input></body></html>")
	source, err := os.ReadFile("web/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	var problems string
	b.do(chromedp.Evaluate(string(source)+"; 0", nil), chromedp.Evaluate(serious, &problems, awaited))
	for _, id := range []string{"color-contrast", "label", "html-has-lang"} {
		if !strings.Contains(problems, id) {
			t.Errorf("axe does not find %s in:\n%s", id, problems)
		}
	}
}
