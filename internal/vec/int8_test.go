package vec

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestDotI8IsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for _, n := range lengths {
		for _, rows := range []int{1, 2, 3, 4, 5, 7, 8} {
			block, q := randomI8(r, rows*n), randomI8(r, n)
			got, want := make([]int32, rows), make([]int32, rows)
			DotRowsI8(got, block, n, q)
			dotRowsI8Portable(want, block, n, q)
			if !slices.Equal(got, want) {
				t.Fatalf("%d rows of %d: %v, want %v", rows, n, got, want)
			}
			if one := DotI8(block[:n], q); one != want[0] {
				t.Fatalf("%d components: %d, want %d", n, one, want[0])
			}
		}
	}
}

func TestDotI8HoldsTheLargestProducts(t *testing.T) {
	const n = 4096
	lowest, highest := slices.Repeat([]int8{-128}, n), slices.Repeat([]int8{127}, n)
	for _, c := range []struct {
		a, b []int8
		want int32
	}{
		{lowest, lowest, n * 128 * 128},
		{highest, highest, n * 127 * 127},
		{lowest, highest, -n * 128 * 127},
		{highest, lowest, -n * 128 * 127},
	} {
		if got := DotI8(c.a, c.b); got != c.want {
			t.Errorf("%d·%d: %d, want %d", c.a[0], c.b[0], got, c.want)
		}
	}
}

func TestQuantizeI8StaysWithinHalfAStep(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	for _, n := range lengths {
		v, dst := random(r, n), make([]int8, n)
		scale := QuantizeI8(dst, v)
		for i := range v {
			if diff := math.Abs(float64(v[i]) - float64(scale)*float64(dst[i])); diff > 0.5001*float64(scale) {
				t.Fatalf("component %v became %d of scale %v", v[i], dst[i], scale)
			}
		}
	}
}

func TestQuantizeI8UsesTheWholeRange(t *testing.T) {
	for _, c := range []struct {
		v     []float32
		want  []int8
		scale float32
	}{
		{[]float32{0, 0}, []int8{0, 0}, 0},
		{[]float32{1, -1, 0.5}, []int8{127, -127, 64}, 1.0 / 127},
		{[]float32{-254, 2, 1.1, -0.9}, []int8{-127, 1, 1, 0}, 2},
		{[]float32{1e-45, 0}, []int8{127, 0}, 0},
	} {
		got := slices.Repeat([]int8{99}, len(c.v))
		if scale := QuantizeI8(got, c.v); scale != c.scale || !slices.Equal(got, c.want) {
			t.Errorf("%v: %v of scale %v, want %v of scale %v", c.v, got, scale, c.want, c.scale)
		}
	}
}

func TestResidualI8IsWhatQuantisingLost(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	for _, n := range lengths {
		v, code := random(r, n), make([]int8, n)
		scale := QuantizeI8(code, v)
		var want float64
		for i := range v {
			d := float64(v[i]) - float64(scale)*float64(code[i])
			want += d * d
		}
		if got := float64(ResidualI8(v, code, scale)); math.Abs(got-math.Sqrt(want)) > 1e-5*(1+math.Sqrt(want)) {
			t.Errorf("%d components: %v, want %v", n, got, math.Sqrt(want))
		}
	}
}
