package classify

import (
	"context"
	"math"
	"slices"
)

// settings are what cross-validation chooses.
type settings struct {
	scale float32 // of the n-grams against the vector
	c     float32 // inverse strength of the regularisation
}

// thinRoutes is the number of utterances a route up to which prompts are taken
// to differ more from the utterances than these from each other.
const thinRoutes = 20

// scaleChoices and strengthChoices begin with the choice that is kept unless
// another gains more than half a standard error (after the one-standard-error
// rule of Breiman et al. 1984). With few utterances the n-grams of a prompt are
// mostly new, so the vector is the safer guide.
func scaleChoices(perRoute int) []settings {
	if perRoute <= thinRoutes {
		return []settings{{.5, 16}, {.7, 16}, {1, 16}}
	}
	return []settings{{.7, 16}, {1, 16}, {.5, 16}}
}

func strengthChoices(s settings) []settings {
	return []settings{s, {s.scale, 8}, {s.scale, 32}}
}

const (
	// maxTrial bounds the examples of one trial fit.
	maxTrial = 6000
	// fewExamples: up to so many, all folds are tried, not only the first.
	fewExamples = 4000
)

// choose finds the settings by cross-validation.
func (t *trainer) choose(ctx context.Context) (settings, error) {
	s, err := t.round(ctx, "choosing n-gram weight", scaleChoices(t.real/len(t.examples.Routes)))
	if err != nil {
		return s, err
	}
	return t.round(ctx, "choosing regularisation", strengthChoices(s))
}

// round tries the choices on the same held-out examples.
func (t *trainer) round(ctx context.Context, stage string, choices []settings) (settings, error) {
	folds := 1
	if len(t.fold) <= fewExamples {
		folds = t.config.Folds
	}
	right := make([][][]bool, len(choices)) // by choice and fold, the held-out examples
	var tasks []task
	for c, choice := range choices {
		problem := t.problem.scaled(choice.scale)
		right[c] = make([][]bool, folds)
		for f := range folds {
			tasks = append(tasks, func(ctx context.Context) error {
				order := t.trainingOrder(func(i int) bool { return t.fold[i] != f })
				weights, err := train(ctx, problem, subsample(order, maxTrial), choice.c, t.config.Seed)
				if err != nil {
					return err
				}
				right[c][f] = problem.right(weights, subsample(t.heldOrder(f), maxTrial/2))
				return nil
			})
		}
	}
	if err := t.run(ctx, stage, tasks); err != nil {
		return settings{}, err
	}
	flat := make([][]bool, len(choices))
	for c := range choices {
		flat[c] = slices.Concat(right[c]...)
	}
	return choices[pick(flat)], nil
}

// pick returns the first choice that is within half a standard error of the
// best. Both judged the same examples, so only those count on which they differ
// (McNemar 1947).
func pick(right [][]bool) int {
	best := 0
	for c := range right {
		if gain, _ := compare(right[c], right[best]); gain > 0 {
			best = c
		}
	}
	for c := range right {
		if gain, differ := compare(right[best], right[c]); float64(gain) <= math.Sqrt(float64(differ))/2 {
			return c
		}
	}
	return best
}

// compare returns how many more examples a has right than b, and on how many
// they differ.
func compare(a, b []bool) (gain, differ int) {
	for i := range a {
		if a[i] != b[i] {
			differ++
			if a[i] {
				gain++
			} else {
				gain--
			}
		}
	}
	return gain, differ
}

// subsample keeps at most n of list, evenly spread.
func subsample(list []int, n int) []int {
	if len(list) <= n {
		return list
	}
	out := make([]int, n)
	for i := range out {
		out[i] = list[i*len(list)/n]
	}
	return out
}

// right says of each of the examples whether its own route is in front.
func (p *problem) right(weights []float32, examples []int) []bool {
	z := make([]float32, p.stride)
	out := make([]bool, len(examples))
	var leaders [Leaders]Leader
	for k, i := range examples {
		clear(z)
		p.score(z, weights, i)
		out[k] = lead(&leaders, z[:p.routes]) > 0 && leaders[0].Route == p.labels[i]
	}
	return out
}
