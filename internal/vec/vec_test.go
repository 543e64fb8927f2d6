package vec

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// lengths reach every path of the kernels: whole steps, partial steps, tails.
var lengths = []int{0, 1, 2, 3, 7, 8, 9, 15, 16, 31, 32, 33, 40, 63, 64, 65, 96, 100, 127, 128, 129, 255, 256, 257, 384, 768, 1023, 1024}

func random(r *rand.Rand, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	return v
}

func randomI8(r *rand.Rand, n int) []int8 {
	v := make([]int8, n)
	for i := range v {
		v[i] = int8(r.IntN(256) - 128)
	}
	return v
}

func dot64(a, b []float32) (sum, size float64) {
	for i := range a {
		p := float64(a[i]) * float64(b[i])
		sum += p
		size += math.Abs(p)
	}
	return sum, size
}

func TestDotIsTheSumOfProducts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range lengths {
		a, b := random(r, n), random(r, n)
		want, size := dot64(a, b)
		for name, got := range map[string]float32{"dispatched": Dot(a, b), "portable": dotPortable(a, b)} {
			if math.Abs(float64(got)-want) > 1e-6*size {
				t.Errorf("%s, %d components: %v, want %v", name, n, got, want)
			}
		}
	}
}

func TestDotRowsGivesTheBitsOfDotForEveryRow(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, dim := range lengths {
		for _, n := range []int{0, 1, 2, 3, 4, 5, 9} {
			rows, q, got := random(r, n*dim), random(r, dim), make([]float32, n)
			DotRows(got, rows, dim, q)
			for i := range got {
				if want := Dot(rows[i*dim:(i+1)*dim], q); math.Float32bits(got[i]) != math.Float32bits(want) {
					t.Fatalf("row %d of %d, %d components: %v, alone %v", i, n, dim, got[i], want)
				}
			}
		}
	}
}

func TestDotDoesNotDependOnAlignment(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	const n = 261
	a, b := random(r, n), random(r, n)
	want := Dot(a, b)
	for shift := range 16 {
		as, bs := make([]float32, n+16), make([]float32, n+32)
		copy(as[shift:], a)
		copy(bs[2*shift:], b)
		if got := Dot(as[shift:shift+n], bs[2*shift:2*shift+n]); got != want {
			t.Errorf("shifted by %d: %v, want %v", shift, got, want)
		}
	}
}

func TestKernelsWriteOnlyWhatTheyAreGiven(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, n := range lengths {
		dst := make([]float32, n+2)
		dst[0], dst[n+1] = 7, 7
		DotRows(dst[1:n+1], random(r, n*3), 3, random(r, 3))
		y := slices.Repeat([]float32{7}, n+2)
		Axpy(2, random(r, n), y[1:n+1])
		sums := slices.Repeat([]int32{7}, n+2)
		DotRowsI8(sums[1:n+1], randomI8(r, n*5), 5, randomI8(r, 5))
		if dst[0] != 7 || dst[n+1] != 7 || y[0] != 7 || y[n+1] != 7 || sums[0] != 7 || sums[n+1] != 7 {
			t.Fatalf("%d values: wrote outside", n)
		}
	}
}

func TestAxpyAddsTheMultiple(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for _, n := range lengths {
		x, y := random(r, n), random(r, n)
		want, portable := slices.Clone(y), slices.Clone(y)
		for i := range want {
			want[i] = float32(float64(y[i]) + 0.75*float64(x[i]))
		}
		Axpy(0.75, x, y)
		axpyPortable(0.75, x, portable)
		for i := range want {
			if math.Abs(float64(y[i]-want[i])) > 1e-6 || math.Abs(float64(portable[i]-want[i])) > 1e-6 {
				t.Fatalf("%d components, at %d: %v and portable %v, want %v", n, i, y[i], portable[i], want[i])
			}
		}
	}
}

func TestNormalizeMakesUnitVectors(t *testing.T) {
	for name, v := range map[string][]float32{
		"one":           {3},
		"plain":         {3, 4},
		"five":          {1, 1, 1, 1, 5},
		"huge":          {3e38, 3e38, -3e38},
		"tiny":          {1e-45, 0, 1e-45},
		"already a one": {0, 0, 1, 0},
	} {
		if !Normalize(v) || math.Abs(Norm(v)-1) > 1e-6 {
			t.Errorf("%s: norm %v after Normalize", name, Norm(v))
		}
	}
}

func TestNormalizeLeavesWhatHasNoDirection(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for name, v := range map[string][]float32{
		"nothing": {}, "zero": {0, 0}, "infinite": {1, -inf}, "not a number": {1, nan},
	} {
		before := slices.Clone(v)
		if Normalize(v) {
			t.Errorf("%s: Normalize says true", name)
		}
		for i := range v {
			if math.Float32bits(v[i]) != math.Float32bits(before[i]) {
				t.Errorf("%s: changed to %v", name, v)
			}
		}
	}
}

func TestFiniteFindsWhatIsNot(t *testing.T) {
	v := make([]float32, 9)
	if v[0] = math.MaxFloat32; !Finite(v) || !Finite(nil) {
		t.Error("finite values called infinite")
	}
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for i := range v {
			w := slices.Clone(v)
			if w[i] = float32(bad); Finite(w) {
				t.Errorf("%v at %d called finite", bad, i)
			}
		}
	}
}

func TestLengthsThatDoNotFitPanic(t *testing.T) {
	four, five := make([]float32, 4), make([]float32, 5)
	b4, b5 := make([]int8, 4), make([]int8, 5)
	for name, call := range map[string]func(){
		"Dot":            func() { Dot(four, five) },
		"DotRows rows":   func() { DotRows(make([]float32, 2), four, 4, four) },
		"DotRows query":  func() { DotRows(make([]float32, 1), four, 4, five) },
		"Axpy":           func() { Axpy(1, four, five) },
		"DotI8":          func() { DotI8(b4, b5) },
		"DotRowsI8 rows": func() { DotRowsI8(make([]int32, 2), b4, 4, b4) },
		"QuantizeI8":     func() { QuantizeI8(b4, five) },
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
