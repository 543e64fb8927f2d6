package measure

import (
	"context"
	"slices"
)

// Figure is the median of rounds with the smallest and the largest.
type Figure struct{ Value, Low, High float64 }

// Over sums up the values of the rounds.
func Over(rounds []float64) Figure {
	if len(rounds) == 0 {
		return Figure{}
	}
	sorted := slices.Sorted(slices.Values(rounds))
	return Figure{Value: middle(sorted), Low: sorted[0], High: sorted[len(sorted)-1]}
}

// middle is the median of what is sorted.
func middle(sorted []float64) float64 {
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}

// each combines two arms round by round, so that what disturbed one round
// disturbs only that round.
func each(a, b []float64, combine func(a, b float64) float64) Figure {
	out := make([]float64, min(len(a), len(b)))
	for i := range out {
		out[i] = combine(a[i], b[i])
	}
	return Over(out)
}

// Divided is a over b.
func Divided(a, b []float64) Figure {
	return each(a, b, func(a, b float64) float64 { return a / b })
}

// Less is a without b.
func Less(a, b []float64) Figure {
	return each(a, b, func(a, b float64) float64 { return a - b })
}

// Arm is one of the things that are measured in turns.
type Arm func(ctx context.Context) (float64, error)

// Alternate runs the arms in turns, A B A B…, and returns the values of each.
// Every second round runs backwards, so that no arm always comes after the
// same other. A round before the first warms up and does not count.
func Alternate(ctx context.Context, rounds int, arms ...Arm) ([][]float64, error) {
	values := make([][]float64, len(arms))
	for round := -1; round < rounds; round++ {
		for i := range arms {
			at := i
			if round%2 != 0 {
				at = len(arms) - 1 - i
			}
			v, err := arms[at](ctx)
			if err != nil {
				return nil, err
			}
			if round >= 0 {
				values[at] = append(values[at], v)
			}
		}
	}
	return values, nil
}

// Quantile is the q-th quantile of what need not be sorted; it sorts it.
func Quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[min(len(values)-1, int(q*float64(len(values))))]
}

// Single is a figure that was measured once.
func Single(v float64) Figure { return Over([]float64{v}) }

// Pick is the one for measuring quickly and roughly, or the one for measuring well.
func Pick[T any](quick bool, quickly, well T) T {
	if quick {
		return quickly
	}
	return well
}
