package gemm

import (
	"fmt"
	"math"
)

// Weights is a linear layer, immutable and safe for concurrent use.
type Weights struct {
	inputs, outputs int
	packed          []int8
	scales, bias    []float32
	// shift is what an output's sum is too large by when 128 is added to every
	// activation: 128 × the sum of its weights.
	shift []int32
}

// NewWeights is a layer of packed weights (see Pack) with a scale and a bias per
// output. It keeps the slices, which may lie in mapped read-only memory. The
// error says which lengths do not fit or which number is not finite.
func NewWeights(packed []int8, scales, bias []float32, inputs int) (*Weights, error) {
	outputs := len(scales)
	switch {
	case inputs <= 0 || inputs%Step != 0 || outputs == 0 || outputs%Step != 0:
		return nil, fmt.Errorf("gemm: a layer of %d × %d, both must be multiples of %d", outputs, inputs, Step)
	case inputs > maxInputs:
		return nil, fmt.Errorf("gemm: %d inputs, at most %d keep the sums in 32 bits", inputs, maxInputs)
	case len(bias) != outputs || len(packed) != outputs*inputs:
		return nil, fmt.Errorf("gemm: %d weights and %d biases for a layer of %d × %d", len(packed), len(bias), outputs, inputs)
	}
	for i := range scales {
		if !finite(scales[i]) || !finite(bias[i]) {
			return nil, fmt.Errorf("gemm: scale %v and bias %v of output %d", scales[i], bias[i], i)
		}
	}
	return &Weights{inputs: inputs, outputs: outputs, packed: packed, scales: scales, bias: bias, shift: shifts(packed, outputs, inputs)}, nil
}

// maxInputs keeps 255 × 128 × inputs within 32 bits.
const maxInputs = 1 << 16

// Inputs is the length of a row of activations.
func (w *Weights) Inputs() int { return w.inputs }

// Outputs is the length of a row of the product.
func (w *Weights) Outputs() int { return w.outputs }

func shifts(packed []int8, outputs, inputs int) []int32 {
	out := make([]int32, outputs)
	for block := range outputs / blockOutputs {
		sums := out[block*blockOutputs:][:blockOutputs]
		panel := packed[block*blockOutputs*inputs:][:blockOutputs*inputs]
		for ; len(panel) > 0; panel = panel[blockOutputs*blockInputs:] {
			for i := range sums {
				p := panel[i*blockInputs:][:blockInputs]
				sums[i] += 128 * (int32(p[0]) + int32(p[1]) + int32(p[2]) + int32(p[3]))
			}
		}
	}
	return out
}

// Pack brings a row-major matrix, a row per output, into the order in which the
// kernels read it: panels of 16 outputs, in a panel blocks of four inputs, in a
// block four neighbouring bytes per output. Both numbers are multiples of Step;
// it panics when len(rows) is not their product. Packed weights do not depend on
// the processor.
func Pack(rows []int8, outputs, inputs int) []int8 {
	if outputs%Step != 0 || inputs%Step != 0 || len(rows) != outputs*inputs {
		panic(fmt.Sprintf("gemm: %d weights for %d × %d", len(rows), outputs, inputs))
	}
	packed := make([]int8, 0, len(rows))
	for first := 0; first < outputs; first += blockOutputs {
		for in := 0; in < inputs; in += blockInputs {
			for out := first; out < first+blockOutputs; out++ {
				at := out*inputs + in
				packed = append(packed, rows[at:at+blockInputs]...)
			}
		}
	}
	return packed
}

// QuantizeRows gives a row-major matrix of floats its 8-bit form, row by row:
// w[r][i] is about scales[r] × q[r][i] with the largest of a row at ±127. It
// panics when len(w) is not outputs × inputs; all weights must be finite.
func QuantizeRows(w []float32, outputs, inputs int) (q []int8, scales []float32) {
	if len(w) != outputs*inputs {
		panic(fmt.Sprintf("gemm: %d weights for %d × %d", len(w), outputs, inputs))
	}
	q, scales = make([]int8, len(w)), make([]float32, outputs)
	for r := range scales {
		row := w[r*inputs:][:inputs]
		var top float32
		for _, x := range row {
			top = max(top, magnitude(x))
		}
		if top == 0 {
			continue
		}
		scales[r] = top / 127
		per := 127 / float64(top)
		for i, x := range row {
			q[r*inputs+i] = int8(math.RoundToEven(float64(x) * per))
		}
	}
	return q, scales
}

func magnitude(x float32) float32 { return math.Float32frombits(math.Float32bits(x) &^ (1 << 31)) }

func finite(x float32) bool {
	const exponent = 0x7f800000
	return math.Float32bits(x)&exponent != exponent
}
