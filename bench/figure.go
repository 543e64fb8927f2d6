package bench

import (
	"context"
	"slices"
)

// figure is the median of rounds with the smallest and the largest.
type figure struct{ value, low, high float64 }

// over sums up the values of the rounds.
func over(rounds []float64) figure {
	if len(rounds) == 0 {
		return figure{}
	}
	sorted := slices.Sorted(slices.Values(rounds))
	return figure{value: middle(sorted), low: sorted[0], high: sorted[len(sorted)-1]}
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
func each(a, b []float64, combine func(a, b float64) float64) figure {
	out := make([]float64, min(len(a), len(b)))
	for i := range out {
		out[i] = combine(a[i], b[i])
	}
	return over(out)
}

func divided(a, b []float64) figure {
	return each(a, b, func(a, b float64) float64 { return a / b })
}

func less(a, b []float64) figure {
	return each(a, b, func(a, b float64) float64 { return a - b })
}

// arm is one of the things that are measured in turns.
type arm func(ctx context.Context) (float64, error)

// alternate runs the arms in turns, A B A B…, and returns the values of each.
// Every second round runs backwards, so that no arm always comes after the
// same other. A round before the first warms up and does not count.
func alternate(ctx context.Context, rounds int, arms ...arm) ([][]float64, error) {
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

// quantile is the q-th quantile of what need not be sorted; it sorts it.
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[min(len(values)-1, int(q*float64(len(values))))]
}

// single is a figure that was measured once.
func single(v float64) figure { return over([]float64{v}) }
