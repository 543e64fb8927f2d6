package vec

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The plain forms of what the assembly does.

func quantizePlain(dst []int8, v []float32) float32 {
	var top float32
	for _, x := range v {
		top = max(top, float32(math.Abs(float64(x))))
	}
	if top == 0 {
		clear(dst)
		return 0
	}
	per := 127 / float64(top)
	for i, x := range v {
		dst[i] = int8(math.RoundToEven(float64(x) * per))
	}
	return float32(1 / per)
}

func TestQuantizingIsTheSameToTheByte(t *testing.T) {
	r := rand.New(rand.NewPCG(51, 52))
	for _, n := range append([]int{256, 384, 768}, lengths...) {
		for range 20 {
			v := random(r, n)
			for i := range v {
				if r.IntN(4) == 0 {
					v[i] = float32(r.IntN(9)-4) / 8 // ties
				}
			}
			got, want := make([]int8, n), make([]int8, n)
			scale, wantScale := QuantizeI8(got, v), quantizePlain(want, v)
			if scale != wantScale || !slices.Equal(got, want) {
				t.Fatalf("%d values: scale %v, want %v; %v, want %v", n, scale, wantScale, got, want)
			}
			low := make([]int8, n)
			QuantizeLowI8(low, got, v, scale)
			for i, x := range v {
				if scale == 0 {
					break
				}
				rest := (float64(x)*(1/float64(scale)) - float64(got[i])) * LowBase
				if want := int8(math.RoundToEven(rest)); low[i] != want {
					t.Fatalf("%d values, at %d: residual %d, want %d", n, i, low[i], want)
				}
			}
		}
	}
}

func TestNormalizeIsTheSameToTheBit(t *testing.T) {
	r := rand.New(rand.NewPCG(53, 54))
	for _, n := range lengths {
		v := random(r, n)
		var sums [4]float64
		for i, x := range v {
			sums[i%4] += float64(x) * float64(x)
		}
		length := math.Sqrt((sums[0] + sums[1]) + (sums[2] + sums[3]))
		want := slices.Clone(v)
		for i := range want {
			want[i] = float32(float64(want[i]) * (1 / length))
		}
		if ok := Normalize(v); ok != (length > 0) {
			t.Fatalf("%d values: %v for length %v", n, ok, length)
		} else if ok && !slices.Equal(v, want) {
			t.Fatalf("%d values: %v, want %v", n, v, want)
		}
	}
}

func BenchmarkQuantizeLowI8(b *testing.B) {
	v, dst, low := random(rand.New(rand.NewPCG(55, 56)), 256), make([]int8, 256), make([]int8, 256)
	scale := QuantizeI8(dst, v)
	for b.Loop() {
		QuantizeLowI8(low, dst, v, scale)
	}
}
