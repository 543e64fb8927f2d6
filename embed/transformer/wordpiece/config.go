package wordpiece

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// ErrVocabulary is what every error of New wraps.
var ErrVocabulary = errors.New("bad vocabulary")

// Config is what a tokenizer is made of; tokenizer.json calls its parts by the
// same names.
type Config struct {
	Tokens []string // a token's place is its id
	// Continuing stands before the tokens that go on within a word: "##".
	Continuing string
	// Unknown, First and Last are the tokens for what the vocabulary lacks and
	// around every text: [UNK], [CLS], [SEP].
	Unknown, First, Last string
	// Added are tokens that are found in a text before anything is done to it.
	Added []string
	// MaxWordRunes is how long a word may be; a longer one is Unknown.
	MaxWordRunes int

	CleanText    bool // control characters go, white space becomes one kind
	SpaceCJK     bool // every Chinese character is a word
	StripAccents bool
	Lowercase    bool
}

// mostWordRunes bounds Config.MaxWordRunes, and with it the work for a word.
const mostWordRunes = 256

func (c *Config) check() error {
	switch {
	case len(c.Tokens) == 0:
		return fmt.Errorf("%w: no tokens", ErrVocabulary)
	case c.Continuing == "":
		return fmt.Errorf("%w: continuing_subword_prefix is empty", ErrVocabulary)
	case c.MaxWordRunes < 1 || c.MaxWordRunes > mostWordRunes:
		return fmt.Errorf("%w: max_input_chars_per_word is %d, not 1 to %d", ErrVocabulary, c.MaxWordRunes, mostWordRunes)
	}
	for id, token := range c.Tokens {
		if !utf8.ValidString(token) {
			return fmt.Errorf("%w: token %d is not UTF-8", ErrVocabulary, id)
		}
	}
	return nil
}
