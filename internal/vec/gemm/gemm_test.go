package gemm

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// layer is a random linear layer, and its weights row by row.
func layer(t testing.TB, r *rand.Rand, outputs, inputs int) (*Weights, []int8) {
	t.Helper()
	rows := make([]int8, outputs*inputs)
	for i := range rows {
		rows[i] = int8(r.IntN(256) - 128)
	}
	scales, bias := make([]float32, outputs), make([]float32, outputs)
	for i := range scales {
		scales[i], bias[i] = r.Float32()/100, r.Float32()-.5
	}
	w, err := NewWeights(Pack(rows, outputs, inputs), scales, bias, inputs)
	if err != nil {
		t.Fatal(err)
	}
	return w, rows
}

func normal(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// plain is the product by its definition.
func plain(x []float32, w *Weights, rows []int8) []float32 {
	var out []float32
	q := make([]int16, w.inputs)
	for ; len(x) > 0; x = x[w.inputs:] {
		scale := quantizeRowPortable(q, x[:w.inputs])
		for o := range w.outputs {
			var sum int32
			for i, v := range q {
				sum += int32(v) * int32(rows[o*w.inputs+i])
			}
			scaled := float32(float32(sum) * scale)
			out = append(out, float32(scaled*w.scales[o])+w.bias[o])
		}
	}
	return out
}

func TestMultiplyIsTheProductToTheBit(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, shape := range [][2]int{{32, 32}, {64, 32}, {32, 96}, {96, 384}, {384, 1536}} {
		w, rows := layer(t, r, shape[0], shape[1])
		var a Activations
		for _, n := range []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 16, 23, 25, 37} {
			x := normal(r, n*shape[1])
			got := make([]float32, n*shape[0])
			a.Quantize(x, shape[1])
			Multiply(got, &a, w)
			want := plain(x, w, rows)
			for i := range want {
				if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
					t.Fatalf("%d rows by %v, at %d: %v, want %v", n, shape, i, got[i], want[i])
				}
			}
		}
	}
}

func TestMultiplyHoldsTheLargestSums(t *testing.T) {
	const inputs = 3072
	for _, weight := range []int8{-128, 127} {
		w, err := NewWeights(slices.Repeat([]int8{weight}, 32*inputs), slices.Repeat([]float32{1}, 32), make([]float32, 32), inputs)
		if err != nil {
			t.Fatal(err)
		}
		for _, value := range []float32{127, -127} {
			var a Activations
			a.Quantize(slices.Repeat([]float32{value}, 2*inputs), inputs)
			got := make([]float32, 64)
			Multiply(got, &a, w)
			for i, v := range got {
				if want := float32(weight) * value * inputs; v != want {
					t.Fatalf("%v × %v, at %d: %v, want %v", weight, value, i, v, want)
				}
			}
		}
	}
}

func TestColumnsTogetherAreTheProduct(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	w, _ := layer(t, r, 160, 64)
	var a Activations
	a.Quantize(normal(r, 7*64), 64)
	whole, parts := make([]float32, 7*160), make([]float32, 7*160)
	Multiply(whole, &a, w)
	for _, part := range [][2]int{{96, 160}, {32, 96}, {0, 32}, {64, 64}} {
		MultiplyColumns(parts, &a, w, part[0], part[1])
	}
	if !slices.Equal(whole, parts) {
		t.Fatal("the columns in parts differ from the whole")
	}
}

func TestQuantizedLayersAreNearTheFloats(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	const outputs, inputs, n = 64, 384, 9
	floats, x, bias := normal(r, outputs*inputs), normal(r, n*inputs), normal(r, outputs)
	q, scales := QuantizeRows(floats, outputs, inputs)
	w, err := NewWeights(Pack(q, outputs, inputs), scales, bias, inputs)
	if err != nil {
		t.Fatal(err)
	}
	var a Activations
	a.Quantize(x, inputs)
	got := make([]float32, n*outputs)
	Multiply(got, &a, w)
	for i := range got {
		want := float64(bias[i%outputs])
		for k := range inputs {
			want += float64(x[i/outputs*inputs+k]) * float64(floats[i%outputs*inputs+k])
		}
		if math.Abs(float64(got[i])-want) > 1.5 { // the sums have a deviation of 20
			t.Fatalf("at %d: %v, want %v", i, got[i], want)
		}
	}
}

// TestEveryProcessorComputesTheSame runs on amd64 with and without AVX-512 and
// AVX2, and on arm64: the sum of bits is the same everywhere.
func TestEveryProcessorComputesTheSame(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 18))
	w, _ := layer(t, r, 96, 384)
	x, got := make([]float32, 11*384), make([]float32, 11*96)
	for i := range x {
		x[i] = float32(r.IntN(4001)-2000) / 512
	}
	var a Activations
	a.Quantize(x, 384)
	Multiply(got, &a, w)
	sum := fnv.New64a()
	for _, v := range got {
		sum.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)))
	}
	const want = 0x72142e62170f4dc2
	if sum.Sum64() != want {
		t.Errorf("the bits have the sum %#x, want %#x", sum.Sum64(), int64(want))
	}
}

func TestQuantizeNeedsNoMemoryTwice(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	w, _ := layer(t, r, 32, 64)
	x, dst := normal(r, 20*64), make([]float32, 20*32)
	var a Activations
	a.Quantize(x, 64)
	if n := testing.AllocsPerRun(10, func() {
		a.Quantize(x[:5*64], 64)
		Multiply(dst[:5*32], &a, w)
		a.Quantize(x, 64)
		Multiply(dst, &a, w)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestARowOfZerosIsTheBias(t *testing.T) {
	w, _ := layer(t, rand.New(rand.NewPCG(9, 10)), 32, 32)
	var a Activations
	a.Quantize(make([]float32, 3*32), 32)
	got := make([]float32, 3*32)
	Multiply(got, &a, w)
	if want := slices.Repeat(w.bias, 3); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestLayersThatDoNotFitAreRefused(t *testing.T) {
	nan := float32(math.NaN())
	ones := slices.Repeat([]float32{1}, 32)
	for name, c := range map[string]struct {
		packed, inputs int
		scales, bias   []float32
	}{
		"inputs":  {32 * 33, 33, ones, ones},
		"none":    {0, 0, ones, ones},
		"outputs": {31 * 32, 32, ones[:31], ones[:31]},
		"packed":  {32*32 - 1, 32, ones, ones},
		"bias":    {32 * 32, 32, ones, ones[:31]},
		"scale":   {32 * 32, 32, append([]float32{nan}, ones[1:]...), ones},
		"huge":    {32 * (maxInputs + 32), maxInputs + 32, ones, ones},
	} {
		if _, err := NewWeights(make([]int8, c.packed), c.scales, c.bias, c.inputs); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestCallsThatDoNotFitPanic(t *testing.T) {
	w, _ := layer(t, rand.New(rand.NewPCG(11, 12)), 64, 32)
	var a Activations
	a.Quantize(make([]float32, 2*32), 32)
	dst := make([]float32, 2*64)
	for name, call := range map[string]func(){
		"dst":           func() { Multiply(dst[1:], &a, w) },
		"columns":       func() { MultiplyColumns(dst, &a, w, 16, 64) },
		"columns after": func() { MultiplyColumns(dst, &a, w, 32, 96) },
		"inputs":        func() { b := Activations{}; b.Quantize(make([]float32, 2*64), 64); Multiply(dst, &b, w) },
		"rows":          func() { a.Quantize(make([]float32, 33), 32) },
		"Pack":          func() { Pack(make([]int8, 32*16), 16, 32) },
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

// BenchmarkMultiply says how many operations (a product and a sum are two) a
// core does in a second, in the shapes of a small encoder's layers.
func BenchmarkMultiply(b *testing.B) {
	r := rand.New(rand.NewPCG(13, 14))
	for _, shape := range [][2]int{{1152, 384}, {384, 384}, {1536, 384}, {384, 1536}, {768, 3072}} {
		w, _ := layer(b, r, shape[0], shape[1])
		for _, n := range []int{1, 5, 12, 128} {
			b.Run(fmt.Sprintf("%dx%d/%d", shape[0], shape[1], n), func(b *testing.B) {
				var a Activations
				a.Quantize(normal(r, n*shape[1]), shape[1])
				dst := make([]float32, n*shape[0])
				for b.Loop() {
					Multiply(dst, &a, w)
				}
				ops := 2 * float64(n) * float64(shape[0]) * float64(shape[1])
				b.ReportMetric(ops*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GOPS")
			})
		}
	}
}

func BenchmarkQuantize(b *testing.B) {
	x := normal(rand.New(rand.NewPCG(15, 16)), 12*384)
	var a Activations
	b.SetBytes(int64(4 * len(x)))
	for b.Loop() {
		a.Quantize(x, 384)
	}
}
