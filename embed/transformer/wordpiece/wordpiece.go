// Package wordpiece turns text into the token ids that BERT models are trained
// on: the normaliser and the splitting of BERT, then the longest known pieces
// of each word.
//
// It promises the ids of Hugging Face's tokenizers for the same settings (apart
// from 624 characters that Unicode gained after the tables of that library), in
// time linear in the text and without allocations beyond the ids. Bytes that are
// no UTF-8 count as U+FFFD. It leaves to its callers where the settings come from
// and how many tokens a model takes.
package wordpiece

import (
	"fmt"
	"strings"

	"github.com/semroute/semroute/embed/transformer/addedtoken"
)

// Tokenizer is immutable and safe for concurrent use.
type Tokenizer struct {
	// heads are the tokens that begin a word, tails those that go on in one,
	// without their prefix.
	heads, tails map[string]uint32
	longest      int // bytes of the longest of them
	added        *addedtoken.Set

	unknown, first, last uint32
	rules                rules
}

// New makes a tokenizer. Every error is an ErrVocabulary.
func New(c Config) (*Tokenizer, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	t := &Tokenizer{
		heads: make(map[string]uint32, len(c.Tokens)), tails: map[string]uint32{},
		rules: rules{clean: c.CleanText, cjk: c.SpaceCJK, accents: c.StripAccents, lower: c.Lowercase, maxRunes: c.MaxWordRunes},
	}
	for id, token := range c.Tokens {
		if _, twice := t.heads[token]; twice {
			return nil, fmt.Errorf("%w: token %d, %q, is there twice", ErrVocabulary, id, token)
		}
		t.heads[token] = uint32(id)
		t.longest = max(t.longest, len(token))
		if tail, ok := strings.CutPrefix(token, c.Continuing); ok && tail != "" {
			t.tails[tail] = uint32(id)
		}
	}
	if err := t.special(&c); err != nil {
		return nil, err
	}
	return t, nil
}

// special finds the tokens that have a part of their own.
func (t *Tokenizer) special(c *Config) error {
	for _, s := range []struct {
		name, token string
		id          *uint32
	}{{"unknown", c.Unknown, &t.unknown}, {"first", c.First, &t.first}, {"last", c.Last, &t.last}} {
		id, ok := t.heads[s.token]
		if !ok {
			return fmt.Errorf("%w: the %s token %q is not in it", ErrVocabulary, s.name, s.token)
		}
		*s.id = id
	}
	var tokens []addedtoken.Token
	for _, text := range c.Added {
		id, ok := t.heads[text]
		if !ok {
			return fmt.Errorf("%w: the added token %q is not in it", ErrVocabulary, text)
		}
		tokens = append(tokens, addedtoken.Token{Text: text, ID: id})
	}
	added, err := addedtoken.New(tokens)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrVocabulary, err)
	}
	t.added = added
	return nil
}

// First and Last are the ids that a model wants before and after every text.
func (t *Tokenizer) First() uint32 { return t.first }

// Last is described at First.
func (t *Tokenizer) Last() uint32 { return t.last }

// Append appends the ids of text to dst, without First and Last.
func (t *Tokenizer) Append(dst []uint32, text string) []uint32 {
	at := 0
	for {
		start, end, id, ok := t.added.Next(text, at)
		if !ok {
			return t.appendPlain(dst, text[at:])
		}
		dst = append(t.appendPlain(dst, text[at:start]), id)
		at = end
	}
}

// appendPlain is Append for text without added tokens.
func (t *Tokenizer) appendPlain(dst []uint32, text string) []uint32 {
	w := words{tokenizer: t, ids: dst}
	for _, r := range text {
		w.read(r)
	}
	w.end()
	return w.ids
}

// appendWord appends the pieces of a word: the longest that is known, again and
// again; Unknown alone where that leads nowhere.
func (t *Tokenizer) appendWord(dst []uint32, word []byte) []uint32 {
	begin := len(dst)
	known := t.heads
	for at := 0; at < len(word); {
		end := min(len(word), at+t.longest)
		id, ok := uint32(0), false
		for ; end > at; end-- {
			// A prefix that ends within a character is no token, all of which are UTF-8.
			if id, ok = known[string(word[at:end])]; ok {
				break
			}
		}
		if !ok {
			return append(dst[:begin], t.unknown)
		}
		dst = append(dst, id)
		at, known = end, t.tails
	}
	return dst
}
