package wordpiece

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// rules are the settings of the normaliser and the longest word.
type rules struct {
	clean, cjk, accents, lower bool
	maxRunes                   int
}

// words collects the characters of a word, as the normaliser leaves them, until
// it ends.
type words struct {
	tokenizer *Tokenizer
	ids       []uint32

	word  [mostWordRunes * utf8.UTFMax]byte
	size  int // bytes of the word so far
	runes int // its characters; beyond the longest they are only counted
}

// read takes the next character of a text.
func (w *words) read(r rune) {
	rules := &w.tokenizer.rules
	if r < utf8.RuneSelf && (rules.clean || r > ' ' && r != '\x7f') {
		w.readASCII(r)
		return
	}
	if rules.clean {
		switch {
		case r == utf8.RuneError || isOther(r):
			return
		case unicode.IsSpace(r):
			r = ' '
		}
	}
	if rules.cjk && isChinese(r) {
		w.end()
		w.decompose(r)
		w.end()
		return
	}
	w.decompose(r)
}

// readASCII is read for most text, cleaned.
func (w *words) readASCII(r rune) {
	switch {
	case r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\v' || r == '\f':
		w.readSpace(r)
	case r < ' ' || r == '\x7f':
	case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
		w.add(r)
	case 'A' <= r && r <= 'Z':
		if w.tokenizer.rules.lower {
			r += 'a' - 'A'
		}
		w.add(r)
	default:
		w.alone(r)
	}
}

// readSpace ends the word at white space. Vertical tabs and form feeds are
// control characters, which go without a trace.
func (w *words) readSpace(r rune) {
	if r != '\v' && r != '\f' {
		w.end()
	}
}

// decompose splits accents off and leaves them out, where they are to go.
func (w *words) decompose(r rune) {
	if !w.tokenizer.rules.accents {
		w.lower(r)
		return
	}
	if isHangul(r) {
		w.decomposeHangul(r)
		return
	}
	var buffer [utf8.UTFMax]byte
	parts := norm.NFD.Properties(buffer[:utf8.EncodeRune(buffer[:], r)]).Decomposition()
	if parts == nil {
		w.keepBase(r)
		return
	}
	for len(parts) > 0 {
		part, size := utf8.DecodeRune(parts)
		w.keepBase(part)
		parts = parts[size:]
	}
}

func (w *words) keepBase(r rune) {
	if !unicode.Is(unicode.Mn, r) {
		w.lower(r)
	}
}

const (
	hangulFirst, hangulLast                  = 0xAC00, 0xD7A3
	leadFirst, vowelFirst, trailBefore       = 0x1100, 0x1161, 0x11A7
	trailsOfVowel, syllablesOfLead     int32 = 28, 588
)

func isHangul(r rune) bool { return hangulFirst <= r && r <= hangulLast }

// decomposeHangul splits a syllable into its letters, by the arithmetic of the
// Unicode standard, section 3.12.
func (w *words) decomposeHangul(r rune) {
	s := r - hangulFirst
	w.lower(leadFirst + s/syllablesOfLead)
	w.lower(vowelFirst + s%syllablesOfLead/trailsOfVowel)
	if trail := s % trailsOfVowel; trail > 0 {
		w.lower(trailBefore + trail)
	}
}

// dottedI is the one letter whose small form is two characters.
const dottedI = 'İ'

func (w *words) lower(r rune) {
	if w.tokenizer.rules.lower {
		if r == dottedI {
			w.split('i')
			w.split('\u0307')
			return
		}
		r = unicode.ToLower(r)
	}
	w.split(r)
}

// split is the splitting into words: at white space, and at punctuation, each of
// which is a word.
func (w *words) split(r rune) {
	switch {
	case unicode.IsSpace(r):
		w.end()
	case isPunctuation(r):
		w.alone(r)
	default:
		w.add(r)
	}
}

func (w *words) alone(r rune) {
	w.end()
	w.add(r)
	w.end()
}

func (w *words) add(r rune) {
	if w.runes++; w.runes <= w.tokenizer.rules.maxRunes {
		w.size += utf8.EncodeRune(w.word[w.size:], r)
	}
}

// end is the end of the word, if there is one.
func (w *words) end() {
	switch {
	case w.runes == 0:
		return
	case w.runes > w.tokenizer.rules.maxRunes:
		w.ids = append(w.ids, w.tokenizer.unknown)
	default:
		w.ids = w.tokenizer.appendWord(w.ids, w.word[:w.size])
	}
	w.size, w.runes = 0, 0
}

func isPunctuation(r rune) bool {
	if r < utf8.RuneSelf {
		return '!' <= r && r <= '/' || ':' <= r && r <= '@' || '[' <= r && r <= '`' || '{' <= r && r <= '~'
	}
	return unicode.IsPunct(r)
}

// isOther says that a character is a control or a format character or of
// private use.
func isOther(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co)
}

// isChinese says that a character is of the blocks that BERT calls Chinese.
func isChinese(r rune) bool {
	return 0x4E00 <= r && r <= 0x9FFF || 0x3400 <= r && r <= 0x4DBF ||
		0x20000 <= r && r <= 0x2A6DF || 0x2A700 <= r && r <= 0x2B73F ||
		0x2B740 <= r && r <= 0x2B81F || 0x2B920 <= r && r <= 0x2CEAF ||
		0xF900 <= r && r <= 0xFAFF || 0x2F800 <= r && r <= 0x2FA1F
}
