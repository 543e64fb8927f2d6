package lint

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/semroute/semroute/eval"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// normalise makes texts equal that differ only in case, spacing, the form of
// their characters, or the punctuation and spaces around them.
func normalise(text string) string {
	text = cases.Fold().String(norm.NFKC.String(text))
	text = strings.Join(strings.FieldsFunc(text, func(c rune) bool {
		return unicode.IsSpace(c) || unicode.IsControl(c)
	}), " ")
	trimmed := strings.TrimFunc(text, func(c rune) bool { return unicode.IsPunct(c) || c == ' ' })
	if trimmed == "" {
		return text // it is all punctuation
	}
	return trimmed
}

// maxCompared bounds, in characters, what is compared edit by edit: texts that
// agree this far are close enough for a person to look at.
const maxCompared = 400

// editSimilarity is 1 minus the share of characters that have to be inserted,
// dropped or replaced to make one text the other; 1 for two empty texts.
func editSimilarity(a, b string) float64 {
	x, y := firstRunes(a), firstRunes(b)
	longer := max(len(x), len(y))
	if longer == 0 {
		return 1
	}
	return 1 - float64(editDistance(x, y))/float64(longer)
}

func firstRunes(s string) []rune {
	if len(s) > 4*maxCompared {
		s = s[:4*maxCompared]
	}
	runes := []rune(s)
	return runes[:min(len(runes), maxCompared)]
}

func editDistance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

// named is a route as a message shows it.
type named string

// String quotes the name; entries of no route stand in the catalog's none list.
func (n named) String() string {
	if n == "" {
		return "none"
	}
	return strconv.Quote(string(n))
}

// maxQuoted bounds, in characters, how much of a text a message quotes.
const maxQuoted = 120

// quoted is the text as a message shows it: on one line, shortened.
type quoted string

// String quotes the beginning of the text.
func (q quoted) String() string {
	return strconv.Quote(eval.Shorten(string(q), maxQuoted))
}
