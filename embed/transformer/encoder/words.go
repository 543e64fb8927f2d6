package encoder

import (
	"fmt"

	"github.com/semroute/semroute/internal/vec"
)

// Words is the table of tokens, a row each, in 8 or in 4 bits a number. In 8 bits
// a row has one scale. In 4 bits every WordGroup numbers have one, itself in 8
// bits in units of the row's: half the memory, for a cosine of some .0003.
type Words struct {
	// Bits is 8 or 4.
	Bits int
	// Codes are rows of Hidden signed bytes or, with 4 bits, of half as many: the
	// first half of a group in the lower bits, the second in the upper, 8 too large.
	Codes []byte
	// Groups are rows of signed bytes, a scale a group; empty with 8 bits.
	Groups []byte
	// Scales has one a row.
	Scales []float32
}

// WordGroup is how many numbers of a row share a scale in 4 bits.
const WordGroup = 32

// WordBytes are the sizes of the Codes and Groups of a row.
func WordBytes(bits, hidden int) (codes, groups int) {
	if bits == 4 {
		return hidden / 2, hidden / WordGroup
	}
	return hidden, 0
}

// check says what does not fit a shape.
func (w *Words) check(s *Shape) error {
	if w.Bits != 4 && w.Bits != 8 {
		return fmt.Errorf("%w: tokens in %d bits", ErrShape, w.Bits)
	}
	codes, groups := WordBytes(w.Bits, s.Hidden)
	if len(w.Codes) != s.Vocabulary*codes || len(w.Groups) != s.Vocabulary*groups || len(w.Scales) != s.Vocabulary {
		return fmt.Errorf("%w: a table of tokens of another size", ErrShape)
	}
	return nil
}

// addRow adds a token's row.
func (w *Words) addRow(dst []float32, id int) {
	codes, groups := WordBytes(w.Bits, len(dst))
	row := w.Codes[id*codes : (id+1)*codes]
	if w.Bits == 8 {
		vec.AddScaledInt8(dst, row, w.Scales[id])
		return
	}
	const half = WordGroup / 2
	for i, group := range w.Groups[id*groups : (id+1)*groups] {
		scale := float32(w.Scales[id] * float32(int8(group)))
		lower, upper := dst[i*WordGroup:][:half], dst[i*WordGroup+half:][:half]
		for j, code := range row[i*half:][:half] {
			// Conversions keep compilers from fusing: one rounding a step.
			lower[j] += float32(scale * float32(int(code&15)-8))
			upper[j] += float32(scale * float32(int(code>>4)-8))
		}
	}
}
