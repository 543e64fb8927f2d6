package store

import (
	"context"
	"fmt"
	"time"
)

// The bounds of a timeline.
const (
	// MaxSteps is how many steps one has at most.
	MaxSteps = 500
	// MaxLines is how many routes, reasons or models it names at most; usualLines
	// where nobody says.
	MaxLines   = 50
	usualLines = 12
	// MaxSummed is how many records, and how many attempts, it looks at at most.
	MaxSummed = 500_000
)

// Timelines sum up records over time.
type Timelines interface {
	// Timeline sums up what was kept in a span, in steps of equal length. An
	// ErrInvalid says what is wrong with the filter. What was appended is in it
	// once it is kept, see Records.
	Timeline(ctx context.Context, f TimelineFilter) (Timeline, error)
}

// TimelineFilter says what is summed up.
type TimelineFilter struct {
	// Since and Before bound the time: not before, and before. Both are needed.
	Since, Before time.Time
	// Step is how long a step is; they begin at Since.
	Step time.Duration
	// Lines is how many routes, reasons and models are named, those with the most
	// records; 0 is 12, more than MaxLines is MaxLines.
	Lines int
}

// Check is nil for what can be summed up, otherwise an ErrInvalid.
func (f TimelineFilter) Check() error {
	switch {
	case f.Since.IsZero() || f.Before.IsZero() || !f.Since.Before(f.Before):
		return fmt.Errorf("%w: a timeline needs a beginning before its end", ErrInvalid)
	case f.Step <= 0:
		return fmt.Errorf("%w: a timeline needs steps longer than nothing", ErrInvalid)
	case f.Steps() > MaxSteps:
		return fmt.Errorf("%w: a timeline has at most %d steps: ask for a shorter span or longer steps", ErrInvalid, MaxSteps)
	}
	return nil
}

// Steps is how many there are; the last may reach beyond Before.
func (f TimelineFilter) Steps() int {
	n := f.Before.Sub(f.Since) / f.Step
	if f.Step*n < f.Before.Sub(f.Since) {
		n++
	}
	return int(min(n, MaxSteps+1))
}

// Named is how many lines are named.
func (f TimelineFilter) Named() int {
	if f.Lines <= 0 {
		return usualLines
	}
	return min(f.Lines, MaxLines)
}

// Timeline is what a span came to. Each list over time has one element a step.
type Timeline struct {
	// From is the beginning of the first step that is summed up: Since, or later
	// where the span has more than MaxSummed records. The steps before it are 0.
	From time.Time
	// Steps are the sums, without names.
	Steps []Sum
	// Routes count the decisions for a route, Reasons those for none. A record of
	// an earlier version of this program has the reason "".
	Routes, Reasons []Line
	Models          []ModelLine
	// Decided is how long decisions took, Answered how long forwarded calls did,
	// those without a complete answer too.
	Decided, Answered []Quantiles
}

// Line is a number over time.
type Line struct {
	Name string
	// Other holds together all that have no line of their own.
	Other  bool
	Counts []int64
}

// ModelLine is what was asked of a model.
type ModelLine struct {
	Name  string
	Other bool
	// Asked counts attempts, Failed those of them that the model did not answer.
	Asked, Failed []int64
	// Took is how long attempts took over the whole span; empty for Other.
	Took Quantiles
}

// Quantiles are of Count durations; each is one that occurred.
type Quantiles struct {
	Count         int64
	P50, P90, P99 time.Duration
}
