package quality

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
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

// maxLine bounds a line of outcomes.
const maxLine = 4 << 20

// ReadOutcomes reads JSON lines {"text": …, "scores": {model: 0..1}}. Other
// keys are left alone; name is what the source is called in errors.
func ReadOutcomes(r io.Reader, name string) ([]Outcome, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	var list []Outcome
	n := 0
	for lines.Scan() {
		n++
		if len(lines.Bytes()) == 0 {
			continue
		}
		var o Outcome
		if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
			return nil, fmt.Errorf("%w: %s:%d: %w", ErrOutcomes, name, n, err)
		}
		if err := o.validate(); err != nil {
			return nil, fmt.Errorf("%w: %s:%d: %w", ErrOutcomes, name, n, err)
		}
		list = append(list, o)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%w: %s:%d: %w", ErrOutcomes, name, n+1, err)
	}
	return list, nil
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
	names := map[string]bool{}
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
		for name := range o.Scores {
			names[name] = true
		}
	}
	sorted := make([]string, 0, len(names))
	for name := range names {
		sorted = append(sorted, name)
	}
	slices.Sort(sorted)
	return sorted, nil
}
