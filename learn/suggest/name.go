package suggest

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode"
)

// nameWords is how many words a proposed name has.
const nameWords = 2

// propose makes a name for a new route of the words that its prompts share and
// that other texts seldom have. It is a placeholder that a person should
// replace. taken are the names in use.
func propose(prompts, others []string, taken map[string]bool) string {
	inside, outside := documentShare(prompts), documentShare(others)
	type scored struct {
		word  string
		score float64
	}
	var list []scored
	for _, word := range slices.Sorted(maps.Keys(inside)) {
		if len([]rune(word)) > 2 && !digitsOnly(word) {
			list = append(list, scored{word, inside[word] * math.Log(1/(outside[word]+1/float64(len(others)+2)))})
		}
	}
	slices.SortStableFunc(list, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	var words []string
	for _, s := range list[:min(nameWords, len(list))] {
		words = append(words, s.word)
	}
	stem := strings.Join(words, "_")
	if stem == "" {
		stem = "new_route"
	}
	name := stem
	for n := 2; taken[name]; n++ {
		name = fmt.Sprintf("%s_%d", stem, n)
	}
	return name
}

// documentShare is the share of the texts that hold each word.
func documentShare(texts []string) map[string]float64 {
	share := map[string]float64{}
	for _, text := range texts {
		words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		slices.Sort(words)
		for _, word := range slices.Compact(words) {
			share[word] += 1 / float64(len(texts))
		}
	}
	return share
}

func digitsOnly(word string) bool {
	return !strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsDigit(r) })
}
