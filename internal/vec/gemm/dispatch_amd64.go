package gemm

import "github.com/semroute/semroute/internal/vec/simd"

// The assembly trusts its arguments: Quantize, NewWeights and Multiply check
// lengths.

func quantize(a *Activations, x []float32) {
	if !simd.AVX2() {
		quantizePortable(a, x)
		return
	}
	if asBytes() {
		a.bytes = grown(a.bytes, len(x))
	} else {
		a.words = grown(a.words, len(x))
	}
	for r := range a.rows {
		quantizeRow(a, x[r*a.inputs:], r)
	}
}

func quantizeRow(a *Activations, x []float32, r int) {
	top := largestAVX2(&x[0], a.inputs)
	per := perStep(top)
	a.scales[r] = scaleOf(top)
	if asBytes() {
		quantizeBytesAVX2(&a.bytes[r*a.inputs], &x[0], a.inputs, per)
	} else {
		quantizeWordsAVX2(&a.words[r*a.inputs], &x[0], a.inputs, per)
	}
}

// asBytes says whether there are products of bytes.
func asBytes() bool { return simd.VNNI() || simd.AVXVNNI() }

func multiply(dst []float32, a *Activations, w *Weights, from, to int) {
	switch {
	case simd.VNNI():
		byVNNI(dst, a, w, from, to)
	case simd.AVXVNNI():
		byAVXVNNI(dst, a, w, from, to)
	case simd.AVX2():
		byAVX2(dst, a, w, from, to)
	default:
		multiplyPortable(dst, a, w, from, to)
	}
}

// The forms let all rows pass by a panel, or two, or a half, before the next one:
// so weights are read once from far memory.

func byVNNI(dst []float32, a *Activations, w *Weights, from, to int) {
	const most = 12
	for out := from; out < to; out += 2 * blockOutputs {
		panel := &w.packed[out*w.inputs]
		for r, height := range tiles(a.rows, most) {
			multiplyVNNI(&dst[r*w.outputs+out], 4*w.outputs, height, w.inputs, panel,
				&w.scales[out], &w.bias[out], &a.scales[r], &w.shift[out], &a.bytes[r*a.inputs])
		}
	}
}

func byAVXVNNI(dst []float32, a *Activations, w *Weights, from, to int) {
	const most = 6
	for out := from; out < to; out += blockOutputs {
		panel := &w.packed[out*w.inputs]
		for r, height := range tiles(a.rows, most) {
			multiplyAVXVNNI(&dst[r*w.outputs+out], 4*w.outputs, height, w.inputs, panel,
				&w.scales[out], &w.bias[out], &a.scales[r], &w.shift[out], &a.bytes[r*a.inputs])
		}
	}
}

func byAVX2(dst []float32, a *Activations, w *Weights, from, to int) {
	const most, half = 4, blockOutputs / 2
	for out := from; out < to; out += half {
		panel := &w.packed[out/blockOutputs*blockOutputs*w.inputs+out%blockOutputs*blockInputs]
		for r, height := range tiles(a.rows, most) {
			multiplyAVX2(&dst[r*w.outputs+out], 4*w.outputs, height, w.inputs, panel,
				&w.scales[out], &w.bias[out], &a.scales[r], &a.words[r*a.inputs])
		}
	}
}
