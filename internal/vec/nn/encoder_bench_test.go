package nn_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/semroute/semroute/internal/vec/gemm"
	"github.com/semroute/semroute/internal/vec/nn"
)

// BenchmarkEncoder is the arithmetic of a small BERT encoder, 12 layers of 384 with
// 12 heads, on one core: what an embedding takes at least.
func BenchmarkEncoder(b *testing.B) {
	const layers, hidden, heads = 12, 384, 12
	r := rand.New(rand.NewPCG(1, 2))
	var qkv, out, up, down []*gemm.Weights
	for range layers {
		qkv, out = append(qkv, linear(b, r, 3*hidden, hidden)), append(out, linear(b, r, hidden, hidden))
		up, down = append(up, linear(b, r, 4*hidden, hidden)), append(down, linear(b, r, hidden, 4*hidden))
	}
	gamma, beta := floats(r, hidden), floats(r, hidden)
	for _, tokens := range []int{3, 12, 40, 128, 512} {
		b.Run(fmt.Sprint(tokens), func(b *testing.B) {
			x, projected, mixed := floats(r, tokens*hidden), make([]float32, 3*tokens*hidden), make([]float32, tokens*hidden)
			inner := make([]float32, 4*tokens*hidden)
			var a gemm.Activations
			var s nn.Scratch
			for b.Loop() {
				for l := range layers {
					a.Quantize(x, hidden)
					gemm.Multiply(projected, &a, qkv[l])
					nn.Attention(mixed, projected, heads, hidden/heads, &s)
					a.Quantize(mixed, hidden)
					gemm.Multiply(mixed, &a, out[l])
					nn.AddLayerNorm(x, gamma, mixed, gamma, beta, 1e-12)
					a.Quantize(x, hidden)
					gemm.Multiply(inner, &a, up[l])
					nn.GELU(inner)
					a.Quantize(inner, 4*hidden)
					gemm.Multiply(mixed, &a, down[l])
					nn.AddLayerNorm(x, gamma, mixed, gamma, beta, 1e-12)
				}
			}
		})
	}
}

func linear(b *testing.B, r *rand.Rand, outputs, inputs int) *gemm.Weights {
	b.Helper()
	q, scales := gemm.QuantizeRows(floats(r, outputs*inputs), outputs, inputs)
	w, err := gemm.NewWeights(gemm.Pack(q, outputs, inputs), scales, floats(r, outputs), inputs)
	if err != nil {
		b.Fatal(err)
	}
	return w
}

func floats(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64()) / 16
	}
	return x
}
