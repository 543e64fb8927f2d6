package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/semroute/semroute/forward/quality"
	"github.com/semroute/semroute/forward/quality/report"
)

func TestOutcomesAreMeasured(t *testing.T) {
	file := outcomesFile(t, madeUp(30))
	got := runWith(t, "", "eval", "--json", "--outcomes", file, "--cost", "near=0.001", "--cost", "far=0.01")
	if got.code != exitDone {
		t.Fatalf("code %d, %q", got.code, got.err)
	}
	var result report.Result
	if err := json.Unmarshal([]byte(got.out), &result); err != nil {
		t.Fatal(err)
	}
	// Near knows capitals nearly as well and proves nothing: half of the prompts
	// for far recover all but 0.05 of 0.85.
	want := quality.Evaluation{
		Prompts: 60, Best: quality.Alone{Model: "far", Quality: 0.95, Cost: 0.01}, Cheapest: quality.Alone{Model: "near", Quality: 0.525, Cost: 0.001},
		APGR: 0.7206, CPT50: 0.2656, CPT80: 0.425,
		At50: quality.Mix{Share: 0.2656, Quality: 0.7375, Cost: 0.00339, SavingToBest: 66.09, SavingToChance: 38.35},
		At80: quality.Mix{Share: 0.425, Quality: 0.865, Cost: 0.004825, SavingToBest: 51.75, SavingToChance: 41.16},
	}
	options := []cmp.Option{
		cmpopts.EquateApprox(0.001, 0), cmpopts.IgnoreFields(quality.Evaluation{}, "Curve", "AtBestQuality", "CalibrationError"),
	}
	if diff := cmp.Diff(want, result.Evaluation, options...); diff != "" {
		t.Errorf("evaluation (-want +got):\n%s", diff)
	}
}

func TestAReportOfOutcomesIsEscaped(t *testing.T) {
	evil := `<script>alert("x")</script>`
	quoted, err := json.Marshal(evil)
	if err != nil {
		t.Fatal(err)
	}
	file := outcomesFile(t, strings.ReplaceAll(madeUp(15), `"far"`, string(quoted)))
	page := filepath.Join(t.TempDir(), "page.html")
	if got := runWith(t, "", "eval", "--outcomes", file, "--report", page); got.code != exitDone {
		t.Fatalf("code %d, %q", got.code, got.err)
	}
	html, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	text := string(html)
	if strings.Contains(text, "<script") || !strings.Contains(text, "&lt;script&gt;alert(&#34;x&#34;)") {
		t.Errorf("the model's name is not escaped in\n%s", text)
	}
	for _, needed := range []string{"<svg", "share of calls to the best model", "default-src 'none'"} {
		if !strings.Contains(text, needed) {
			t.Errorf("the page lacks %q", needed)
		}
	}
}
