package eval

import (
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"
)

// keyRows is the keyboard whose neighbours are hit by mistake.
var keyRows = [...]string{"qwertyuiop", "asdfghjkl", "zxcvbnm"}

// typoKinds are the slips of a hand: swap with the next letter, drop, double,
// hit a neighbouring key.
const typoKinds = 4

// addTypo puts one random typo into a text, at a letter. It reports false when
// the text has no letter. The result always differs from the text.
func addTypo(text string, random *rand.Rand) (string, bool) {
	runes := []rune(text)
	at := letters(runes)
	if len(at) == 0 {
		return "", false
	}
	i, first := at[random.IntN(len(at))], random.IntN(typoKinds)
	for k := range typoKinds {
		if changed := applyTypo(runes, i, (first+k)%typoKinds, random); changed != nil && string(changed) != text {
			return string(changed), true
		}
	}
	return string(slices.Insert(slices.Clone(runes), i, runes[i])), true
}

// applyTypo gives the runes with a typo at letter i, nil where this kind of
// typo cannot be made there.
func applyTypo(runes []rune, i, kind int, random *rand.Rand) []rune {
	changed := slices.Clone(runes)
	switch kind {
	case 0:
		if i+1 == len(runes) || !unicode.IsLetter(runes[i+1]) {
			return nil
		}
		changed[i], changed[i+1] = changed[i+1], changed[i]
	case 1:
		if len(letters(runes)) == 1 { // dropping it would leave nothing to route
			return nil
		}
		changed = slices.Delete(changed, i, i+1)
	case 2:
		changed = slices.Insert(changed, i, runes[i])
	default:
		key, ok := neighbourKey(runes[i], random)
		if !ok {
			return nil
		}
		changed[i] = key
	}
	return changed
}

// neighbourKey is a key to the left or right of the letter's, in its case.
func neighbourKey(letter rune, random *rand.Rand) (rune, bool) {
	lower := unicode.ToLower(letter)
	for _, row := range keyRows {
		i := strings.IndexRune(row, lower)
		if i < 0 {
			continue
		}
		i += 1 - 2*random.IntN(2)
		switch {
		case i < 0:
			i = 1
		case i == len(row):
			i = len(row) - 2
		}
		key := rune(row[i])
		if lower != letter {
			key = unicode.ToUpper(key)
		}
		return key, true
	}
	return 0, false
}

// letters are the places of the letters in a text.
func letters(runes []rune) []int {
	var at []int
	for i, c := range runes {
		if unicode.IsLetter(c) {
			at = append(at, i)
		}
	}
	return at
}
