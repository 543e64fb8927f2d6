package gemm

import (
	"fmt"
	"math"
	"slices"
)

// Activations are rows of floats in 8 bits, a scale per row. The zero value is
// ready; Quantize reuses its memory. One goroutine may change it at a time,
// any number may multiply with it.
type Activations struct {
	rows, inputs int
	// values are the signed 8-bit numbers in 16 bits.
	values []int16
	scales []float32
}

// Rows is the number of rows of the last Quantize.
func (a *Activations) Rows() int { return a.rows }

// Quantize replaces what a holds by the rows of x, each of the given number of
// inputs: x[r][i] is about scale × q with q from -127 to 127. It panics when
// inputs is not a positive multiple of Step or x is no whole number of rows. All
// values must be finite.
func (a *Activations) Quantize(x []float32, inputs int) {
	if inputs <= 0 || inputs%Step != 0 || len(x)%inputs != 0 {
		panic(fmt.Sprintf("gemm: %d activations in rows of %d", len(x), inputs))
	}
	a.rows, a.inputs = len(x)/inputs, inputs
	a.scales = slices.Grow(a.scales[:0], a.rows)[:a.rows]
	a.values = slices.Grow(a.values[:0], len(x))[:len(x)]
	for r := range a.rows {
		a.scales[r] = quantizePortable(a.values[r*inputs:][:inputs], x[r*inputs:][:inputs])
	}
}

// quantizePortable rounds in float32, to even, as the assembly does.
func quantizePortable(dst []int16, x []float32) (scale float32) {
	var top float32
	for _, v := range x {
		top = max(top, magnitude(v))
	}
	if top == 0 {
		clear(dst)
		return 0
	}
	per := 127 / top
	for i, v := range x {
		dst[i] = int16(math.RoundToEven(float64(v * per)))
	}
	return top / 127
}
