package vec

import (
	"math/rand/v2"
	"testing"
)

func TestFirstAboveFindsEveryHitInOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(19, 20))
	for _, n := range []int{0, 1, 7, 8, 9, 15, 16, 17, 64, 100} {
		sums, scales := make([]int32, n), make([]float32, n)
		for i := range sums {
			sums[i], scales[i] = int32(r.IntN(2001)-1000), r.Float32()
		}
		for _, limit := range []float32{-2000, -100, 0, 400, 900, 2000} {
			var got, want []int
			for i := FirstAbove(sums, scales, limit); i < n; {
				got = append(got, i)
				i += 1 + FirstAbove(sums[i+1:], scales[i+1:], limit)
			}
			for i := range sums {
				if float32(sums[i])*scales[i] > limit {
					want = append(want, i)
				}
			}
			if len(got) != len(want) {
				t.Fatalf("%d values above %v: %v, want %v", n, limit, got, want)
			}
			for i := range got {
				if got[i] != want[i] {
					t.Fatalf("%d values above %v: %v, want %v", n, limit, got, want)
				}
			}
		}
	}
}

func TestFirstAboveDoesNotCountTheLimitItself(t *testing.T) {
	sums := []int32{4, 4, 4, 4, 4, 4, 4, 4, 4, 5}
	scales := []float32{2, 2, 2, 2, 2, 2, 2, 2, 2, 2}
	if got := FirstAbove(sums, scales, 8); got != 9 {
		t.Errorf("first above 8 at %d, want 9", got)
	}
}

func BenchmarkFirstAbove(b *testing.B) {
	sums, scales := make([]int32, 15000), make([]float32, 15000)
	for b.Loop() {
		FirstAbove(sums, scales, 1)
	}
}
