package nn

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// exact are numbers that every processor makes alike.
func exact(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.IntN(4001)-2000) / 512
	}
	return x
}

// ones are factors that change nothing.
func ones(n int) []float32 { return slices.Repeat([]float32{1}, n) }

// TestEveryProcessorComputesTheSame runs on amd64 with and without AVX-512 and
// AVX2, and on arm64: the sums of bits are the same everywhere.
func TestEveryProcessorComputesTheSame(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	x, gamma, beta := exact(r, 7*384), exact(r, 384), exact(r, 384)
	GELU(x)
	sameSum(t, "GELU", x, 0xde8e813bd972abce)
	AddLayerNorm(x, ones(384), exact(r, 7*384), gamma, beta, 1e-12)
	sameSum(t, "AddLayerNorm", x, 0x33f47051a7ef9a19)
	LayerNorm(x, gamma, beta, 1e-5)
	sameSum(t, "LayerNorm", x, 0x9e3c74d7ee447da2)
	out := make([]float32, 29*128)
	Attention(out, exact(r, 3*29*128), 4, 32, &Scratch{})
	sameSum(t, "Attention", out, 0xb02a1173bff4bdb5)
}

func sameSum(t *testing.T, what string, x []float32, want uint64) {
	t.Helper()
	sum := fnv.New64a()
	for _, v := range x {
		sum.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)))
	}
	if got := sum.Sum64(); got != want {
		t.Errorf("%s: the bits have the sum %#x, want %#x", what, got, want)
	}
}
