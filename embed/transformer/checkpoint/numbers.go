package checkpoint

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// number is the type of a tensor's values.
type number string

// Types that are read; others are quantised or no numbers of a model.
const (
	f32  number = "F32"
	f16  number = "F16"
	bf16 number = "BF16"
)

// size is how many bytes a value has, 0 for a type that is not read.
func (n number) size() int64 {
	switch n {
	case f32:
		return 4
	case f16, bf16:
		return 2
	}
	return 0
}

// chunk is how many bytes of a tensor are read at once.
const chunk = 1 << 16

// decode reads count values at an offset of r.
func (n number) decode(r io.ReaderAt, at, count int64) ([]float32, error) {
	size := n.size()
	values := make([]float32, 0, count)
	buffer := make([]byte, min(chunk, count*size))
	for len(values) < int(count) {
		part := buffer[:min(int64(len(buffer)), (count-int64(len(values)))*size)]
		if _, err := r.ReadAt(part, at); err != nil {
			return nil, fmt.Errorf("at byte %d: %w", at, err)
		}
		at += int64(len(part))
		values = n.append(values, part)
	}
	return values, nil
}

func (n number) append(dst []float32, data []byte) []float32 {
	switch n {
	case f32:
		for ; len(data) > 0; data = data[4:] {
			dst = append(dst, math.Float32frombits(binary.LittleEndian.Uint32(data)))
		}
	case bf16:
		for ; len(data) > 0; data = data[2:] {
			dst = append(dst, math.Float32frombits(uint32(binary.LittleEndian.Uint16(data))<<16))
		}
	case f16:
		for ; len(data) > 0; data = data[2:] {
			dst = append(dst, fromHalf(binary.LittleEndian.Uint16(data)))
		}
	}
	return dst
}

// fromHalf is the value of an IEEE 754 number of 16 bits.
func fromHalf(bits uint16) float32 {
	const (
		exponentBits, fractionBits = 5, 10
		top                        = 1<<exponentBits - 1
		bias                       = 15
	)
	sign := uint32(bits>>15) << 31
	exponent, fraction := uint32(bits>>fractionBits)&top, uint32(bits)&(1<<fractionBits-1)
	switch exponent {
	case 0: // zero and what is smaller than the smallest exponent
		value := math.Ldexp(float64(fraction), 1-bias-fractionBits)
		return math.Float32frombits(math.Float32bits(float32(value)) | sign)
	case top: // infinite or no number
		return math.Float32frombits(sign | 0xFF<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-bias)<<23 | fraction<<13)
}
