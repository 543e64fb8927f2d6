package gemm

import "github.com/semroute/semroute/internal/vec/simd"

// The assembly trusts its arguments: Quantize, NewWeights and Multiply check
// lengths.

func quantize(a *Activations, x []float32) {
	a.bytes = grown(a.bytes, len(x))
	for r := range a.rows {
		row := &x[r*a.inputs]
		top := largestNEON(row, a.inputs)
		a.scales[r] = scaleOf(top)
		quantizeRowNEON(&a.bytes[r*a.inputs], row, a.inputs, perStep(top))
	}
}

// multiply lets all rows pass by a panel before the next one: so weights are read
// once from far memory.
func multiply(dst []float32, a *Activations, w *Weights, from, to int) {
	most := 2
	if simd.DotProduct() {
		most = 4
	}
	for out := from; out < to; out += blockOutputs {
		panel := &w.packed[out*w.inputs]
		for r, height := range tiles(a.rows, most) {
			row, values := &dst[r*w.outputs+out], &a.bytes[r*a.inputs]
			if simd.DotProduct() {
				multiplySDOT(row, 4*w.outputs, height, w.inputs, panel, &w.scales[out], &w.bias[out], &a.scales[r], values)
			} else {
				multiplySMULL(row, 4*w.outputs, height, w.inputs, panel, &w.scales[out], &w.bias[out], &a.scales[r], values)
			}
		}
	}
}
