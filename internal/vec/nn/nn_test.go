package nn

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

func normal(r *rand.Rand, n int, deviation float64) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64() * deviation)
	}
	return x
}

func sameBits(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			t.Fatalf("%s, at %d: %v, the portable form gives %v", what, i, got[i], want[i])
		}
	}
}

func TestGELUIsExact(t *testing.T) {
	var x []float32
	for v := -12.0; v < 12; v += 1.0 / 512 {
		x = append(x, float32(v))
	}
	x = append(x, 0, float32(math.Copysign(0, -1)), 1e-30, -1e-30, 5.6, -5.6, 30, -30, 1e-8, -100, 100, 6, -6, 5.7, -5.7, 0.5)
	x = x[:len(x)/Lanes*Lanes]
	want, portable := slices.Clone(x), slices.Clone(x)
	GELU(x)
	geluPortable(portable)
	for i, v := range want {
		exact := float64(v) / 2 * math.Erfc(-float64(v)/math.Sqrt2)
		if math.Abs(float64(x[i])-exact) > 2e-6*max(1, math.Abs(float64(v))/8) {
			t.Errorf("GELU(%v) = %v, want %v", v, x[i], exact)
		}
	}
	sameBits(t, "GELU", x, portable)
}

func TestNormsAreExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{16, 32, 48, 384, 1024} {
		for _, rows := range []int{0, 1, 5} {
			x, delta := normal(r, n*rows, 3), normal(r, n*rows, 1)
			gamma, beta, factors := normal(r, n, 1), normal(r, n, 1), normal(r, n, 1)
			alone, added := slices.Clone(x), slices.Clone(x)
			LayerNorm(alone, gamma, beta, 1e-12)
			AddLayerNorm(added, factors, delta, gamma, beta, 1e-5)
			for row := range rows {
				at := row * n
				sum := make([]float64, n)
				for i := range sum {
					sum[i] = float64(x[at+i])
				}
				nearNorm(t, alone[at:at+n], sum, gamma, beta, 1e-12)
				for i := range sum {
					sum[i] = sum[i]*float64(factors[i]) + float64(delta[at+i])
				}
				nearNorm(t, added[at:at+n], sum, gamma, beta, 1e-5)
			}
			portable := slices.Clone(x)
			layerNormPortable(portable, nil, gamma, beta, 1e-12)
			sameBits(t, "LayerNorm", alone, portable)
			portable = slices.Clone(x)
			layerNormPortable(portable, &residual{factors, delta}, gamma, beta, 1e-5)
			sameBits(t, "AddLayerNorm", added, portable)
		}
	}
}

func nearNorm(t *testing.T, got []float32, x []float64, gamma, beta []float32, epsilon float64) {
	t.Helper()
	var mean, variance float64
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / float64(len(x))
	}
	for i, v := range x {
		want := (v-mean)/math.Sqrt(variance+epsilon)*float64(gamma[i]) + float64(beta[i])
		if math.Abs(float64(got[i])-want) > 1e-5 {
			t.Fatalf("row of %d, at %d: %v, want %v", len(x), i, got[i], want)
		}
	}
}

func TestNormOfEqualValuesIsBeta(t *testing.T) {
	x, ones := slices.Repeat([]float32{3}, 32), slices.Repeat([]float32{1}, 32)
	beta := normal(rand.New(rand.NewPCG(3, 4)), 32, 1)
	if LayerNorm(x, ones, beta, 1e-12); !slices.Equal(x, beta) {
		t.Errorf("%v, want %v", x, beta)
	}
}

func TestAttentionIsSoftmaxOfTheScoresTimesTheValues(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var s Scratch
	for _, shape := range []struct{ tokens, heads, width int }{
		{1, 1, 16}, {3, 2, 32}, {12, 12, 32}, {13, 3, 64}, {16, 2, 32}, {17, 2, 48}, {40, 2, 32}, {128, 1, 64}, {5, 1, 32},
	} {
		hidden := shape.heads * shape.width
		qkv, got := normal(r, 3*hidden*shape.tokens, 2), make([]float32, hidden*shape.tokens)
		Attention(got, qkv, shape.heads, shape.width, &s)
		want := attention64(qkv, shape.tokens, shape.heads, shape.width)
		for i := range want {
			if math.Abs(float64(got[i])-want[i]) > 1e-5 {
				t.Fatalf("%+v, at %d: %v, want %v", shape, i, got[i], want[i])
			}
		}
	}
}

// attention64 is the definition.
func attention64(qkv []float32, tokens, heads, width int) []float64 {
	hidden := heads * width
	at := func(token, part, head, i int) float64 {
		return float64(qkv[token*3*hidden+part*hidden+head*width+i])
	}
	out := make([]float64, tokens*hidden)
	for h := range heads {
		for t := range tokens {
			weights, sum := make([]float64, tokens), 0.0
			for u := range weights {
				var score float64
				for i := range width {
					score += at(t, 0, h, i) * at(u, 1, h, i)
				}
				weights[u] = math.Exp(score / math.Sqrt(float64(width)))
				sum += weights[u]
			}
			for u, w := range weights {
				for i := range width {
					out[t*hidden+h*width+i] += w / sum * at(u, 2, h, i)
				}
			}
		}
	}
	return out
}

func TestAPromptsAttentionDoesNotDependOnWhatCameBefore(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	var used, fresh Scratch
	long, short := normal(r, 3*64*100, 5), normal(r, 3*64*7, 1)
	Attention(make([]float32, 64*100), long, 2, 32, &used)
	got, want := make([]float32, 64*7), make([]float32, 64*7)
	Attention(got, short, 2, 32, &used)
	Attention(want, short, 2, 32, &fresh)
	sameBits(t, "attention", got, want)
	if n := testing.AllocsPerRun(5, func() { Attention(got, short, 2, 32, &used) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestAttentionBearsHugeScores(t *testing.T) {
	qkv := make([]float32, 3*32*3)
	for i := range qkv {
		qkv[i] = float32(i%7) * 40
	}
	got := make([]float32, 32*3)
	Attention(got, qkv, 1, 32, &Scratch{})
	for i, v := range got {
		if math.IsNaN(float64(v)) || v < 0 || v > 240 {
			t.Fatalf("at %d: %v", i, v)
		}
	}
}

func TestSoftmaxIsTheSameToTheBit(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for columns := 1; columns <= 70; columns++ {
		stride := (columns + Lanes - 1) / Lanes * Lanes
		for _, deviation := range []float64{0, 1, 30} {
			got := normal(r, tile*stride, deviation)
			want := slices.Clone(got)
			var inverse, wantInverse [tile]float32
			softmax(matrix{got, stride}, tile-1, columns, &inverse)
			softmaxPortable(matrix{want, stride}, tile-1, columns, &wantInverse)
			sameBits(t, "softmax", got, want)
			sameBits(t, "inverse", inverse[:], wantInverse[:])
		}
	}
}

func TestProductIsTheSameToTheBit(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for rows := 1; rows <= tile; rows++ {
		for _, inner := range []int{1, 2, 31, 64} {
			for _, columns := range []int{16, 32, 48, 64, 80, 128} {
				a, b := matrix{normal(r, rows*(inner+3), 1), inner + 3}, normal(r, inner*columns, 1)
				got, want := make([]float32, rows*(columns+5)), make([]float32, rows*(columns+5))
				scales := [tile]float32(normal(r, tile, 1))
				product(matrix{got, columns + 5}, a, b, rows, inner, columns, &scales)
				productPortable(matrix{want, columns + 5}, a, b, rows, inner, columns, &scales)
				sameBits(t, "product", got, want)
			}
		}
	}
}

func TestExpIsNearlyExact(t *testing.T) {
	for x := float32(0); x > -86; x -= 0.0137 {
		if got, want := float64(exp(x)), math.Exp(float64(x)); math.Abs(got-want) > 3e-7*want {
			t.Fatalf("exp(%v) = %v, want %v", x, got, want)
		}
	}
}

func TestFMARoundsOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	for range 200000 {
		x, y := float32(r.NormFloat64()), float32(r.NormFloat64())
		z := float32(-float64(x)*float64(y)) * (1 + float32(r.IntN(3)-1)*0x1p-23)
		switch r.IntN(4) {
		case 0:
			z = float32(r.NormFloat64())
		case 1: // far below half a step of the product
			z = float32(r.NormFloat64()) * 0x1p-40
		case 2: // ties
			x, y = float32(1+r.IntN(4096))/4096, float32(1+r.IntN(8192))
			z = float32(r.NormFloat64()) * 0x1p-60
		}
		exact := new(big.Float).SetPrec(200).SetFloat64(float64(x) * float64(y))
		exact.Add(exact, big.NewFloat(float64(z)))
		if want, _ := exact.Float32(); fma(x, y, z) != want {
			t.Fatalf("%v × %v + %v = %v, want %v", x, y, z, fma(x, y, z), want)
		}
	}
}

func TestLengthsThatDoNotFitPanic(t *testing.T) {
	x := make([]float32, 96)
	for name, call := range map[string]func(){
		"GELU":         func() { GELU(x[:17]) },
		"row":          func() { LayerNorm(x[:40], x[:32], x[:32], 0) },
		"beta":         func() { LayerNorm(x[:64], x[:32], x[:16], 0) },
		"no gamma":     func() { LayerNorm(nil, nil, nil, 0) },
		"width":        func() { LayerNorm(x[:40], x[:20], x[:20], 0) },
		"delta":        func() { AddLayerNorm(x[:64], x[:32], x[:32], x[:32], x[:32], 0) },
		"factors":      func() { AddLayerNorm(x[:64], x[:16], x[:64], x[:32], x[:32], 0) },
		"heads' width": func() { Attention(x[:8], x[:24], 1, 8, &Scratch{}) },
		"qkv":          func() { Attention(x[:32], x[:64], 1, 32, &Scratch{}) },
		"tokens":       func() { Attention(x[:16], x[:48], 1, 32, &Scratch{}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			call()
		}()
	}
}

func BenchmarkGELU(b *testing.B) {
	x := normal(rand.New(rand.NewPCG(15, 16)), 12*1536, 1)
	work := make([]float32, len(x))
	b.SetBytes(int64(4 * len(x)))
	for b.Loop() {
		copy(work, x)
		GELU(work)
	}
}

func BenchmarkAddLayerNorm(b *testing.B) {
	r := rand.New(rand.NewPCG(17, 18))
	x, delta, gamma, beta := normal(r, 12*384, 1), normal(r, 12*384, 1e-3), normal(r, 384, 1), normal(r, 384, 1)
	b.SetBytes(int64(4 * len(x)))
	for b.Loop() {
		AddLayerNorm(x, gamma, delta, gamma, beta, 1e-12)
	}
}

func BenchmarkAttention(b *testing.B) {
	r := rand.New(rand.NewPCG(19, 20))
	for _, tokens := range []int{12, 128, 512} {
		qkv, dst := normal(r, 3*384*tokens, 1), make([]float32, 384*tokens)
		var s Scratch
		b.Run(map[int]string{12: "12", 128: "128", 512: "512"}[tokens], func(b *testing.B) {
			for b.Loop() {
				Attention(dst, qkv, 12, 32, &s)
			}
		})
	}
}
