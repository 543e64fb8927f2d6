//go:build !amd64 && !arm64

package gemm

func quantize(a *Activations, x []float32) { quantizePortable(a, x) }

func multiply(dst []float32, a *Activations, w *Weights, from, to int) {
	multiplyPortable(dst, a, w, from, to)
}
