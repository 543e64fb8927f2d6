// Package language tells prompts in a language that neither a catalog nor its
// embedder may know. It is made to be wrong rarely where it says so: what it
// cannot tell counts as known. It names languages by ISO 639-1 codes, and
// Undetermined for words of which it knows none.
package language

import (
	"strings"
	"unicode"
)

// Undetermined is the code of a language that has no name here.
const Undetermined = "und"

// Dictionary knows the words of the language that embedders know, English.
type Dictionary interface {
	Knows(word string) bool
}

const (
	// mostWords bounds how much of a text is read, so do mostLetters.
	mostWords   = 64
	mostLetters = 512
	// strange is the share of a text's words that are not known from which on it
	// is in another language, where some of them are common words of that one.
	strange = 0.5
	// allStrange is that share where none of them is.
	allStrange = 0.75
	// leastUtterances are needed for a catalog to be in a language too.
	leastUtterances = 2
)

// Detector knows the languages of a catalog. It is immutable and safe for
// concurrent use.
type Detector struct {
	words      map[string]bool
	spoken     map[string]bool
	dictionary Dictionary
}

// New learns the words and the languages of a catalog's utterances.
func New(texts []string, dictionary Dictionary) *Detector {
	d := &Detector{words: map[string]bool{}, spoken: map[string]bool{}, dictionary: dictionary}
	counts := map[string]int{}
	for _, text := range texts {
		counts[d.detect(text)]++
	}
	for code, n := range counts {
		d.spoken[code] = n >= leastUtterances
	}
	for _, text := range texts {
		each(text, func(word string) { d.words[word] = true })
	}
	return d
}

// Foreign is the language of a text that the catalog does not speak; empty where
// it does, and where the text does not tell.
func (d *Detector) Foreign(text string) string {
	code := d.detect(text)
	if code == "" || d.spoken[code] {
		return ""
	}
	return code
}

// detect is the language of a text, empty for English and for what may be it.
func (d *Detector) detect(text string) string {
	if code := byScript(text); code != "" {
		return code
	}
	words, unknown, common := 0, 0, 0
	var hits [len(languages)]int
	each(text, func(word string) {
		if len(word) == 1 {
			return // the x of an equation
		}
		words++
		if d.words[word] {
			return
		}
		if of := commonWords[word]; of != 0 {
			common++
			for i := range languages {
				if of&(1<<i) != 0 {
					hits[i]++
				}
			}
		} else if !d.dictionary.Knows(word) {
			unknown++
		}
	})
	share := float64(common+unknown) / float64(max(1, words))
	switch {
	case common > 0 && words > 1 && share > strange:
		best := 0
		for i := range hits {
			if hits[i] > hits[best] {
				best = i
			}
		}
		return languages[best]
	case unknown > 1 && share >= allStrange:
		return Undetermined
	}
	return ""
}

// each gives the words of a text, in lower case: letters with their marks, and
// apostrophes end one, as in "l'ordre".
func each(text string, yield func(word string)) {
	start, words := -1, 0
	for i, r := range text {
		if unicode.IsLetter(r) || unicode.IsMark(r) {
			if start < 0 {
				start = i
			}
			continue
		}
		if start >= 0 {
			yield(strings.ToLower(text[start:i]))
			start = -1
			if words++; words == mostWords {
				return
			}
		}
	}
	if start >= 0 {
		yield(strings.ToLower(text[start:]))
	}
}

// byScript is the language of a text that is mostly in other letters than Latin
// ones; of several with the same letters the most spoken one.
func byScript(text string) string {
	latin, ascii := 0, true
	var counts [len(scripts)]int
	letters := 0
	for _, r := range text {
		if r < unicode.MaxASCII {
			if unicode.IsLetter(r) {
				latin++
				letters++
			}
			continue
		}
		if ascii = false; !unicode.IsLetter(r) && !unicode.IsMark(r) {
			continue
		}
		letters++
		for i := range scripts {
			if unicode.In(r, scripts[i].tables...) {
				counts[i]++
				break
			}
		}
		if letters > mostLetters {
			break
		}
	}
	if ascii {
		return ""
	}
	best, other := 0, 0
	for i, n := range counts {
		other += n
		if n > counts[best] {
			best = i
		}
	}
	switch {
	case other <= latin:
		return ""
	case scripts[best].code == "zh" && counts[kana] > 0:
		return scripts[kana].code
	}
	return scripts[best].code
}

const kana = 0 // Japanese has these beside Chinese characters

var scripts = [...]struct {
	code   string
	tables []*unicode.RangeTable
}{
	{"ja", []*unicode.RangeTable{unicode.Hiragana, unicode.Katakana}},
	{"zh", []*unicode.RangeTable{unicode.Han}},
	{"ko", []*unicode.RangeTable{unicode.Hangul}},
	{"ar", []*unicode.RangeTable{unicode.Arabic}},
	{"ru", []*unicode.RangeTable{unicode.Cyrillic}},
	{"hi", []*unicode.RangeTable{unicode.Devanagari}},
	{"el", []*unicode.RangeTable{unicode.Greek}},
	{"he", []*unicode.RangeTable{unicode.Hebrew}},
	{"th", []*unicode.RangeTable{unicode.Thai}},
	{Undetermined, []*unicode.RangeTable{
		unicode.Armenian, unicode.Georgian, unicode.Bengali, unicode.Gujarati, unicode.Gurmukhi, unicode.Kannada, unicode.Khmer,
		unicode.Lao, unicode.Malayalam, unicode.Myanmar, unicode.Oriya, unicode.Sinhala, unicode.Tamil, unicode.Telugu, unicode.Tibetan, unicode.Ethiopic,
	}},
}
