package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
)

// Row is one line of the result. Value, Target, Met and Spread are nil where
// they do not apply: nothing was measured, nothing is asked.
type Row struct {
	Name   string   `json:"name"`
	Value  *float64 `json:"value"`
	Unit   string   `json:"unit"`
	Target *float64 `json:"target"`
	Met    *bool    `json:"met"`
	// Spread is the smallest and the largest value of the rounds.
	Spread *[2]float64 `json:"spread"`
	// Bound says how Target is meant: "at least" or "at most".
	Bound string `json:"bound,omitempty"`
	// Note says what the number stands on, or why there is none.
	Note string `json:"note,omitempty"`
}

// Bounds of a target.
const (
	boundAtLeast = "at least"
	boundAtMost  = "at most"
)

// plain is a row that nothing is asked of.
func plain(name string, f figure, unit string) Row {
	return Row{Name: name, Value: &f.value, Unit: unit, Spread: &[2]float64{f.low, f.high}}
}

// atLeast is a row that must reach the target.
func atLeast(name string, f figure, unit string, target float64) Row {
	return plain(name, f, unit).asked(boundAtLeast, target, f.value >= target)
}

// atMost is a row that must not pass the target.
func atMost(name string, f figure, unit string, target float64) Row {
	return plain(name, f, unit).asked(boundAtMost, target, f.value <= target)
}

func (r Row) asked(bound string, target float64, met bool) Row {
	r.Bound, r.Target, r.Met = bound, &target, &met
	return r
}

func (r Row) noted(format string, args ...any) Row {
	r.Note = fmt.Sprintf(format, args...)
	return r
}

// missing is the row of a benchmark that measured nothing.
func missing(name, why string) Row { return Row{Name: name, Note: why} }

// WriteTable prints the rows for people, what was asked beside what was
// reached.
func WriteTable(w io.Writer, rows []Row) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "WHAT\tASKED\tREACHED\tUNIT\tSPREAD\tMET\tNOTE")
	for _, r := range rows {
		_, _ = fmt.Fprintln(table, strings.Join([]string{
			r.Name, r.askedText(), r.reachedText(), r.Unit, r.spreadText(), r.metText(), r.Note,
		}, "\t"))
	}
	return table.Flush()
}

func (r Row) askedText() string {
	switch {
	case r.Target == nil:
		return ""
	case r.Bound == boundAtMost:
		return "≤ " + number(*r.Target)
	}
	return "≥ " + number(*r.Target)
}

func (r Row) reachedText() string {
	if r.Value == nil {
		return "-"
	}
	return number(*r.Value)
}

func (r Row) spreadText() string {
	if r.Spread == nil {
		return ""
	}
	return number(r.Spread[0]) + " to " + number(r.Spread[1])
}

func (r Row) metText() string {
	switch {
	case r.Met == nil:
		return ""
	case *r.Met:
		return "yes"
	}
	return "no"
}

// number prints three or more digits, never an exponent.
func number(v float64) string {
	switch size := math.Abs(v); {
	case v == math.Trunc(v) && size < 1e15, size >= 1000:
		return fmt.Sprintf("%.0f", v)
	case size >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.3f", v)
}

// WriteFile writes the rows as one JSON list and makes the folder for it.
func WriteFile(path string, rows []Row) error {
	raw, err := json.MarshalIndent(rows, "", "  ")
	if err != nil {
		return fmt.Errorf("results as JSON: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("results: %w", err)
	}
	if err := os.WriteFile(path, append(raw, '\n'), 0o600); err != nil {
		return fmt.Errorf("results: %w", err)
	}
	return nil
}
