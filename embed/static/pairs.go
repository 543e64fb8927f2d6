package static

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// pairIndex finds the entry of two neighbouring tokens, such as "credit card",
// by open addressing over ids that stay where they are in the table.
type pairIndex struct {
	keys  []byte   // two little-endian uint32s a pair
	first int      // the entry of pair 0: the number of tokens
	slots []uint32 // 0 = free, else the pair's number + 1
	mask  uint32
}

func newPairIndex(keys []byte, tokens int) (*pairIndex, error) {
	count := len(keys) / 8
	if count >= maxTokens {
		return nil, fmt.Errorf("%w: %d pairs, at most %d are possible", ErrTableCorrupt, count, maxTokens-1)
	}
	slots := 1 << bits.Len(uint(2*count))
	p := &pairIndex{keys: keys, first: tokens, slots: make([]uint32, slots), mask: uint32(slots - 1)}
	for i := range count {
		left, right := p.key(uint32(i))
		if int(left) >= tokens || int(right) >= tokens {
			return nil, fmt.Errorf("%w: pair %d names token %d or %d of %d", ErrTableCorrupt, i, left, right, tokens)
		}
		if _, found := p.find(left, right); found {
			return nil, fmt.Errorf("%w: pair %d stands twice", ErrTableCorrupt, i)
		}
		at := pairHash(left, right) & p.mask
		for p.slots[at] != 0 {
			at = (at + 1) & p.mask
		}
		p.slots[at] = uint32(i) + 1
	}
	return p, nil
}

func (p *pairIndex) key(i uint32) (left, right uint32) {
	return binary.LittleEndian.Uint32(p.keys[8*i:]), binary.LittleEndian.Uint32(p.keys[8*i+4:])
}

// find is the entry of two neighbouring tokens.
func (p *pairIndex) find(left, right uint32) (entry int, ok bool) {
	for at := pairHash(left, right) & p.mask; p.slots[at] != 0; at = (at + 1) & p.mask {
		i := p.slots[at] - 1
		if l, r := p.key(i); l == left && r == right {
			return p.first + int(i), true
		}
	}
	return 0, false
}

func pairHash(left, right uint32) uint32 {
	hash := uint64(left)<<32 | uint64(right)
	hash *= 0x9e3779b97f4a7c15
	return uint32(hash >> 32)
}
