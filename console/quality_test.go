//go:build integration

package console_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

// labelled are the project's own prompts for the example's routes.
func labelled(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../testdata/prompts/support.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestQualityIsWhatEvalSays(t *testing.T) {
	s := serve(t, support(t), "--gate-data", labelled(t))
	b := browse(t, s.Console+"#/quality")
	b.sees("on the labelled prompts")
	b.sees("calibration error")
	b.sees("what people say of live decisions")
	b.until("two plots", `document.querySelectorAll(".plot canvas").length === 2`)
	b.fine("quality")
	b.documented("quality")
	said := s.command(t, "eval", "--catalog", filepath.Join(s.Dir, "catalog.yaml"), "--embedder", "static", "--data", labelled(t), "--json")
	page := b.said()
	for what, want := range map[string]string{
		"accuracy":          fmt.Sprintf("%.1f %%", 100*gjson.Get(said, "accuracy").Float()),
		"coverage":          fmt.Sprintf("%.1f %%", 100*gjson.Get(said, "coverage").Float()),
		"calibration error": fmt.Sprintf("%.3f", gjson.Get(said, "ece").Float()),
		"macro F1":          fmt.Sprintf("%.3f", gjson.Get(said, "macro_f1").Float()),
		"wrong decisions":   fmt.Sprintf("Wrong decisions: %d", len(gjson.Get(said, "errors").Array())),
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%s: eval says %s, the page\n%s", what, want, page)
		}
	}
	// A confusion leads to its prompts, and one of them to Try.
	first := gjson.Get(said, "confusions.0")
	b.press(first.Get("count").String())
	b.sees("taken for")
	b.until("its prompts alone", fmt.Sprintf(`document.querySelectorAll('[aria-label="Wrong decisions"] tbody tr').length === %d`, first.Get("count").Int()))
	b.fine("quality-confusion")
	b.chooses("Order", "by name")
	b.until("the order by name", `(() => { const names = [...document.querySelectorAll('[aria-label="Each route"] tbody tr')].map((r) => r.innerText.split("\n")[0].split("\t")[0]); return names.length > 3 && names.join() === [...names].sort().join(); })()`)
}

func TestWithoutLabelledPromptsQualitySaysWhatToDo(t *testing.T) {
	b := browse(t, serve(t, support(t)).Console+"#/quality")
	b.sees("--gate-data")
	b.fine("quality-none")
}

func TestQualityTellsWhatIsLeftOut(t *testing.T) {
	file := filepath.Join(t.TempDir(), "labelled.jsonl")
	lines := `{"text":"where is my parcel","route":"delivery"}` + "\n" + `{"text":"what became of this","route":"gone"}` + "\n"
	if err := os.WriteFile(file, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	b := browse(t, serve(t, support(t), "--gate-data", file).Console+"#/quality")
	b.sees("prompts left out: 1")
	b.sees("gone (1)")
	b.fine("quality-left-out")
}

func TestQualityTakesNoTextForMore(t *testing.T) {
	file := filepath.Join(t.TempDir(), "hostile.jsonl")
	if err := os.WriteFile(file, []byte(`{"text":`+quoted(hostile+" where is my parcel")+`,"route":"billing"}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := browse(t, serve(t, support(t), "--gate-data", file).Console+"#/quality")
	b.until("the hostile prompt", `[...document.querySelectorAll("td a")].some((e) => e.innerText.includes("onerror"))`)
	b.safe()
}
