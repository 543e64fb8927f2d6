package vec

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestEighthFloorIsReachedByEightValues(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 32))
	for _, n := range lengths {
		values := random(r, n)
		got := EighthFloor(values)
		if n < lanes {
			if !math.IsInf(float64(got), -1) {
				t.Errorf("%d values: %v, want minus infinity", n, got)
			}
			continue
		}
		sorted := slices.Sorted(slices.Values(values))
		if eighth := sorted[n-8]; got > eighth || got < sorted[0] {
			t.Errorf("%d values: %v is above the eighth largest, %v, or below all", n, got, eighth)
		}
		if want := eighthFloorPortable(values[:n/lanes*lanes]); got != want {
			t.Errorf("%d values: %v, the portable form gives %v", n, got, want)
		}
	}
}

func TestEighthFloorIsTight(t *testing.T) {
	r := rand.New(rand.NewPCG(33, 34))
	reach := 0
	for range 200 {
		values := random(r, 100)
		reach += len(AppendReaching(nil, values, EighthFloor(values)))
	}
	if mean := reach / 200; mean < 8 || mean > 14 {
		t.Errorf("%d of 100 values reach the floor on average", mean)
	}
}

func TestAppendReachingFindsEveryValue(t *testing.T) {
	r := rand.New(rand.NewPCG(35, 36))
	for _, n := range lengths {
		values := random(r, n)
		for _, limit := range []float32{float32(math.Inf(-1)), -1, 0, 1.5, 100} {
			want := []int32{-7}
			for i, v := range values {
				if v >= limit {
					want = append(want, int32(i))
				}
			}
			if got := AppendReaching([]int32{-7}, values, limit); !slices.Equal(got, want) {
				t.Fatalf("%d values, limit %v: %v, want %v", n, limit, got, want)
			}
		}
	}
}

func BenchmarkTopOf100(b *testing.B) {
	values := random(rand.New(rand.NewPCG(37, 38)), 100)
	var places []int32
	for b.Loop() {
		places = AppendReaching(places[:0], values, EighthFloor(values))
	}
}
