package nn

import "github.com/semroute/semroute/internal/vec/simd"

// The assembly trusts its arguments: the exported functions check lengths. It is
// called by name: through a function value, what it is given would have to be on
// the heap.

func gelu(x []float32) {
	switch {
	case len(x) == 0:
	case simd.AVX512():
		geluAVX512(&x[0], len(x))
	case simd.AVX2():
		geluAVX2(&x[0], len(x))
	default:
		geluPortable(x)
	}
}

func layerNorm(x []float32, added *residual, gamma, beta []float32, epsilon float32) {
	if !simd.AVX2() {
		layerNormPortable(x, added, gamma, beta, epsilon)
		return
	}
	n := len(gamma)
	for first := 0; first < len(x); first += n {
		var factors, delta *float32
		if added != nil {
			factors, delta = &added.factors[0], &added.delta[first]
		}
		if simd.AVX512() {
			layerNormAVX512(&x[first], factors, delta, &gamma[0], &beta[0], n, epsilon, 1/float32(n))
		} else {
			layerNormAVX2(&x[first], factors, delta, &gamma[0], &beta[0], n, epsilon, 1/float32(n))
		}
	}
}

// lastLanes are masks: from i, those of the first Lanes-i lanes are set.
var lastLanes = [2 * Lanes]uint32{
	1<<32 - 1, 1<<32 - 1, 1<<32 - 1, 1<<32 - 1, 1<<32 - 1, 1<<32 - 1, 1<<32 - 1, 1<<32 - 1,
	1<<32 - 1, 1<<32 - 1, 1<<32 - 1, 1<<32 - 1, 1<<32 - 1, 1<<32 - 1, 1<<32 - 1, 1<<32 - 1,
}

func softmax(scores matrix, rows, columns int, inverse *[tile]float32) {
	if !simd.AVX2() {
		softmaxPortable(scores, rows, columns, inverse)
		return
	}
	padding := scores.stride - columns
	for r := range rows {
		if row := &scores.at[r*scores.stride]; simd.AVX512() {
			inverse[r] = softmaxAVX512(row, scores.stride, &lastLanes[padding])
		} else {
			inverse[r] = softmaxAVX2(row, scores.stride, &lastLanes[padding])
		}
	}
}

func product(dst, a matrix, panels []float32, rows, inner, columns int, scales *[tile]float32) {
	if !simd.AVX2() {
		productPortable(dst, a, panels, rows, inner, columns, scales)
		return
	}
	if simd.AVX512() {
		for c := 0; c < columns; c += Lanes {
			productAVX512(&dst.at[c], &a.at[0], &panels[c*inner], 4*dst.stride, 4*a.stride, rows, inner, &scales[0])
		}
		return
	}
	const most = tile / 2
	for first := 0; first < rows; first += most {
		for c := 0; c < columns; c += Lanes {
			productAVX2(&dst.at[first*dst.stride+c], &a.at[first*a.stride], &panels[c*inner],
				4*dst.stride, 4*a.stride, min(most, rows-first), inner, &scales[first])
		}
	}
}
