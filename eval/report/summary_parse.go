package report

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/semroute/semroute/eval"
)

// ErrSummary says that a text is not a summary.
var ErrSummary = errors.New("this is not a summary")

// maxSummary bounds, in bytes, what is read of a summary.
const maxSummary = 1 << 20

// ParseSummary reads what Summary.WriteTo wrote. Empty lines and lines that
// begin with # are passed over. Errors are ErrSummary, with the line.
func ParseSummary(r io.Reader) (Summary, error) {
	var s Summary
	seen := map[string]bool{}
	scanner := bufio.NewScanner(io.LimitReader(r, maxSummary))
	for number := 1; scanner.Scan(); number++ {
		line := strings.TrimSpace(scanner.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, found := strings.Cut(line, ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !found || name == "" {
			return Summary{}, fmt.Errorf("%w: line %d is not a name, a colon and a value", ErrSummary, number)
		}
		if seen[name] {
			return Summary{}, fmt.Errorf("%w: line %d gives %q again", ErrSummary, number, name)
		}
		seen[name] = true
		if err := s.set(name, value); err != nil {
			return Summary{}, fmt.Errorf("%w: line %d: %w", ErrSummary, number, err)
		}
	}
	if err := scanner.Err(); err != nil {
		return Summary{}, fmt.Errorf("%w: %w", ErrSummary, err)
	}
	if !seen[summaryQueries] {
		return Summary{}, fmt.Errorf("%w: it does not give %q", ErrSummary, summaryQueries)
	}
	return s, nil
}

func (s *Summary) set(name, value string) error {
	switch name {
	case summarySet:
		s.Set = value
	case summaryEmbedder:
		s.Embedder = value
	case summaryDate:
		s.Date = value
	case summaryQueries:
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 {
			return fmt.Errorf("%q is not a count", value)
		}
		s.Queries = n
	default:
		m := eval.Measure{Name: name}
		if value != undefined {
			v, err := strconv.ParseFloat(value, 64)
			if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("%q is neither a number nor %s", value, undefined)
			}
			m.Value = &v
		}
		s.Measures = append(s.Measures, m)
	}
	return nil
}
