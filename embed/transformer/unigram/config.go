package unigram

import (
	"errors"
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/semroute/semroute/embed/transformer/addedtoken"
)

// ErrVocabulary is what every error about a Config or a Vocabulary wraps.
var ErrVocabulary = errors.New("bad vocabulary")

// Settings are what a tokenizer is made of beside its vocabulary and its
// character map; tokenizer.json has them in its normalizer and pre_tokenizer.
type Settings struct {
	// Unknown, First and Last are the ids of the tokens for what the vocabulary
	// lacks and around every text: <unk>, <s>, </s>.
	Unknown, First, Last uint32
	// Added are tokens that are found in a text before anything is done to it.
	Added []addedtoken.Token

	StripLeft, StripRight bool // white space at the ends goes
	CollapseSpaces        bool // several spaces become one
	SplitSpaces           bool // all white space divides words, and goes
	Prepend               bool // what does not begin with a space gets one
}

// Piece is a token and the logarithm of its probability.
type Piece struct {
	Text  string
	Score float64
}

// Config is what a tokenizer is made of.
type Config struct {
	Settings
	Pieces []Piece // a piece's place is its id
	// Charsmap is SentencePiece's precompiled_charsmap, which says how characters
	// are normalised; none for texts that stay as they are.
	Charsmap []byte
}

const (
	// mostPieceBytes bounds a piece, and with it the work for each character.
	mostPieceBytes = 512
	// mostPieces is how many there are at most.
	mostPieces = 1 << 22
	// unknownPenalty is how much less likely than the least likely piece a
	// character is that no piece covers; it is SentencePiece's.
	unknownPenalty = 10
	// none marks a node of the trie that ends no piece.
	none = math.MaxUint32
)

// check says what about the pieces is not possible.
func check(pieces []Piece) error {
	if len(pieces) == 0 || len(pieces) > mostPieces {
		return fmt.Errorf("%w: %d pieces, not 1 to %d", ErrVocabulary, len(pieces), mostPieces)
	}
	for id, p := range pieces {
		switch {
		case !utf8.ValidString(p.Text):
			return fmt.Errorf("%w: piece %d is not UTF-8", ErrVocabulary, id)
		case len(p.Text) > mostPieceBytes:
			return fmt.Errorf("%w: piece %d has %d bytes, more than %d", ErrVocabulary, id, len(p.Text), mostPieceBytes)
		case math.IsNaN(p.Score) || math.IsInf(p.Score, 0):
			return fmt.Errorf("%w: the score of piece %d, %q, is %v", ErrVocabulary, id, p.Text, p.Score)
		}
	}
	return nil
}

// check says which ids are not those of a vocabulary of a size.
func (s *Settings) check(size int) error {
	for _, id := range []struct {
		name string
		id   uint32
	}{{"unknown", s.Unknown}, {"first", s.First}, {"last", s.Last}} {
		if int64(id.id) >= int64(size) {
			return fmt.Errorf("%w: the %s token has id %d of %d", ErrVocabulary, id.name, id.id, size)
		}
	}
	for _, t := range s.Added {
		if int64(t.ID) >= int64(size) {
			return fmt.Errorf("%w: the added token %q has id %d of %d", ErrVocabulary, t.Text, t.ID, size)
		}
	}
	return nil
}
