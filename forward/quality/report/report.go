// Package report says what choosing a model by expected quality is worth, in
// numbers, as text and as a page: what calls cost by the words of a user or the
// prices of a catalog, the measures of package quality on prompts that were not
// learnt from, and how they compare with the best and the cheapest model alone.
//
// It embeds nothing: outcomes come with their vectors.
package report

import (
	"errors"
	"fmt"
	"strings"

	"github.com/semroute/semroute/forward/quality"
)

// folds is how many parts the outcomes are split into.
const folds = 5

// ErrNoChoice: the outcomes leave nothing to choose, or cannot be compared.
var ErrNoChoice = errors.New("there is nothing to choose")

// Result is what was measured on outcomes.
type Result struct {
	Embedder string `json:"embedder"`
	Folds    int    `json:"folds"`
	Seed     uint64 `json:"seed"`
	// LeftOut are models that have no price or too few scores.
	LeftOut []string `json:"left_out"`
	Costs   Costs    `json:"costs"`
	quality.Evaluation
}

// Measure predicts each outcome by what is learnt from the others and compares
// the models by the costs that are given, or assumed where none are of use. The
// error wraps quality.ErrOutcomes or ErrNoChoice.
func Measure(outcomes []quality.Outcome, given Costs, embedder string, seed uint64) (*Result, error) {
	r := &Result{Embedder: embedder, Folds: folds, Seed: seed, LeftOut: []string{}}
	predictions, err := quality.CrossValidate(outcomes, quality.Config{Folds: folds, Seed: seed})
	if err != nil {
		return nil, err
	}
	r.Costs = given.of(outcomes, predictions)
	for _, m := range quality.Models(outcomes) {
		if _, ok := r.Costs.ByModel[m]; !ok {
			r.LeftOut = append(r.LeftOut, m)
		}
	}
	if r.Evaluation, err = quality.Evaluate(outcomes, predictions, r.Costs.ByModel); err != nil {
		left := strings.Join(r.LeftOut, ", ")
		if left == "" {
			left = "(none)"
		}
		return nil, fmt.Errorf("%w (models without a price or with too few scores: %s)", err, left)
	}
	if r.Prompts == 0 || r.Best.Quality <= r.Cheapest.Quality {
		return nil, fmt.Errorf("on the %s that have a score of both, %q is no better than %q, which costs less: %w",
			prompts(r.Prompts), r.Best.Model, r.Cheapest.Model, ErrNoChoice)
	}
	return r, nil
}
