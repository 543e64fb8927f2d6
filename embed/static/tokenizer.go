package static

// unknownPiece is the token of words that the vocabulary cannot spell.
const unknownPiece = "[UNK]"

// Tokenizer splits text into the WordPiece tokens of BERT's uncased models:
// control characters dropped, lower-cased, accents stripped, split at white
// space, punctuation and CJK ideographs, then the longest known pieces from
// the left. Special tokens ([CLS], [SEP]) are neither added nor recognised in
// the text. It is safe for concurrent use.
type Tokenizer struct {
	vocab *vocabulary
}

// NewTokenizer makes a tokenizer over the pieces of a WordPiece vocabulary in
// the order of their ids; continuations start with "##". The list must hold
// [UNK] and no piece twice.
func NewTokenizer(pieces []string) (*Tokenizer, error) {
	vocab, err := vocabularyOf(pieces)
	if err != nil {
		return nil, err
	}
	return &Tokenizer{vocab: vocab}, nil
}

// Append adds the ids of the tokens of text to dst and returns it.
func (t *Tokenizer) Append(dst []uint32, text string) []uint32 {
	var s scanner
	s.reset(text)
	for s.next() {
		dst = t.vocab.appendWord(dst, &s)
	}
	return dst
}

// Count is the number of tokens of text, all of it, however long.
func (t *Tokenizer) Count(text string) int {
	var (
		s       scanner
		scratch [maxWordRunes]uint32
		count   int
	)
	s.reset(text)
	for s.next() {
		count += len(t.vocab.appendWord(scratch[:0], &s))
	}
	return count
}

// Knows says whether the vocabulary holds a whole word, in lower case.
func (t *Tokenizer) Knows(word string) bool {
	hash := hashStart
	for i := range len(word) {
		hash = hashByte(hash, word[i])
	}
	_, known := t.vocab.find(hash, []byte(word), wholeWord)
	return known
}

// Piece is the text of token id, or "" when there is no such token.
func (t *Tokenizer) Piece(id uint32) string {
	if int(id) >= t.vocab.tokens {
		return ""
	}
	return string(t.vocab.token(id))
}

// Pieces is the vocabulary in the order of its ids.
func (t *Tokenizer) Pieces() []string {
	pieces := make([]string, t.vocab.tokens)
	for id := range pieces {
		pieces[id] = string(t.vocab.token(uint32(id)))
	}
	return pieces
}
