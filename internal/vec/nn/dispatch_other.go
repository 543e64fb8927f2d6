//go:build !amd64 && !arm64

package nn

func gelu(x []float32) { geluPortable(x) }

func layerNorm(x []float32, added *residual, gamma, beta []float32, epsilon float32) {
	layerNormPortable(x, added, gamma, beta, epsilon)
}

func softmax(scores matrix, rows, columns int, inverse *[tile]float32) {
	softmaxPortable(scores, rows, columns, inverse)
}

func product(dst, a matrix, panels []float32, rows, inner, columns int, scales *[tile]float32) {
	productPortable(dst, a, panels, rows, inner, columns, scales)
}
