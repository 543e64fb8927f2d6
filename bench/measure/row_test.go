package measure

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTargets(t *testing.T) {
	for _, tt := range []struct {
		row Row
		met bool
	}{
		{AtLeast("x", Figure{Value: 0.6}, "", 0.6), true},
		{AtLeast("x", Figure{Value: 0.59}, "", 0.6), false},
		{AtMost("x", Figure{Value: 5}, "", 5), true},
		{AtMost("x", Figure{Value: 5.1}, "", 5), false},
	} {
		if *tt.row.Met != tt.met {
			t.Errorf("%s %v, reached %v: met is %v", tt.row.Bound, *tt.row.Target, *tt.row.Value, *tt.row.Met)
		}
	}
}

func TestTableAndFile(t *testing.T) {
	rows := Rows{
		AtLeast("decisions ÷ empty calls", Figure{0.625, 0.61, 0.7}, "ratio", 0.6).Noted("64 callers"),
		AtMost("p50", Figure{1234.5, 1200, 23.45}, "µs", 20),
		Missing("qdrant", "skipped: none here"),
	}
	var table bytes.Buffer
	if err := rows.WriteTable(&table); err != nil {
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
	if err := rows.WriteFile(path); err != nil {
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
