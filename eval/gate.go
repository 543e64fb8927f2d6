package eval

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/semroute/semroute/routes"
)

// ErrCondition says that a condition cannot be read or names no measure.
var ErrCondition = errors.New("bad condition")

// Condition bounds one measure.
type Condition struct {
	Measure string  `json:"measure"`
	Bound   float64 `json:"bound"`
	// Max says that Bound is an upper bound; it is a lower one otherwise.
	// Reaching the bound is enough.
	Max bool `json:"max"`
}

// String gives the condition as it can be parsed.
func (c Condition) String() string {
	sign := ">="
	if c.Max {
		sign = "<="
	}
	return c.Measure + sign + strconv.FormatFloat(c.Bound, 'g', -1, 64)
}

// Gate is a list of conditions that a result has to meet.
type Gate []Condition

// ParseGate reads lower bounds ("accuracy=0.95", "accuracy>=0.95") and upper
// bounds ("ece=0.02", "ece<=0.02"). The error, an ErrCondition, says what is
// wrong with which condition and names the nearest measure to an unknown one;
// whether a route's measure ("per_route.NAME.f1") exists is seen by Check.
func ParseGate(minimums, maximums []string) (Gate, error) {
	gate := make(Gate, 0, len(minimums)+len(maximums))
	for i, text := range slices.Concat(minimums, maximums) {
		c, err := parseCondition(text, i >= len(minimums))
		if err != nil {
			return nil, err
		}
		gate = append(gate, c)
	}
	return gate, nil
}

func parseCondition(text string, isMax bool) (Condition, error) {
	name, value, found := strings.Cut(text, "=")
	sign, example, other := ">", "accuracy=0.95", "<"
	if isMax {
		sign, example, other = "<", "ece=0.02", ">"
	}
	name = strings.TrimSpace(name)
	if !found || name == "" {
		return Condition{}, fmt.Errorf("%w %q: write it like %s", ErrCondition, text, example)
	}
	if strings.HasSuffix(name, other) {
		return Condition{}, fmt.Errorf("%w %q: the sign points the wrong way for this kind of bound, write it like %s", ErrCondition, text, example)
	}
	name = strings.TrimSpace(strings.TrimSuffix(name, sign))
	bound, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || math.IsNaN(bound) || math.IsInf(bound, 0) {
		return Condition{}, fmt.Errorf("%w %q: %q is not a number", ErrCondition, text, value)
	}
	if known := overallNames(); !isRouteMeasure(name) && !slices.Contains(known, name) {
		return Condition{}, unknownMeasure(name, known)
	}
	return Condition{Measure: name, Bound: bound, Max: isMax}, nil
}

func unknownMeasure(name string, known []string) error {
	if near, ok := routes.Nearest(name, known); ok {
		return fmt.Errorf("%w: there is no measure %q; did you mean %q?", ErrCondition, name, near)
	}
	return fmt.Errorf("%w: there is no measure %q; there are %s and %sNAME.f1", ErrCondition, name,
		strings.Join(overallNames(), ", "), routeMeasure)
}

// Check is what came of one condition.
type Check struct {
	Condition
	// Value is nil where the measure is not defined for the data; this fails.
	Value *float64 `json:"value"`
	OK    bool     `json:"ok"`
}

// String says in one line what was asked and what was found.
func (c Check) String() string {
	word := "at least"
	if c.Max {
		word = "at most"
	}
	if c.Value == nil {
		return fmt.Sprintf("%s is not defined for this data, %s %v was asked", c.Measure, word, c.Bound)
	}
	return fmt.Sprintf("%s is %s, %s %v was asked", c.Measure, strconv.FormatFloat(*c.Value, 'g', 6, 64), word, c.Bound)
}

// Check evaluates all conditions, in order. It fails with ErrCondition where
// one names a measure that the result does not have.
func (g Gate) Check(r *Result) ([]Check, error) {
	values, names := map[string]*float64{}, []string{}
	for _, m := range r.Measures() {
		values[m.Name] = m.Value
		names = append(names, m.Name)
	}
	checks := make([]Check, 0, len(g))
	for _, c := range g {
		v, known := values[c.Measure]
		if !known {
			return nil, unknownMeasure(c.Measure, names)
		}
		ok := v != nil && (c.Max && *v <= c.Bound || !c.Max && *v >= c.Bound)
		checks = append(checks, Check{Condition: c, Value: v, OK: ok})
	}
	return checks, nil
}

// Failing are the checks that are not OK.
func Failing(checks []Check) []Check {
	return slices.DeleteFunc(slices.Clone(checks), func(c Check) bool { return c.OK })
}
