package unigram

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// shortGrapheme is how many bytes a user-perceived character has less than to be
// looked up as a whole; of longer ones every character is looked up by itself.
const shortGrapheme = 6

// normalize appends text as the character map leaves it.
func (t *Tokenizer) normalize(dst, text []byte) []byte {
	if t.charsmap == nil {
		return append(dst, text...)
	}
	for len(text) > 0 {
		if b := text[0]; b < utf8.RuneSelf && b != '\r' && (len(text) == 1 || text[1] < utf8.RuneSelf) {
			if t.charsmap.ascii[b] {
				dst = t.appendNormal(dst, text[:1])
			} else {
				dst = append(dst, b)
			}
			text = text[1:]
			continue
		}
		grapheme, rest, _, _ := uniseg.FirstGraphemeCluster(text, -1)
		dst = t.appendGrapheme(dst, grapheme)
		text = rest
	}
	return dst
}

func (t *Tokenizer) appendGrapheme(dst, grapheme []byte) []byte {
	if len(grapheme) < shortGrapheme {
		if replacement, ok := t.charsmap.find(grapheme); ok {
			return append(dst, replacement...)
		}
	}
	for len(grapheme) > 0 {
		_, size := utf8.DecodeRune(grapheme)
		dst = t.appendNormal(dst, grapheme[:size])
		grapheme = grapheme[size:]
	}
	return dst
}

func (t *Tokenizer) appendNormal(dst, character []byte) []byte {
	if replacement, ok := t.charsmap.find(character); ok {
		return append(dst, replacement...)
	}
	return append(dst, character...)
}

// strip takes white space off the ends and makes one space of several.
func (t *Tokenizer) strip(text []byte) []byte {
	if t.settings.StripLeft {
		text = bytes.TrimLeftFunc(text, unicode.IsSpace)
	}
	if t.settings.StripRight {
		text = bytes.TrimRightFunc(text, unicode.IsSpace)
	}
	if !t.settings.CollapseSpaces {
		return text
	}
	kept := text[:0]
	for i, b := range text {
		if b != ' ' || i == 0 || text[i-1] != ' ' {
			kept = append(kept, b)
		}
	}
	return kept
}
