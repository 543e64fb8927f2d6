package measure

import (
	"context"
	"math/rand/v2"
	"time"
)

// Task is done to the i-th input of a list; it begins again at the list's end.
type Task func(ctx context.Context, i int) error

// Paired does all tasks to one input after another, in an order drawn anew for
// each input, so that what drifts or comes in bursts meets all of them alike
// and none always follows the same other. It returns, for each task, the median
// of every round's n calls in microseconds. A round before the first warms up
// and does not count. No two rounds have the same inputs unless the list is
// short.
func Paired(ctx context.Context, rounds, n int, tasks ...Task) ([][]float64, error) {
	medians := make([][]float64, len(tasks))
	r := rand.New(rand.NewPCG(3, 5))
	for round := range rounds + 1 {
		took := make([][]float64, len(tasks))
		for i := range n {
			for _, at := range r.Perm(len(tasks)) {
				start := time.Now()
				if err := tasks[at](ctx, round*n+i); err != nil {
					return nil, err
				}
				took[at] = append(took[at], Microseconds(time.Since(start)))
			}
		}
		for at := range tasks {
			if round > 0 {
				medians[at] = append(medians[at], Quantile(took[at], 0.5))
			}
		}
	}
	return medians, nil
}

// Nth makes a task of what is done to one element of the list.
func Nth[T any](list []T, do func(context.Context, T) error) Task {
	return func(ctx context.Context, i int) error { return do(ctx, list[i%len(list)]) }
}

// Mixed is the list in an order that is the same every time, so that any
// stretch of it is a fair sample.
func Mixed[T any](list []T) []T {
	out := make([]T, len(list))
	for i, at := range rand.New(rand.NewPCG(2, 3)).Perm(len(list)) {
		out[i] = list[at]
	}
	return out
}
