package measure

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

// WriteTable prints the rows for people, what was asked beside what was
// reached.
func (rows Rows) WriteTable(w io.Writer) error {
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
		return "≤ " + Number(*r.Target)
	}
	return "≥ " + Number(*r.Target)
}

func (r Row) reachedText() string {
	if r.Value == nil {
		return "-"
	}
	return Number(*r.Value)
}

func (r Row) spreadText() string {
	if r.Spread == nil {
		return ""
	}
	return Number(r.Spread[0]) + " to " + Number(r.Spread[1])
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

// Number prints three or more digits, never an exponent.
func Number(v float64) string {
	switch size := math.Abs(v); {
	case v == math.Trunc(v) && size < 1e15, size >= 1000:
		return fmt.Sprintf("%.0f", v)
	case size >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.3f", v)
}

// WriteFile writes the rows as one JSON list and makes the folder for it.
func (rows Rows) WriteFile(path string) error {
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
