package unigram

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// charsmap is SentencePiece's precompiled_charsmap: the size of a double-array
// trie (darts-clone) in 4 bytes, the trie in units of 4 bytes, and behind it the
// replacements, each ended by a zero. What it says is looked up in place and
// never taken at its word: a unit beyond the end is one that does not match.
type charsmap struct {
	units        []byte
	replacements []byte
	longest      int       // bytes of a replacement
	ascii        [128]bool // the characters that are replaced
}

// mostReplacement bounds what one character becomes: Unicode's longest has 33
// bytes.
const mostReplacement = 256

func newCharsmap(data []byte) (*charsmap, error) {
	if len(data) == 0 {
		return nil, nil
	}
	const head = 4
	if len(data) < head {
		return nil, fmt.Errorf("%w: a precompiled_charsmap of %d bytes", ErrVocabulary, len(data))
	}
	size := binary.LittleEndian.Uint32(data)
	if uint64(size) > uint64(len(data)-head) || size%4 != 0 || size == 0 {
		return nil, fmt.Errorf("%w: a precompiled_charsmap of %d bytes with a trie of %d", ErrVocabulary, len(data), size)
	}
	c := &charsmap{units: data[head : head+size], replacements: data[head+size:]}
	for text := range bytes.SplitSeq(c.replacements, []byte{0}) {
		if len(text) > mostReplacement {
			return nil, fmt.Errorf("%w: precompiled_charsmap replaces a character by %d bytes", ErrVocabulary, len(text))
		}
		c.longest = max(c.longest, len(text))
	}
	for b := range c.ascii {
		_, c.ascii[b] = c.find([]byte{byte(b)})
	}
	return c, nil
}

func (c *charsmap) unit(i uint32) uint32 {
	if at := 4 * uint64(i); at < uint64(len(c.units)) {
		return binary.LittleEndian.Uint32(c.units[at:])
	}
	return noUnit
}

// Parts of a unit of darts-clone.
const (
	leafBit   = 1 << 8
	labelMask = 1<<31 | 0xff
	valueMask = 1<<31 - 1
	noUnit    = 1<<31 | 0xff // its label is none of a byte
)

func offsetOf(unit uint32) uint32 { return unit >> 10 << (unit & (1 << 9) >> 6) }

// find is the replacement of the shortest part that text begins with and that has
// one. That it is the shortest, although all of text is replaced by it, is how
// Hugging Face's tokenizers do it.
func (c *charsmap) find(text []byte) (replacement []byte, ok bool) {
	node := offsetOf(c.unit(0))
	for _, b := range text {
		if b == 0 {
			break
		}
		node ^= uint32(b)
		unit := c.unit(node)
		if unit&labelMask != uint32(b) {
			break
		}
		node ^= offsetOf(unit)
		if unit&leafBit != 0 {
			return c.replacement(c.unit(node) & valueMask), true
		}
	}
	return nil, false
}

func (c *charsmap) replacement(at uint32) []byte {
	if uint64(at) >= uint64(len(c.replacements)) {
		return nil
	}
	text := c.replacements[at:]
	if end := bytes.IndexByte(text[:min(len(text), mostReplacement+1)], 0); end >= 0 {
		return text[:end]
	}
	return text[:min(len(text), mostReplacement)]
}
