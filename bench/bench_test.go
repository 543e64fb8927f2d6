package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRunTellsWhatCouldNotBeMeasured(t *testing.T) {
	var progress bytes.Buffer
	rows, err := Run(t.Context(), Options{Only: []string{"aurelio"}, Progress: &progress})
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1 || rows[0].Value != nil || !strings.Contains(rows[0].Note, "skipped") {
		t.Errorf("got %+v; want one row without a value that says why", rows)
	}
	if !strings.Contains(progress.String(), "aurelio: skipped") {
		t.Errorf("progress is silent about it: %q", progress.String())
	}
}

func TestUnknownBenchmarkIsRefused(t *testing.T) {
	if _, err := Run(t.Context(), Options{Only: []string{"ledger", "speed"}}); !errors.Is(err, ErrUnknown) {
		t.Errorf("got %v; want ErrUnknown", err)
	}
}

func TestNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, b := range List() {
		if seen[b.Name] || b.Name == "" || b.About == "" {
			t.Errorf("benchmark %q is named twice or says nothing", b.Name)
		}
		seen[b.Name] = true
	}
}

// TestLedgerRuns runs a whole benchmark that needs nothing.
func TestLedgerRuns(t *testing.T) {
	rows, err := Run(t.Context(), Options{Only: []string{"ledger"}, Quick: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 || rows[0].Value == nil || *rows[0].Value <= 0 || rows[0].Target == nil {
		t.Errorf("got %+v", rows)
	}
	if rows[1].Met == nil || !*rows[1].Met {
		t.Errorf("records were lost: %+v", rows[1])
	}
}

func TestAlternateTakesTurns(t *testing.T) {
	var order strings.Builder
	count := 0.0
	named := func(name string) arm {
		return func(context.Context) (float64, error) {
			order.WriteString(name)
			count++
			return count, nil
		}
	}
	values, err := alternate(t.Context(), 3, named("A"), named("B"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := order.String(), "BAABBAAB"; got != want {
		t.Errorf("order %q, want %q", got, want)
	}
	if diff := cmp.Diff([][]float64{{3, 6, 7}, {4, 5, 8}}, values); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

func TestAlternateEndsAtTheFirstError(t *testing.T) {
	boom := errors.New("boom")
	calls := 0
	_, err := alternate(t.Context(), 3, func(context.Context) (float64, error) { calls++; return 0, boom })
	if !errors.Is(err, boom) || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
}

func TestFigures(t *testing.T) {
	tests := []struct {
		name   string
		rounds []float64
		want   figure
	}{
		{"none", nil, figure{}},
		{"one", []float64{4}, figure{4, 4, 4}},
		{"odd", []float64{9, 1, 5}, figure{5, 1, 9}},
		{"even", []float64{4, 1, 2, 9}, figure{3, 1, 9}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := over(tt.rounds); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
	if got, want := divided([]float64{2, 9}, []float64{4, 3}), (figure{1.75, 0.5, 3}); got != want {
		t.Errorf("ratio of rounds %+v, want %+v", got, want)
	}
	if got, want := less([]float64{2, 9}, []float64{4, 3}), (figure{2, -2, 6}); got != want {
		t.Errorf("difference of rounds %+v, want %+v", got, want)
	}
}

func TestQuantile(t *testing.T) {
	values := []float64{5, 3, 1, 4, 2}
	for q, want := range map[float64]float64{0: 1, 0.5: 3, 0.99: 5, 1: 5} {
		if got := quantile(values, q); got != want {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
}

func TestTargets(t *testing.T) {
	for _, tt := range []struct {
		row Row
		met bool
	}{
		{atLeast("x", figure{value: 0.6}, "", 0.6), true},
		{atLeast("x", figure{value: 0.59}, "", 0.6), false},
		{atMost("x", figure{value: 5}, "", 5), true},
		{atMost("x", figure{value: 5.1}, "", 5), false},
	} {
		if *tt.row.Met != tt.met {
			t.Errorf("%s %v, reached %v: met is %v", tt.row.Bound, *tt.row.Target, *tt.row.Value, *tt.row.Met)
		}
	}
}

func TestTableAndFile(t *testing.T) {
	rows := []Row{
		atLeast("decisions ÷ empty calls", figure{0.625, 0.61, 0.7}, "ratio", 0.6).noted("64 callers"),
		atMost("p50", figure{1234.5, 1200, 23.45}, "µs", 20),
		missing("qdrant", "skipped: none here"),
	}
	var table bytes.Buffer
	if err := WriteTable(&table, rows); err != nil {
		t.Fatal(err)
	}
	want := `WHAT                     ASKED    REACHED  UNIT   SPREAD          MET  NOTE
decisions ÷ empty calls  ≥ 0.600  0.625    ratio  0.610 to 0.700  yes  64 callers
p50                      ≤ 20     1234     µs     1200 to 23.4    no   
qdrant                            -                                    skipped: none here
`
	if diff := cmp.Diff(want, table.String()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}

	path := filepath.Join(t.TempDir(), "out", "results.json")
	if err := WriteFile(path, rows); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var read []map[string]any
	if err := json.Unmarshal(raw, &read); err != nil {
		t.Fatal(err)
	}
	first := map[string]any{
		"name": "decisions ÷ empty calls", "value": 0.625, "unit": "ratio", "target": 0.6, "met": true,
		"spread": []any{0.61, 0.7}, "bound": "at least", "note": "64 callers",
	}
	if diff := cmp.Diff(first, read[0]); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
	if v, ok := read[2]["value"]; !ok || v != nil {
		t.Errorf("what was not measured has the value %v, want null", v)
	}
}

func TestSyntheticCatalog(t *testing.T) {
	e, err := newEnv(Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := e.close(); err != nil {
			t.Error(err)
		}
	}()
	big, err := e.large()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := big.label(), "150 routes, 15000 utterances"; got != want {
		t.Errorf("made up %s, want %s", got, want)
	}
	known := map[string]bool{}
	for i := range big.catalog.Routes {
		for _, u := range big.catalog.Routes[i].Utterances {
			known[u] = true
		}
	}
	for _, p := range big.prompts {
		if known[p] {
			t.Fatalf("prompt %q is an utterance or stands twice", p)
		}
		known[p] = true
	}
}
