package classify

import (
	"unicode"
	"unicode/utf8"
)

// Of a text of more bytes than maxRead its two ends are read, half of it each;
// what lies between does not change the decision, so that a prompt of a megabyte
// costs no more than a page.
const (
	maxRead = 8192
	minGram = 2 // characters
	maxGram = 5
)

// The kinds of n-gram, each with a weight of its own.
const (
	wordBlock = iota
	charBlock
	blocks
)

// Starting values that keep equal spellings of different kinds apart.
const (
	wordSeed   = 0x6c62272e07bb0142
	pairSeed   = 0x9ae16a3b2f90404f
	charSeed   = 0xc2b2ae3d27d4eb4f
	borderHash = 0x165667b19e3779f9 // before the first word and after the last
)

// gramBuffer collects the hashes of the n-grams of one text. It is reused from
// text to text and belongs to one goroutine.
type gramBuffer struct {
	hashes [blocks][]uint64
	word   []rune // the current word with a space on either side
	last   uint64
}

// mix is one step of a hash over runes or words.
func mix(h, x uint64) uint64 {
	h = (h ^ x) * 0x9e3779b97f4a7c15
	return h ^ h>>29
}

// read fills the buffer with the n-grams of text: words and pairs of
// neighbouring words (with the borders of the text), and all runs of 2 to 5
// characters within a word and the spaces around it (Cavnar and Trenkle 1994).
// Words are runs of letters, digits, marks and apostrophes in lower case; any
// other visible character is a word of its own. A control character separates.
func (b *gramBuffer) read(text string) {
	for i := range b.hashes {
		b.hashes[i] = b.hashes[i][:0]
	}
	b.last = borderHash
	b.word = append(b.word[:0], ' ')
	if len(text) > maxRead {
		b.readWords(text[:runeStart(text, maxRead/2)])
		b.endWord()
		text = text[runeStart(text, len(text)-maxRead/2):]
	}
	b.readWords(text)
	b.endWord()
	if b.last != borderHash {
		b.add(wordBlock, mix(mix(pairSeed, b.last), borderHash))
	}
}

// runeStart is the last start of a character at or before at.
func runeStart(text string, at int) int {
	for i := at; i > max(0, at-utf8.UTFMax); i-- {
		if utf8.RuneStart(text[i]) {
			return i
		}
	}
	return at
}

// readWords adds the n-grams of the words of text; the last one stays open.
func (b *gramBuffer) readWords(text string) {
	for _, r := range text {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '\'':
			b.word = append(b.word, r)
		case 'A' <= r && r <= 'Z':
			b.word = append(b.word, r+'a'-'A')
		case r <= ' ' || unicode.IsSpace(r) || unicode.IsControl(r):
			b.endWord()
		case r > 127 && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)):
			b.word = append(b.word, unicode.ToLower(r))
		default:
			b.endWord()
			b.word = append(b.word, r)
			b.endWord()
		}
	}
}

func (b *gramBuffer) add(block int, h uint64) { b.hashes[block] = append(b.hashes[block], h) }

// endWord adds the n-grams of the current word, if there is one, and begins
// the next.
func (b *gramBuffer) endWord() {
	if len(b.word) == 1 {
		return
	}
	h := uint64(wordSeed)
	for _, r := range b.word[1:] {
		h = mix(h, uint64(r))
	}
	b.add(wordBlock, h)
	b.add(wordBlock, mix(mix(pairSeed, b.last), h))
	b.last = h
	b.word = append(b.word, ' ')
	for i := range b.word {
		g := uint64(charSeed)
		for n, r := range b.word[i:min(i+maxGram, len(b.word))] {
			if g = mix(g, uint64(r)); n+1 >= minGram {
				b.add(charBlock, g)
			}
		}
	}
	b.word = b.word[:1]
}
