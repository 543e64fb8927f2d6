package measure

import (
	"fmt"
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

// Rows are the lines of a result, in their order.
type Rows []Row

// Bounds of a target.
const (
	boundAtLeast = "at least"
	boundAtMost  = "at most"
)

// Plain is a row that nothing is asked of.
func Plain(name string, f Figure, unit string) Row {
	return Row{Name: name, Value: &f.Value, Unit: unit, Spread: &[2]float64{f.Low, f.High}}
}

// AtLeast is a row that must reach the target.
func AtLeast(name string, f Figure, unit string, target float64) Row {
	return Plain(name, f, unit).asked(boundAtLeast, target, f.Value >= target)
}

// AtMost is a row that must not pass the target.
func AtMost(name string, f Figure, unit string, target float64) Row {
	return Plain(name, f, unit).asked(boundAtMost, target, f.Value <= target)
}

func (r Row) asked(bound string, target float64, met bool) Row {
	r.Bound, r.Target, r.Met = bound, &target, &met
	return r
}

// Noted is the row with a note; what an earlier one said is gone.
func (r Row) Noted(format string, args ...any) Row {
	r.Note = fmt.Sprintf(format, args...)
	return r
}

// Missing is the row of a benchmark that measured nothing.
func Missing(name, why string) Row { return Row{Name: name, Note: why} }
