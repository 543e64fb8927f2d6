// Package nn is the float32 arithmetic between the matrix products of a
// transformer's layer: GELU, layer normalisation, attention.
//
// It promises: every sum has one fixed order and every step one rounding (where
// a product is added, the two are fused), so the result is the same to the bit
// on every processor, alone or beside other rows; it is within 1e-5 of the exact
// value for the magnitudes that layers produce. It allocates nothing, apart from
// a Scratch that grows to the longest prompt. Values must be finite; lengths are
// multiples of Lanes. It leaves to its callers what a layer is made of, and how
// work is shared among goroutines.
package nn

import "fmt"

// Lanes is what the width of a row must be a multiple of. Sums along a row are
// taken in so many lanes, which are added at the end.
const Lanes = 16

// GELU replaces every x by x·Φ(x), Φ being the normal distribution's function
// (the exact form, not the tanh approximation). It panics when len(x) is no
// multiple of Lanes.
func GELU(x []float32) {
	wholeLanes(len(x))
	gelu(x)
}

// LayerNorm normalises every row of x (its length is that of gamma and beta) to
// mean 0 and variance 1, epsilon being added to the variance, and stores
// gamma × that + beta. It panics when lengths do not fit.
func LayerNorm(x, gamma, beta []float32, epsilon float32) {
	checkNorm(x, gamma, beta)
	layerNorm(x, nil, gamma, beta, epsilon)
}

// AddLayerNorm replaces x by factors × x + delta, row by row, and normalises that
// as LayerNorm does: the residual connection and the normalisation after it.
// Factors, one a column, take back what x was divided by.
func AddLayerNorm(x, factors, delta, gamma, beta []float32, epsilon float32) {
	checkNorm(x, gamma, beta)
	if len(delta) != len(x) || len(factors) != len(gamma) {
		panic(fmt.Sprintf("nn: %d values added to %d, %d factors for rows of %d", len(delta), len(x), len(factors), len(gamma)))
	}
	layerNorm(x, &residual{factors, delta}, gamma, beta, epsilon)
}

// residual is what comes to x before it is normalised: factors × x + delta.
type residual struct{ factors, delta []float32 }

func checkNorm(x, gamma, beta []float32) {
	wholeLanes(len(gamma))
	if len(gamma) == 0 || len(beta) != len(gamma) || len(x)%len(gamma) != 0 {
		panic(fmt.Sprintf("nn: %d values in rows of %d and %d", len(x), len(gamma), len(beta)))
	}
}

func wholeLanes(n int) {
	if n%Lanes != 0 {
		panic(fmt.Sprintf("nn: %d values are no multiple of %d", n, Lanes))
	}
}
