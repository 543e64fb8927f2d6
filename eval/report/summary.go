package report

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/semroute/semroute/eval"
)

// Summary is what is kept of a result in a repository, to notice when
// decisions get better or worse. It has no latency, which depends on the
// machine.
type Summary struct {
	// Set names the prompts, Queries counts them.
	Set     string
	Queries int
	// Embedder names what embedded the prompts, with its fingerprint.
	Embedder string
	// Date is when it was measured, as YYYY-MM-DD. It is not compared.
	Date string
	// Measures are in their order; undefined ones have no value.
	Measures []eval.Measure
}

// summaryDigits are the digits after the point of a measure.
const summaryDigits = 4

// summarised are the measures of a summary.
var summarised = [...]string{
	"n_in_scope", "n_out_of_scope", "accuracy", "in_scope_accuracy", "oos_recall", "oos_auroc", "coverage",
	"precision", "macro_f1", "ece", "aurc", "embed_calls_saved",
	"robustness.typo_flips", "robustness.case_flips",
}

// Summarise takes the numbers that are the same on every machine.
func Summarise(r *eval.Result, set, embedder, date string) Summary {
	s := Summary{Set: set, Queries: r.N, Embedder: embedder, Date: date}
	values := map[string]*float64{}
	for _, m := range r.Overall() {
		values[m.Name] = m.Value
	}
	for _, name := range summarised {
		s.Measures = append(s.Measures, eval.Measure{Name: name, Value: values[name]})
	}
	return s
}

// The words in front of what is not a measure.
const (
	summarySet      = "set"
	summaryQueries  = "queries"
	summaryEmbedder = "embedder"
	summaryDate     = "date"
	undefined       = "none"
)

// WriteTo writes the summary in the form that ParseSummary reads: a name and
// a value a line.
func (s Summary) WriteTo(w io.Writer) (int64, error) {
	var b strings.Builder
	line := func(name, value string) { fmt.Fprintf(&b, "%-24s %s\n", name+":", value) }
	line(summarySet, oneLine(s.Set))
	line(summaryQueries, strconv.Itoa(s.Queries))
	line(summaryEmbedder, oneLine(s.Embedder))
	line(summaryDate, oneLine(s.Date))
	for _, m := range s.Measures {
		line(m.Name, formatMeasure(m))
	}
	n, err := io.WriteString(w, b.String())
	if err != nil {
		err = fmt.Errorf("writing the summary: %w", err)
	}
	return int64(n), err
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func formatMeasure(m eval.Measure) string {
	switch {
	case m.Value == nil:
		return undefined
	case strings.HasPrefix(m.Name, "n_"): // a count
		return strconv.FormatFloat(*m.Value, 'f', -1, 64)
	}
	return strconv.FormatFloat(*m.Value, 'f', summaryDigits, 64)
}

// Compare says, a line each, where now is not as the summary: other prompts,
// another embedder, or a measure that is off by more than the tolerance,
// better or worse. Half a unit of the last written digit is always allowed.
func (s Summary) Compare(now Summary, tolerance float64) []string {
	var differences []string
	differ := func(name, was, is string) {
		if was != is {
			differences = append(differences, fmt.Sprintf("%s was %s, is %s", name, was, is))
		}
	}
	differ(summarySet, oneLine(s.Set), oneLine(now.Set))
	differ(summaryQueries, strconv.Itoa(s.Queries), strconv.Itoa(now.Queries))
	differ(summaryEmbedder, oneLine(s.Embedder), oneLine(now.Embedder))
	values := map[string]eval.Measure{}
	for _, m := range now.Measures {
		values[m.Name] = m
	}
	tolerance += 0.5000001 * math.Pow10(-summaryDigits)
	for _, m := range s.Measures {
		is, known := values[m.Name]
		delete(values, m.Name)
		switch {
		case !known:
			differences = append(differences, m.Name+" is not measured any more")
		case m.Value != nil && is.Value != nil && math.Abs(*m.Value-*is.Value) <= tolerance:
		default:
			differ(m.Name, formatMeasure(m), formatMeasure(is))
		}
	}
	for _, m := range now.Measures {
		if _, fresh := values[m.Name]; fresh {
			differences = append(differences, m.Name+" is not in the summary; write it anew")
		}
	}
	return differences
}
