package static

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	// maxWordRunes is the longest word BERT looks up; longer ones are unknown.
	maxWordRunes = 100
	maxWordBytes = maxWordRunes * utf8.UTFMax
)

// scanner yields the words of a text as BERT's basic tokenizer does. A
// punctuation mark or CJK ideograph is a word of its own.
type scanner struct {
	text string
	pos  int // start of what has not been read yet

	// The current word, normalised, and its hash.
	word    [maxWordBytes]byte
	size    int
	runes   int
	hash    uint32
	tooLong bool

	// prefixes holds the hashes of what a word that is spelt begins with.
	prefixes [maxWordBytes]uint32
}

func (s *scanner) reset(text string) { s.text, s.pos = text, 0 }

// bytes is the current word; empty when tooLong.
func (s *scanner) bytes() []byte { return s.word[:s.size] }

// next moves to the next word and says whether there is one.
func (s *scanner) next() bool {
	s.size, s.runes, s.hash, s.tooLong = 0, 0, hashStart, false
	for s.pos < len(s.text) {
		c := s.text[s.pos]
		if c >= utf8.RuneSelf {
			if s.readRune() {
				return true
			}
			continue
		}
		switch class := asciiClass[c]; class {
		case classDrop:
			s.pos++
		case classSpace:
			s.pos++
			if s.runes > 0 {
				return true
			}
		case classMark:
			if s.runes > 0 {
				return true
			}
			s.pos++
			s.addByte(c)
			return true
		default:
			s.pos++
			s.addByte(class)
		}
	}
	return s.runes > 0
}

// readRune handles one character outside ASCII and says whether a word ended.
func (s *scanner) readRune() bool {
	r, width := utf8.DecodeRuneInString(s.text[s.pos:])
	switch {
	case dropped(r):
		s.pos += width
		return false
	case unicode.IsSpace(r):
		s.pos += width
		return s.runes > 0
	}
	var runes [8]rune
	parts := decompose(runes[:0], r, s.text[s.pos:])
	if ideograph(r) || len(parts) == 1 && mark(parts[0]) {
		if s.runes > 0 {
			return true // this word first; the mark is read again next time
		}
		s.pos += width
		s.addRunes(parts)
		return s.runes > 0
	}
	s.pos += width
	s.addRunes(parts)
	return false
}

func (s *scanner) addRunes(runes []rune) {
	for _, r := range runes {
		var encoded [utf8.UTFMax]byte
		n := utf8.EncodeRune(encoded[:], unicode.ToLower(r))
		if !s.countRune() {
			continue
		}
		for _, c := range encoded[:n] {
			s.word[s.size] = c
			s.size++
			s.hash = hashByte(s.hash, c)
		}
	}
}

func (s *scanner) addByte(c byte) {
	if !s.countRune() {
		return
	}
	s.word[s.size] = c
	s.size++
	s.hash = hashByte(s.hash, c)
}

// countRune says whether one more character still fits into a word.
func (s *scanner) countRune() bool {
	s.runes++
	if s.runes > maxWordRunes {
		s.tooLong, s.size = true, 0
		return false
	}
	return true
}

// decompose appends the canonical decomposition of r, which is the first
// character of text, without accents.
func decompose(dst []rune, r rune, text string) []rune {
	if r >= hangulFirst && r <= hangulLast {
		return decomposeHangul(dst, r)
	}
	decomposition := norm.NFD.PropertiesString(text).Decomposition()
	if decomposition == nil {
		return appendUnaccented(dst, r)
	}
	for len(decomposition) > 0 {
		part, width := utf8.DecodeRune(decomposition)
		dst = appendUnaccented(dst, part)
		decomposition = decomposition[width:]
	}
	return dst
}

func appendUnaccented(dst []rune, r rune) []rune {
	if unicode.Is(unicode.Mn, r) {
		return dst
	}
	return append(dst, r)
}

// Hangul syllables are not in the tables of package norm: they decompose by
// the arithmetic of the Unicode standard, chapter 3.12.
const (
	hangulFirst, hangulLast = 0xAC00, 0xD7A3
	jamoLead, jamoVowel     = 0x1100, 0x1161
	jamoTail                = 0x11A7 // one before the first: 0 means none
	vowels, tails           = 21, 28
)

func decomposeHangul(dst []rune, r rune) []rune {
	index := r - hangulFirst
	dst = append(dst, jamoLead+index/(vowels*tails), jamoVowel+index%(vowels*tails)/tails)
	if tail := index % tails; tail != 0 {
		dst = append(dst, jamoTail+tail)
	}
	return dst
}

// dropped says whether BERT removes r: control, format and private-use
// characters, and the replacement character, which also stands for bytes that
// are not UTF-8.
func dropped(r rune) bool {
	return r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co)
}

// mark says whether r stands alone: punctuation, and every ASCII symbol.
func mark(r rune) bool {
	if r < utf8.RuneSelf {
		return asciiClass[r] == classMark
	}
	return unicode.IsPunct(r)
}

// ideograph says whether r is in the blocks that BERT counts as Chinese
// characters. The start of the fifth block is off by a bit in the reference
// tokenizer (U+2B920 for U+2B820); ids must agree with it, so it is here too.
func ideograph(r rune) bool {
	switch {
	case r < 0x3400:
		return false
	case r <= 0x4DBF, r >= 0x4E00 && r <= 0x9FFF, r >= 0xF900 && r <= 0xFAFF,
		r >= 0x20000 && r <= 0x2A6DF, r >= 0x2A700 && r <= 0x2B81F,
		r >= 0x2B920 && r <= 0x2CEAF, r >= 0x2F800 && r <= 0x2FA1F:
		return true
	}
	return false
}

// Classes of ASCII characters; every other value is the lower-case letter or
// digit itself.
const (
	classDrop  = 0
	classSpace = 1
	classMark  = 2
)

// asciiClass holds the class of each ASCII character.
var asciiClass = classesOfASCII()

func classesOfASCII() (table [utf8.RuneSelf]byte) {
	for c := range table {
		r := rune(c)
		switch {
		case r == ' ' || r == '\t' || r == '\n' || r == '\r':
			table[c] = classSpace
		case unicode.IsControl(r):
			table[c] = classDrop
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			table[c] = byte(unicode.ToLower(r))
		default:
			table[c] = classMark
		}
	}
	return table
}
