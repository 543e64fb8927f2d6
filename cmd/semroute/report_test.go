package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/sqlite"
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

// TestReportNamesNumbersThatCannotBeRight: a ledger with them is summed up all
// the same, without them, and says which they are.
func TestReportNamesNumbersThatCannotBeRight(t *testing.T) {
	ledger := filepath.Join(t.TempDir(), "calls.db")
	s, err := sqlite.Open(t.Context(), ledger, store.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, tokens := range []int64{10, math.MaxInt64, math.MaxInt64, -5} {
		s.Append(store.Record{Time: time.Now(), Route: "a", Model: "liar", User: "ann", Forwarded: true, InputTokens: tokens, Answer: 7, Body: []byte("{}")})
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	got := runWith(t, "", "report", "--ledger", ledger)
	for _, part := range []string{
		"3 calls with numbers that cannot be right: tokens and cost are left out of the sums.",
		"route a, model liar, user ann: 9223372036854775807 tokens in, 0 out, $0.000000007", ": -5 tokens in",
	} {
		if got.code != exitDone || !strings.Contains(got.out, part) {
			t.Errorf("code %d, %q: %q is not in\n%s", got.code, got.err, part, got.out)
		}
	}
	if sums := sumsOf(t, ledger); sums.Total.Total != 7 || sums.Total.InputTokens != 10 || sums.Total.LeftOut != 3 || len(sums.Odd) != 3 {
		t.Errorf("sums are %+v", sums)
	}
}

// TestALedgerHasOneWriter: the second says who writes, and reports go on.
func TestALedgerHasOneWriter(t *testing.T) {
	ledger := chatted(t, "none")
	s, err := sqlite.Open(t.Context(), ledger, store.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	d := startDoubles(t, scripts(says("one")), scripts(says("two")))
	for _, command := range [][]string{
		{"serve", "--catalog", d.catalog, "--ledger", ledger, "--listen", "127.0.0.1:0"},
		{"chat", "--catalog", d.catalog, "--ledger", ledger, "where is my refund"},
	} {
		got := runWith(t, "", command...)
		if says := fmt.Sprintf("is written by process %d on host ", os.Getpid()); got.code != exitFailed || !strings.Contains(got.err, says) {
			t.Errorf("%s: code %d, %q", command[0], got.code, got.err)
		}
	}
	if total := sumsOf(t, ledger).Total; total.Calls != 3 {
		t.Errorf("the report has %d calls", total.Calls)
	}
	if got := runWith(t, "", "report", "export", "--all", "--ledger", ledger); strings.Count(got.out, "\n") != 3 {
		t.Errorf("code %d, %q, exported %q", got.code, got.err, got.out)
	}
}
