// Package addedtoken finds the tokens that tokenizers look for in a text before
// anything is done to it, such as [CLS] and <mask>.
//
// It promises the places that Hugging Face's tokenizers find: from left to right,
// of those that begin at the same byte the longest, without allocations, in time
// linear in the text for each first byte that is shared.
package addedtoken

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ErrTokens is what every error of New wraps.
var ErrTokens = errors.New("bad added tokens")

// most bounds the tokens, which are looked for one by one.
const most = 256

// Token is one added token.
type Token struct {
	Text string
	ID   uint32
	// StripLeft and StripRight make it take in the white space beside it.
	StripLeft, StripRight bool `json:",omitempty"`
}

// Set is immutable and safe for concurrent use.
type Set struct {
	tokens []Token // the longer come first
	first  [256]bool
}

// New makes a set.
func New(tokens []Token) (*Set, error) {
	if len(tokens) > most {
		return nil, fmt.Errorf("%w: %d, more than %d", ErrTokens, len(tokens), most)
	}
	s := &Set{tokens: slices.Clone(tokens)}
	for _, t := range tokens {
		if t.Text == "" {
			return nil, fmt.Errorf("%w: token %d has no text", ErrTokens, t.ID)
		}
		s.first[t.Text[0]] = true
	}
	slices.SortStableFunc(s.tokens, func(a, b Token) int { return cmp.Compare(len(b.Text), len(a.Text)) })
	return s, nil
}

// Next is the first token at or behind from: text[start:end] with the white space
// that it takes in, nothing of which is before from. Without one ok is false.
func (s *Set) Next(text string, from int) (start, end int, id uint32, ok bool) {
	for i := from; i < len(text); i++ {
		t := s.at(text[i:])
		if t == nil {
			continue
		}
		start, end = i, i+len(t.Text)
		if t.StripLeft {
			start = from + len(strings.TrimRightFunc(text[from:start], unicode.IsSpace))
		}
		if t.StripRight {
			for end < len(text) {
				r, size := utf8.DecodeRuneInString(text[end:])
				if !unicode.IsSpace(r) {
					break
				}
				end += size
			}
		}
		return start, end, t.ID, true
	}
	return 0, 0, 0, false
}

// at is the longest token that text begins with.
func (s *Set) at(text string) *Token {
	if !s.first[text[0]] {
		return nil
	}
	for i := range s.tokens {
		if strings.HasPrefix(text, s.tokens[i].Text) {
			return &s.tokens[i]
		}
	}
	return nil
}
