package nn

// Softmax and layer normalisation have no kernel here: beside the products of
// matrices they take little.

// geluNumbers are P, Q, the ends and a half, as geluNEON reads them.
var geluNumbers = [15]float32{
	cdfP[0], cdfP[1], cdfP[2], cdfP[3], cdfP[4], cdfP[5],
	cdfQ[0], cdfQ[1], cdfQ[2], cdfQ[3], cdfQ[4], cdfQ[5],
	cdfEnd, -cdfEnd, 0.5,
}

func gelu(x []float32) {
	if len(x) > 0 {
		geluNEON(&x[0], len(x), &geluNumbers[0])
	}
}

func layerNorm(x []float32, added *residual, gamma, beta []float32, epsilon float32) {
	layerNormPortable(x, added, gamma, beta, epsilon)
}

func softmax(scores matrix, rows, columns int, inverse *[tile]float32) {
	softmaxPortable(scores, rows, columns, inverse)
}

func product(dst, a matrix, panels []float32, rows, inner, columns int, scales *[tile]float32) {
	const most = 4
	for first := 0; first < rows; first += most {
		for c := 0; c < columns; c += Lanes {
			productNEON(&dst.at[first*dst.stride+c], &a.at[first*a.stride], &panels[c*inner],
				4*dst.stride, 4*a.stride, min(most, rows-first), inner, &scales[first])
		}
	}
}
