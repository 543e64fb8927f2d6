package store

import (
	"cmp"
	"slices"
	"time"
)

// LineCount is a number of one step, as a database groups it.
type LineCount struct {
	Step  int
	Name  string
	Other bool
	// Count is of all, Failed of those of a model that failed.
	Count, Failed int64
}

// From is where a timeline begins whose records up to cut are not looked at: with
// the first whole step after it. The zero time cuts nothing.
func (f TimelineFilter) From(cut time.Time) time.Time {
	if cut.Before(f.Since) {
		return f.Since
	}
	return f.Since.Add((cut.Sub(f.Since)/f.Step + 1) * f.Step)
}

// LinesOf are numbers by name: the largest in all first, equal ones by name, Other
// last.
func LinesOf(steps int, counts []LineCount) []Line {
	var lines []Line
	for _, m := range ModelLinesOf(steps, counts) {
		lines = append(lines, Line{Name: m.Name, Other: m.Other, Counts: m.Asked})
	}
	return lines
}

// ModelLinesOf are the same for models.
func ModelLinesOf(steps int, counts []LineCount) []ModelLine {
	type key struct {
		name  string
		other bool
	}
	place, sums, lines := map[key]int{}, map[key]int64{}, []ModelLine(nil)
	for _, c := range counts {
		if c.Step < 0 || c.Step >= steps {
			continue
		}
		k := key{c.Name, c.Other}
		i, ok := place[k]
		if !ok {
			i = len(lines)
			place[k] = i
			lines = append(lines, ModelLine{Name: c.Name, Other: c.Other, Asked: make([]int64, steps), Failed: make([]int64, steps)})
		}
		lines[i].Asked[c.Step] += c.Count
		lines[i].Failed[c.Step] += c.Failed
		sums[k] += c.Count
	}
	slices.SortFunc(lines, func(a, b ModelLine) int {
		if a.Other != b.Other {
			if a.Other {
				return 1
			}
			return -1
		}
		return cmp.Or(cmp.Compare(sums[key{b.Name, b.Other}], sums[key{a.Name, a.Other}]), cmp.Compare(a.Name, b.Name))
	})
	return lines
}
