package vec

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestFirstAboveFindsEveryHitInOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(19, 20))
	for _, n := range lengths {
		values := random(r, n)
		for _, limit := range []float32{float32(math.Inf(-1)), -1, 0, 1.5, 2.5, 100} {
			var got, want []int
			for i := FirstAbove(values, limit); i < n; i += 1 + FirstAbove(values[i+1:], limit) {
				got = append(got, i)
			}
			for i, v := range values {
				if v > limit {
					want = append(want, i)
				}
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%d values above %v: %v, want %v", n, limit, got, want)
			}
		}
	}
}

func TestFirstAboveDoesNotCountTheLimitItself(t *testing.T) {
	for n := range 70 {
		values := append(slices.Repeat([]float32{8}, n), 9)
		if got := FirstAbove(values, 8); got != n {
			t.Errorf("first above 8 at %d, want %d", got, n)
		}
	}
	lowest := slices.Repeat([]float32{float32(math.Inf(-1))}, 40)
	if got := FirstAbove(lowest, lowest[0]); got != 40 {
		t.Errorf("minus infinity is above itself at %d", got)
	}
}

func TestScoresI8MultipliesByScale(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	for _, n := range lengths {
		sums, scales, got := make([]int32, n), random(r, n), make([]float32, n+1)
		got[n] = 7
		for i := range sums {
			sums[i] = int32(r.IntN(1<<24) - 1<<23)
		}
		ScoresI8(got[:n], sums, scales)
		for i := range sums {
			if want := float32(sums[i]) * scales[i]; got[i] != want {
				t.Fatalf("%d values, at %d: %v, want %v", n, i, got[i], want)
			}
		}
		if got[n] != 7 {
			t.Fatalf("%d values: wrote outside", n)
		}
	}
}

func BenchmarkFirstAbove(b *testing.B) {
	values := make([]float32, 15000)
	for b.Loop() {
		FirstAbove(values, 1)
	}
}

func BenchmarkScoresI8(b *testing.B) {
	dst, sums, scales := make([]float32, 256), make([]int32, 256), make([]float32, 256)
	for b.Loop() {
		ScoresI8(dst, sums, scales)
	}
}
