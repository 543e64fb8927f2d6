package gemm

import "math"

// The portable forms, to the bit what the assembly computes.

func quantizePortable(a *Activations, x []float32) {
	a.words = grown(a.words, len(x))
	for r := range a.rows {
		a.scales[r] = quantizeRowPortable(a.words[r*a.inputs:][:a.inputs], x[r*a.inputs:][:a.inputs])
	}
}

// quantizeRowPortable rounds in float32, to even.
func quantizeRowPortable(dst []int16, x []float32) (scale float32) {
	var top float32
	for _, v := range x {
		top = max(top, magnitude(v))
	}
	per := perStep(top)
	for i, v := range x {
		dst[i] = int16(math.RoundToEven(float64(float32(v * per))))
	}
	return scaleOf(top)
}

// multiplyPortable takes a panel of 16 outputs at a time, so that its weights stay
// in the cache while all rows pass.
func multiplyPortable(dst []float32, a *Activations, w *Weights, from, to int) {
	for first := from; first < to; first += blockOutputs {
		panel := w.packed[first*w.inputs:][:blockOutputs*w.inputs]
		for r := range a.rows {
			sums := panelSums(a.words[r*a.inputs:][:a.inputs], panel)
			out := dst[r*w.outputs+first:][:blockOutputs]
			for i := range out {
				// Conversions keep compilers from fusing: one rounding a step.
				scaled := float32(float32(sums[i]) * a.scales[r])
				out[i] = float32(scaled*w.scales[first+i]) + w.bias[first+i]
			}
		}
	}
}

func panelSums(row []int16, panel []int8) (sums [blockOutputs]int32) {
	for len(row) >= blockInputs {
		x0, x1, x2, x3 := int32(row[0]), int32(row[1]), int32(row[2]), int32(row[3])
		block := panel[:blockOutputs*blockInputs]
		for i := range sums {
			p := block[i*blockInputs:][:blockInputs]
			sums[i] += x0*int32(p[0]) + x1*int32(p[1]) + x2*int32(p[2]) + x3*int32(p[3])
		}
		row, panel = row[blockInputs:], panel[blockOutputs*blockInputs:]
	}
	return sums
}
