package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/routes"
)

// sumsOf is what `report --json` says of a ledger.
func sumsOf(t *testing.T, ledger string) sums {
	t.Helper()
	got := runWith(t, "", "report", "--ledger", ledger, "--since", "0", "--json")
	if got.code != exitDone {
		t.Fatalf("code %d: %s", got.code, got.err)
	}
	var out sums
	if err := json.Unmarshal([]byte(got.out), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// chatted is a ledger with three calls.
func chatted(t *testing.T, keep string) string {
	t.Helper()
	d := startDoubles(t, scripts(says("one"), says("two")), scripts(says("three", "pieces", "!")))
	ledger := filepath.Join(t.TempDir(), "calls.db")
	for _, ask := range [][2]string{{"ann", "where is my refund"}, {"bob", "i was charged twice, mail me at bob@example.com"}, {"ann", "track my parcel"}} {
		got := runWith(t, "", "chat", "--catalog", d.catalog, "--ledger", ledger, "--store-prompts", keep, "--user", ask[0], ask[1])
		if got.code != exitDone {
			t.Fatalf("code %d: %s", got.code, got.err)
		}
	}
	return ledger
}

func TestReportSumsUp(t *testing.T) {
	ledger := chatted(t, "none")
	got := runWith(t, "", "report", "--ledger", ledger, "--since", "1h")
	want := `TOTAL  DECISIONS  CALLS  FAILED  TOKENS IN  TOKENS OUT  COST       WASTED  DEAREST  SAVING
       3          3      0       30         5           $0.000184  $0.00   $0.0004  54.0 %

ROUTE    DECISIONS  CALLS  FAILED  TOKENS IN  TOKENS OUT  COST       WASTED  DEAREST   SAVING
parcels  1          1      0       10         3           $0.00016   $0.00   $0.00016  0.0 %
refunds  2          2      0       20         2           $0.000024  $0.00   $0.00024  90.0 %

MODEL  DECISIONS  CALLS  FAILED  TOKENS IN  TOKENS OUT  COST       WASTED  DEAREST   SAVING
far    1          1      0       10         3           $0.00016   $0.00   $0.00016  0.0 %
near   2          2      0       20         2           $0.000024  $0.00   $0.00024  90.0 %

USER  DECISIONS  CALLS  FAILED  TOKENS IN  TOKENS OUT  COST       WASTED  DEAREST   SAVING
ann   2          2      0       20         4           $0.000172  $0.00   $0.00028  38.6 %
bob   1          1      0       10         1           $0.000012  $0.00   $0.00012  90.0 %
`
	if diff := cmp.Diff(want, got.out); diff != "" || got.code != exitDone {
		t.Errorf("code %d, %s, report (-want +got):\n%s", got.code, got.err, diff)
	}
	total := sumsOf(t, ledger).Total
	if total.Total != 184_000 || total.Saving < 53.99 || total.Saving > 54.01 {
		t.Errorf("total %d, saving %v", total.Total, total.Saving)
	}
}

func TestExportIsReadByEval(t *testing.T) {
	tests := map[string]struct {
		keep  string
		texts []string
		hint  bool
	}{
		"in full":    {"full", []string{"where is my refund", "i was charged twice, mail me at bob@example.com", "track my parcel"}, false},
		"redacted":   {"redact", []string{"where is my refund", "i was charged twice, mail me at [email]", "track my parcel"}, false},
		"hashed":     {"hash", nil, true},
		"not at all": {"none", nil, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			ledger := chatted(t, test.keep)
			got := runWith(t, "", "report", "export", "--ledger", ledger)
			if got.code != exitDone || (got.err != "") != test.hint {
				t.Fatalf("code %d, %q", got.code, got.err)
			}
			var texts []string
			if got.out != "" {
				prompts, err := routes.ReadLabelled(strings.NewReader(got.out), "export")
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range prompts {
					texts = append(texts, p.Text)
				}
			}
			if diff := cmp.Diff(test.texts, texts); diff != "" {
				t.Errorf("texts (-want +got):\n%s", diff)
			}
			all := runWith(t, "", "report", "export", "--all", "--ledger", ledger)
			if n := strings.Count(all.out, "\n"); n != 3 {
				t.Errorf("%d records with --all, want 3", n)
			}
		})
	}
}

func TestReportIsRefused(t *testing.T) {
	tests := map[string]struct {
		args []string
		code int
		says string
	}{
		"without a ledger":     {[]string{"report"}, exitWrongUse, "give --ledger PATH"},
		"with a negative span": {[]string{"report", "--ledger", "x", "--since", "-1h"}, exitWrongUse, "--since"},
		"where there is none":  {[]string{"report", "--ledger", filepath.Join(t.TempDir(), "none.db")}, exitFailed, "--ledger: "},
		"of another file":      {[]string{"report", "export", "--ledger", "report_test.go"}, exitFailed, "--ledger: "},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := runWith(t, "", test.args...)
			if got.code != test.code || !strings.Contains(got.err, test.says) {
				t.Errorf("code %d, %q", got.code, got.err)
			}
		})
	}
}
