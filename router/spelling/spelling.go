// Package spelling mends slips of the hand in prompts: a word that neither the
// catalog nor a dictionary knows, and that is one slip away from a word that the
// catalog uses, is read as that word. It works on English; for catalogs in other
// languages there is no Speller. It does not touch names of more than one
// capital, numbers, code, or words that may be right.
package spelling

import (
	"strings"
	"unicode/utf8"
)

// Dictionary knows the words of a language, in lower case.
type Dictionary interface {
	Knows(word string) bool
}

const (
	// shortest is the length from which on a word is mended.
	shortest = 4
	longest  = 24
	// readBytes is how much of a text is mended.
	readBytes = 4 << 10
	// leastKnown is the share of the catalog's words that the dictionary must
	// know for the catalog to be in its language.
	leastKnown = 0.6
	fewWords   = 10
)

// Speller mends texts. It is immutable and safe for concurrent use.
type Speller struct {
	counts     map[string]int // the catalog's words
	dictionary Dictionary
}

// New learns the words of a catalog's utterances. It gives nil when these are
// not in the dictionary's language.
func New(texts []string, dictionary Dictionary) *Speller {
	s := &Speller{counts: map[string]int{}, dictionary: dictionary}
	for _, text := range texts {
		for word := range strings.FieldsSeq(text) {
			if start, end, ok := plain(word); ok {
				s.counts[strings.ToLower(word[start:end])]++
			}
		}
	}
	known := 0
	for word := range s.counts {
		if dictionary.Knows(word) {
			known++
		}
	}
	if len(s.counts) < fewWords || float64(known) < leastKnown*float64(len(s.counts)) {
		return nil
	}
	return s
}

// Version implements router.Speller: what is mended depends on nothing but the
// catalog and this code.
func (s *Speller) Version() string { return "1" }

// Mend gives the text with the slips mended, the text itself where there are
// none. It allocates nothing then.
func (s *Speller) Mend(text string) string {
	var out []byte
	done := 0
	for at := 0; at < min(len(text), readBytes); {
		if isSpace(text[at]) {
			at++
			continue
		}
		end := at
		for end < len(text) && !isSpace(text[end]) {
			end++
		}
		if from, to, ok := plain(text[at:end]); ok && to-from >= shortest {
			if better, ok := s.meant(strings.ToLower(text[at+from : at+to])); ok {
				out = append(append(out, text[done:at+from]...), better...)
				done = at + to
			}
		}
		at = end
	}
	if out == nil {
		return text
	}
	return string(append(out, text[done:]...))
}

// meant is the word that an unknown one stands for.
func (s *Speller) meant(word string) (string, bool) {
	if s.knows(word) {
		return "", false
	}
	best, most := "", 0
	slips([]byte(word), func(other []byte) {
		if n := s.counts[string(other)]; n > most || n > 0 && n == most && string(other) < best {
			best, most = string(other), n
		}
	})
	return best, most > 0
}

// knows holds for words of the catalog or the dictionary and for their plurals.
func (s *Speller) knows(word string) bool {
	if s.has(word) {
		return true
	}
	last := len(word) - 1
	return word[last] == 's' && word[last-1] != 's' && s.has(word[:last])
}

func (s *Speller) has(word string) bool {
	return s.counts[word] > 0 || s.dictionary.Knows(word)
}

// plain is where the letters of a word lie within the marks around it; false
// for what is not a plain word: a name of several capitals, a number, code.
func plain(word string) (start, end int, ok bool) {
	end = len(word)
	for start < end && strings.IndexByte(`"'(`, word[start]) >= 0 {
		start++
	}
	for end > start && strings.IndexByte(`"').,;:!?`, word[end-1]) >= 0 {
		end--
	}
	for i := start; i < end; i++ {
		c := word[i]
		if (c < 'a' || c > 'z') && (i > start || c < 'A' || c > 'Z') {
			return 0, 0, false
		}
	}
	return start, end, end > start && end-start <= longest
}

func isSpace(c byte) bool { return c <= ' ' && c < utf8.RuneSelf }
