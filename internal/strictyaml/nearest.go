package strictyaml

import (
	"slices"
	"strings"
)

// maxCompared bounds the length, in characters, of names that are compared by
// edit distance; longer ones get no Suggestion.
const maxCompared = 128

// Nearest returns the known name that a mistyped name most likely means: the
// one with the fewest edits (insert, delete, replace, swap of neighbours, case
// ignored), if these are at most a third of its length. Of equals it returns
// the first in alphabetical order.
func Nearest(name string, known []string) (string, bool) {
	wanted := []rune(strings.ToLower(name))
	if len(wanted) == 0 || len(wanted) > maxCompared {
		return "", false
	}
	// A name of one letter is not a slip of another.
	best, bestDistance := "", 1+min(max(1, len(wanted)/3), len(wanted)-1)
	for _, candidate := range known {
		runes := []rune(strings.ToLower(candidate))
		if len(runes) > maxCompared || abs(len(runes)-len(wanted)) > bestDistance {
			continue
		}
		d := distance(wanted, runes)
		if d < bestDistance || (d == bestDistance && best != "" && candidate < best) {
			best, bestDistance = candidate, d
		}
	}
	return best, best != ""
}

// distance is the optimal string alignment distance of a and b.
func distance(a, b []rune) int {
	var rows [3][maxCompared + 1]int
	before, last, row := rows[0][:len(b)+1], rows[1][:len(b)+1], rows[2][:len(b)+1]
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

// maxListed is how many known names a message lists when none is near.
const maxListed = 8

// Suggestion is the end of a message about an unknown name: the nearest known
// name, else the first few known ones.
func Suggestion(name string, known []string) string {
	if near, ok := Nearest(name, known); ok {
		return "; did you mean " + Quote(near) + "?"
	}
	if len(known) == 0 {
		return "; there are none"
	}
	sorted := slices.Sorted(slices.Values(known))
	if len(sorted) > maxListed {
		return "; known are " + strings.Join(sorted[:maxListed], ", ") + ", …"
	}
	return "; known are " + strings.Join(sorted, ", ")
}
