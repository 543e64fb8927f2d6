package memory

import "math/bits"

// bitmap is a set of small numbers; nil is the empty set.
type bitmap []uint64

func newBitmap(n int32) bitmap { return make(bitmap, (int(n)+63)/64) }

func (b bitmap) has(i int32) bool { return b != nil && b[i/64]&(1<<(i%64)) != 0 }

// set adds i and tells whether it is new.
func (b bitmap) set(i int32) bool {
	if b.has(i) {
		return false
	}
	b[i/64] |= 1 << (i % 64)
	return true
}

// each calls visit with the members from first up to, not including, end, less
// first.
func (b bitmap) each(first, end int32, visit func(i int32)) {
	for word := first / 64; word*64 < end; word++ {
		for left := b[word]; left != 0; left &= left - 1 {
			i := word*64 + int32(bits.TrailingZeros64(left))
			if i >= first && i < end {
				visit(i - first)
			}
		}
	}
}
