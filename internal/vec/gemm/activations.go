package gemm

import (
	"fmt"
	"slices"
)

// Activations are rows of floats in 8 bits, a scale per row. The zero value is
// ready; Quantize reuses its memory. One goroutine may change it at a time,
// any number may multiply with it.
type Activations struct {
	rows, inputs int
	scales       []float32
	// One of these holds the values, as this processor's kernel reads them: from
	// -127 to 127 in 16 bits or 8, or 128 larger in 8.
	words []int16
	bytes []uint8
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
	a.scales = grown(a.scales, a.rows)
	if a.rows > 0 {
		quantize(a, x)
	}
}

func grown[T any](s []T, n int) []T { return slices.Grow(s[:0], n)[:n] }

// perStep is how many steps of a row make 1, scaleOf what a step is, for the
// largest magnitude of the row. A row of zeros has steps of 0.
func perStep(top float32) float32 {
	if top == 0 {
		return 0
	}
	return 127 / top
}

func scaleOf(top float32) float32 { return top / 127 }
