package report

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/eval"
	"github.com/semroute/semroute/eval/evaltest"
)

func shopSummary(t *testing.T) Summary {
	t.Helper()
	return Summarise(eval.Measured(evaltest.Answered(evaltest.Mixed())), "shop.jsonl", "static 0badc0de", "2026-11-23")
}

func written(t *testing.T, s Summary) string {
	t.Helper()
	var b strings.Builder
	if _, err := s.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSummary(t *testing.T) { evaltest.Golden(t, "summary.golden", written(t, shopSummary(t))) }

func TestSummaryIsReadAsWritten(t *testing.T) {
	text := written(t, shopSummary(t))
	got, err := ParseSummary(strings.NewReader("# measured by hand\n\n" + text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(text, written(t, got)); diff != "" {
		t.Error(diff)
	}
	if differences := got.Compare(shopSummary(t), 0); differences != nil {
		t.Errorf("rounding counts as a difference: %q", differences)
	}
}

func TestSummaryCompare(t *testing.T) {
	set := func(s Summary, name string, v *float64) Summary {
		s.Measures = append([]eval.Measure(nil), s.Measures...)
		for i := range s.Measures {
			if s.Measures[i].Name == name {
				s.Measures[i].Value = v
			}
		}
		return s
	}
	base := set(shopSummary(t), "accuracy", ptr(.9))
	for _, c := range []struct {
		name   string
		change func(Summary) Summary
		want   []string
	}{
		{"nothing", func(s Summary) Summary { return s }, nil},
		{"another day", func(s Summary) Summary { s.Date = "2027-01-01"; return s }, nil},
		{"within the tolerance", func(s Summary) Summary { return set(s, "accuracy", ptr(.91)) }, nil},
		{"better", func(s Summary) Summary { return set(s, "accuracy", ptr(.9102)) }, []string{"accuracy was 0.9000, is 0.9102"}},
		{"worse", func(s Summary) Summary { return set(s, "accuracy", ptr(.88)) }, []string{"accuracy was 0.9000, is 0.8800"}},
		{"now undefined", func(s Summary) Summary { return set(s, "oos_recall", nil) }, []string{"oos_recall was 0.6667, is none"}},
		{"now defined", func(s Summary) Summary { return set(s, "robustness.typo_flips", ptr(.1)) }, []string{"robustness.typo_flips was none, is 0.1000"}},
		{"another embedder", func(s Summary) Summary { s.Embedder = "ollama"; return s }, []string{"embedder was static 0badc0de, is ollama"}},
		{"fewer prompts", func(s Summary) Summary { s.Queries = 9; return s }, []string{"queries was 10, is 9"}},
		{"a measure gone", func(s Summary) Summary { s.Measures = s.Measures[1:]; return s }, []string{"n_in_scope is not measured any more"}},
		{"a new measure", func(s Summary) Summary {
			s.Measures = append(append([]eval.Measure(nil), s.Measures...), eval.Measure{Name: "wit"})
			return s
		}, []string{"wit is not in the summary; write it anew"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, base.Compare(c.change(base), .01)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseSummaryRefuses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", `this is not a summary: it does not give "queries"`},
		{"queries: many", `this is not a summary: line 1: "many" is not a count`},
		{"queries: 1\naccuracy: NaN", `this is not a summary: line 2: "NaN" is neither a number nor none`},
		{"queries: 1\nqueries: 1", `this is not a summary: line 2 gives "queries" again`},
		{"hello", `this is not a summary: line 1 is not a name, a colon and a value`},
	} {
		if _, err := ParseSummary(strings.NewReader(c.text)); !errors.Is(err, ErrSummary) || err.Error() != c.want {
			t.Errorf("%q: got %v", c.text, err)
		}
	}
}

func FuzzParseSummary(f *testing.F) {
	f.Add("set: a\nqueries: 3\nembedder: e\ndate: d\naccuracy: 0.5\nece: none\n")
	f.Add("queries: 1\nn_x: 3\n: 1")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSummary(strings.NewReader(text))
		if err != nil {
			return
		}
		first := written(t, s)
		again, err := ParseSummary(strings.NewReader(first))
		if err != nil {
			t.Fatalf("%q cannot be read again: %v", first, err)
		}
		if second := written(t, again); first != second {
			t.Fatalf("%q became %q", first, second)
		}
	})
}

func ptr(v float64) *float64 { return &v }
