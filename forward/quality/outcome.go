package quality

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/semroute/semroute/routes"
)

// The kinds of failure.
var (
	// ErrOutcomes: the outcomes cannot be used; the text says where and why.
	ErrOutcomes = errors.New("outcomes are not usable")
	// ErrModel: a stored model cannot be used.
	ErrModel = errors.New("quality model is not usable")
)

// Outcome is a prompt with the quality that each model reached on it.
type Outcome struct {
	Text string `json:"text"`
	// Vector is the prompt's embedding; all have the same length, which may be 0.
	Vector []float32 `json:"-"`
	// Scores are in [0, 1], by model. A model that was not tried is left out.
	Scores map[string]float64 `json:"scores"`
}

// Merge joins the outcomes of equal prompts into their mean, in order: a prompt
// in two folds would be measured on what was learnt from itself.
func Merge(all []routes.Outcome) []Outcome {
	place := map[string]int{}
	var merged []Outcome
	var counts []map[string]float64
	for _, o := range all {
		i, ok := place[o.Text]
		if !ok {
			i = len(merged)
			place[o.Text] = i
			merged = append(merged, Outcome{Text: o.Text, Scores: map[string]float64{}})
			counts = append(counts, map[string]float64{})
		}
		for model, score := range o.Scores {
			counts[i][model]++
			merged[i].Scores[model] += (score - merged[i].Scores[model]) / counts[i][model]
		}
	}
	return merged
}

// Models are those that have a score, sorted.
func Models(outcomes []Outcome) []string {
	var names []string
	for _, o := range outcomes {
		for name := range o.Scores {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (o Outcome) validate() error {
	if o.Text == "" {
		return errors.New("text is missing")
	}
	if len(o.Scores) == 0 {
		return errors.New("scores are missing")
	}
	for model, s := range o.Scores {
		if !(s >= 0 && s <= 1) {
			return fmt.Errorf("the score of %q is %v, not between 0 and 1", model, s)
		}
	}
	return nil
}

// usable checks outcomes as a whole and gives the names of the models.
func usable(outcomes []Outcome) ([]string, error) {
	for i, o := range outcomes {
		if err := o.validate(); err != nil {
			return nil, fmt.Errorf("%w: outcome %d: %w", ErrOutcomes, i, err)
		}
		if len(o.Vector) != len(outcomes[0].Vector) {
			return nil, fmt.Errorf("%w: outcome %d has a vector of length %d, the first one %d", ErrOutcomes, i, len(o.Vector), len(outcomes[0].Vector))
		}
		for _, x := range o.Vector {
			if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
				return nil, fmt.Errorf("%w: outcome %d has a vector that is not finite", ErrOutcomes, i)
			}
		}
	}
	return Models(outcomes), nil
}
