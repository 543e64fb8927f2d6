package static

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"strings"
	"unicode/utf8"
)

// ErrVocabulary: a list of tokens is not a usable WordPiece vocabulary.
var ErrVocabulary = errors.New("unusable vocabulary")

const (
	continuation = "##"
	maxTokens    = 1 << 20 // ids must fit the low bits of a slot
	idBits       = 20
	idMask       = maxTokens - 1
)

// tokenKind tells words from the pieces that continue one.
type tokenKind uint32

const (
	wholeWord tokenKind = iota
	innerPiece
)

// vocabulary finds tokens by their text. The texts stay where they are (in
// the table's bytes, say); what is built is a hash table of ids with open
// addressing, a quarter of the memory of a map and twice as fast.
type vocabulary struct {
	text    []byte // all tokens, one after the other
	offsets []byte // little-endian uint32s: where each token starts, and the end
	tokens  int
	unknown uint32
	longest int // bytes of the longest piece, without the "##"

	slots []uint32 // 0 = free, else tag<<idBits | id, both of token id-1
	mask  uint32
}

// vocabularyOf copies a list of WordPiece tokens into a vocabulary.
func vocabularyOf(pieces []string) (*vocabulary, error) {
	text, offsets, err := packTokens(pieces)
	if err != nil {
		return nil, err
	}
	return newVocabulary(text, offsets)
}

// packTokens joins tokens into the form a vocabulary reads.
func packTokens(tokens []string) (text, offsets []byte, err error) {
	size := 0
	for _, token := range tokens {
		size += len(token)
	}
	if size > 1<<30 {
		return nil, nil, fmt.Errorf("%w: %d bytes of tokens", ErrVocabulary, size)
	}
	text = make([]byte, 0, size)
	offsets = binary.LittleEndian.AppendUint32(make([]byte, 0, 4*len(tokens)+4), 0)
	for _, token := range tokens {
		text = append(text, token...)
		offsets = binary.LittleEndian.AppendUint32(offsets, uint32(len(text)))
	}
	return text, offsets, nil
}

// newVocabulary indexes the tokens; it keeps text and offsets.
func newVocabulary(text, offsets []byte) (*vocabulary, error) {
	v := &vocabulary{text: text, offsets: offsets, tokens: len(offsets)/4 - 1}
	if v.tokens < 1 || v.tokens >= maxTokens {
		return nil, fmt.Errorf("%w: %d tokens; 1 to %d are possible", ErrVocabulary, v.tokens, maxTokens-1)
	}
	slots := 1 << bits.Len(uint(2*v.tokens))
	v.slots, v.mask = make([]uint32, slots), uint32(slots-1)
	unknown := -1
	for id := range v.tokens {
		if err := v.checkOffsets(id); err != nil {
			return nil, err
		}
		token := v.token(uint32(id))
		if string(token) == unknownPiece {
			unknown = id
		}
		if err := v.insert(uint32(id), token); err != nil {
			return nil, err
		}
	}
	if unknown < 0 {
		return nil, fmt.Errorf("%w: %s is missing", ErrVocabulary, unknownPiece)
	}
	v.unknown = uint32(unknown)
	return v, nil
}

func (v *vocabulary) offset(i uint32) uint32 {
	return binary.LittleEndian.Uint32(v.offsets[4*i:])
}

// token is the text of a token as it stands in the vocabulary.
func (v *vocabulary) token(id uint32) []byte {
	return v.text[v.offset(id):v.offset(id+1)]
}

func (v *vocabulary) checkOffsets(id int) error {
	start, end := v.offset(uint32(id)), v.offset(uint32(id+1))
	if start >= end || uint64(end) > uint64(len(v.text)) {
		return fmt.Errorf("%w: token %d is empty or lies outside the text", ErrVocabulary, id)
	}
	if !utf8.Valid(v.text[start:end]) {
		return fmt.Errorf("%w: token %d is not UTF-8", ErrVocabulary, id)
	}
	return nil
}

func (v *vocabulary) insert(id uint32, token []byte) error {
	kind, body := wholeWord, token
	if rest, ok := strings.CutPrefix(string(token), continuation); ok && rest != "" {
		kind, body = innerPiece, token[len(continuation):]
	}
	hash := hashStart
	for _, c := range body {
		hash = hashByte(hash, c)
	}
	if _, found := v.find(hash, body, kind); found {
		return fmt.Errorf("%w: token %q stands twice", ErrVocabulary, token)
	}
	v.longest = max(v.longest, len(body))
	full := slotHash(hash, kind)
	at := full & v.mask
	for v.slots[at] != 0 {
		at = (at + 1) & v.mask
	}
	v.slots[at] = slotTag(full) | (id + 1)
	return nil
}

// find looks a word or inner piece up. hash is the word's hash as the scanner
// makes it.
func (v *vocabulary) find(hash uint32, word []byte, kind tokenKind) (uint32, bool) {
	full := slotHash(hash, kind)
	tag := slotTag(full)
	for at := full & v.mask; ; at = (at + 1) & v.mask {
		slot := v.slots[at]
		if slot == 0 {
			return 0, false
		}
		if slot&^uint32(idMask) != tag {
			continue
		}
		id := slot&idMask - 1
		if v.equal(id, word, kind) {
			return id, true
		}
	}
}

func (v *vocabulary) equal(id uint32, word []byte, kind tokenKind) bool {
	token := v.token(id)
	if kind == innerPiece {
		return len(token) == len(word)+len(continuation) &&
			string(token[:len(continuation)]) == continuation &&
			string(token[len(continuation):]) == string(word)
	}
	return string(token) == string(word)
}

// appendWord adds the tokens of the scanner's word.
func (v *vocabulary) appendWord(dst []uint32, s *scanner) []uint32 {
	if s.tooLong {
		return append(dst, v.unknown)
	}
	if id, ok := v.find(s.hash, s.bytes(), wholeWord); ok {
		return append(dst, id)
	}
	return v.appendPieces(dst, s)
}

// appendPieces spells a word by the longest known pieces from the left, or as
// unknown when some part of it has none.
func (v *vocabulary) appendPieces(dst []uint32, s *scanner) []uint32 {
	before := len(dst)
	word, kind := s.bytes(), wholeWord
	for len(word) > 0 {
		id, size := v.longestPiece(&s.prefixes, word, kind)
		if size == 0 {
			return append(dst[:before], v.unknown)
		}
		dst = append(dst, id)
		word, kind = word[size:], innerPiece
	}
	return dst
}

// longestPiece is the longest piece at the start of word and its length in
// bytes, 0 when there is none.
func (v *vocabulary) longestPiece(hashes *[maxWordBytes]uint32, word []byte, kind tokenKind) (uint32, int) {
	word = word[:min(len(word), v.longest)]
	hash := hashStart
	for i, c := range word {
		hash = hashByte(hash, c)
		hashes[i] = hash
	}
	for size := len(word); size > 0; size-- {
		if id, ok := v.find(hashes[size-1], word[:size], kind); ok {
			return id, size
		}
	}
	return 0, 0
}

// hashStart and hashByte are FNV-1a: one multiplication a byte, and the hash
// of every prefix on the way.
const hashStart uint32 = 2166136261

func hashByte(hash uint32, c byte) uint32 { return (hash ^ uint32(c)) * 16777619 }

// slotHash spreads a word's hash and keeps the kinds apart.
func slotHash(hash uint32, kind tokenKind) uint32 {
	hash ^= uint32(kind) * 0x9e3779b9
	hash ^= hash >> 15
	hash *= 0x2c1b3c6d
	return hash ^ hash>>13
}

// slotTag is the part of a hash that is kept in the slot.
func slotTag(full uint32) uint32 { return full &^ uint32(idMask) }
