// Package gemm multiplies activations by the weights of a linear layer in 8
// bits: y = x·Wᵀ + bias, where W is kept as int8 with one scale per output
// channel and x is quantised on the fly with one scale per row (a token).
//
// It promises: the integer sums are exact and what follows them is rounded in
// one fixed order, so the result is the same to the bit on every processor and
// for every number of rows in one call; nothing is allocated once an
// Activations has seen its largest input. It leaves to its callers what a layer
// means, where weights come from, and how work is shared among goroutines.
//
// The way of a layer:
//
//	q, scales := gemm.QuantizeRows(w, outputs, inputs) // when a model is converted
//	packed := gemm.Pack(q, outputs, inputs)            // the form to store or map
//	layer, err := gemm.NewWeights(packed, scales, bias, inputs)
//
//	var a gemm.Activations                             // kept for the next prompt
//	a.Quantize(x, inputs)                              // rows × inputs
//	gemm.Multiply(y, &a, layer)                        // rows × outputs
package gemm

import "fmt"

const (
	// blockOutputs and blockInputs are the shape of a block of packed weights:
	// 64 bytes, a cache line and an AVX-512 register.
	blockOutputs, blockInputs = 16, 4
	// Step is what the numbers of inputs and of outputs must be a multiple of.
	Step = 32
)

// Multiply stores a·Wᵀ + bias in dst, which is row-major: a.Rows() × w.Outputs().
// It panics when dst or the inputs of a have another length.
func Multiply(dst []float32, a *Activations, w *Weights) {
	MultiplyColumns(dst, a, w, 0, w.outputs)
}

// MultiplyColumns computes only the outputs from, …, to-1 of every row; both are
// multiples of Step. The other columns of dst are left as they are, so that
// several goroutines can share one product.
func MultiplyColumns(dst []float32, a *Activations, w *Weights, from, to int) {
	if a.inputs != w.inputs || len(dst) != a.rows*w.outputs {
		panic(fmt.Sprintf("gemm: %d values for %d rows of %d inputs by a layer of %d × %d",
			len(dst), a.rows, a.inputs, w.outputs, w.inputs))
	}
	if from < 0 || to > w.outputs || from > to || from%Step != 0 || to%Step != 0 {
		panic(fmt.Sprintf("gemm: columns %d to %d of %d", from, to, w.outputs))
	}
	if a.rows > 0 && from < to {
		multiply(dst, a, w, from, to)
	}
}
