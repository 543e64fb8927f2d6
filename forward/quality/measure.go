package quality

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Evaluation is what choosing a model by estimated quality is worth, measured
// on prompts that the estimates had not seen. It compares the best model alone
// (highest mean quality) with the cheapest alone, and everything in between.
//
// The measures are those of RouteLLM (Ong et al. 2024): sending a share c of
// the prompts to the best model and the rest to the cheapest recovers the
// share PGR(c) = (quality - quality of the cheapest) / (quality of the best -
// quality of the cheapest) of the gap between them. APGR is the mean of PGR(c)
// over c from 0 to 1, 0.5 for a choice by chance; CPT(x) is the least share of
// prompts for the best model that recovers x of the gap.
type Evaluation struct {
	Prompts int `json:"prompts"`
	// Best and Cheapest are the models alone.
	Best     Alone   `json:"best"`
	Cheapest Alone   `json:"cheapest"`
	APGR     float64 `json:"apgr"`
	CPT50    float64 `json:"cpt_50"`
	CPT80    float64 `json:"cpt_80"`
	// AtBestQuality is the cheapest way to be as good as the best model alone.
	AtBestQuality Mix `json:"at_best_quality"`
	At80          Mix `json:"at_80"`
	At50          Mix `json:"at_50"`
	// CalibrationError is the mean gap between expected and reached quality, over
	// ten groups of equal size and all models.
	CalibrationError float64 `json:"calibration_error"`
	// Curve runs from the cheapest model to the best.
	Curve []Point `json:"curve"`
}

// Alone is one model serving every prompt.
type Alone struct {
	Model   string  `json:"model"`
	Quality float64 `json:"quality"`
	Cost    float64 `json:"cost"`
}

// Mix is a share of the prompts going to the best model.
type Mix struct {
	// Share is the least share that reaches the quality; Quality what is reached.
	Share   float64 `json:"share"`
	Quality float64 `json:"quality"`
	Cost    float64 `json:"cost"`
	// SavingToBest and SavingToChance are how much less it costs than the best
	// model alone and than a choice by chance of the same quality, in percent.
	SavingToBest   float64 `json:"saving_to_best_percent"`
	SavingToChance float64 `json:"saving_to_chance_percent"`
}

// Point is one point of the curve of cost and quality. Chance is the quality
// of a choice by chance at the same cost.
type Point struct {
	Share   float64 `json:"share"`
	Cost    float64 `json:"cost"`
	Quality float64 `json:"quality"`
	Chance  float64 `json:"chance"`
}

// curvePoints is how many points a curve has.
const curvePoints = 51

// Evaluate measures predictions made for the outcomes, in the same order, as
// CrossValidate gives them. costs say what one call of a model costs, in any
// unit; models without one are left out.
func Evaluate(outcomes []Outcome, predictions []map[string]float64, costs map[string]float64) (Evaluation, error) {
	if len(outcomes) != len(predictions) || len(outcomes) == 0 {
		return Evaluation{}, fmt.Errorf("%w: %d outcomes, %d predictions", ErrOutcomes, len(outcomes), len(predictions))
	}
	best, cheapest, err := pair(outcomes, costs)
	if err != nil {
		return Evaluation{}, err
	}
	path := walk(outcomes, predictions, best.Model, cheapest.Model)
	e := Evaluation{
		Prompts: path.prompts(), Best: best, Cheapest: cheapest,
		APGR: path.area(), CPT50: path.reach(0.5), CPT80: path.reach(0.8),
		CalibrationError: calibrationError(outcomes, predictions),
	}
	e.Best.Quality, e.Cheapest.Quality = path.quality(1), path.quality(0)
	e.At50, e.At80, e.AtBestQuality = e.mix(path, 0.5), e.mix(path, 0.8), e.mix(path, 1)
	for i := range curvePoints {
		share := float64(i) / (curvePoints - 1)
		e.Curve = append(e.Curve, Point{
			Share: share, Cost: e.cost(share), Quality: path.quality(share),
			Chance: e.Cheapest.Quality + share*(e.Best.Quality-e.Cheapest.Quality),
		})
	}
	return e, nil
}

func (e *Evaluation) cost(share float64) float64 {
	return e.Cheapest.Cost + share*(e.Best.Cost-e.Cheapest.Cost)
}

// mix is the least share of the best model that recovers so much of the gap.
func (e *Evaluation) mix(p path, recovered float64) Mix {
	share := p.reach(recovered)
	m := Mix{Share: share, Quality: p.quality(share), Cost: e.cost(share)}
	m.SavingToBest = saving(m.Cost, e.Best.Cost)
	m.SavingToChance = saving(m.Cost, e.cost(recovered))
	return m
}

func saving(cost, against float64) float64 {
	if against == 0 {
		return 0
	}
	return 100 * (1 - cost/against)
}

// pair finds the best and the cheapest model.
func pair(outcomes []Outcome, costs map[string]float64) (best, cheapest Alone, err error) {
	sums, counts := map[string]float64{}, map[string]float64{}
	for _, o := range outcomes {
		for name, s := range o.Scores {
			sums[name] += s
			counts[name]++
		}
	}
	var models []Alone
	for name, n := range counts {
		if cost, ok := costs[name]; ok {
			models = append(models, Alone{Model: name, Quality: sums[name] / n, Cost: cost})
		}
	}
	if len(models) < 2 {
		return best, cheapest, fmt.Errorf("%w: two models with scores and a price are needed, there are %d", ErrOutcomes, len(models))
	}
	slices.SortFunc(models, func(a, b Alone) int {
		return cmp.Or(cmp.Compare(b.Quality, a.Quality), cmp.Compare(a.Cost, b.Cost), cmp.Compare(a.Model, b.Model))
	})
	best = models[0]
	slices.SortFunc(models, func(a, b Alone) int {
		return cmp.Or(cmp.Compare(a.Cost, b.Cost), cmp.Compare(b.Quality, a.Quality), cmp.Compare(a.Model, b.Model))
	})
	cheapest = models[0]
	if best.Model == cheapest.Model {
		return best, cheapest, fmt.Errorf("%w: %q is both the best and the cheapest model, there is nothing to choose", ErrOutcomes, best.Model)
	}
	return best, cheapest, nil
}

// path is the quality reached as more and more prompts go to the best model,
// those that are expected to gain most first. at[i] is the sum over i prompts.
type path struct{ at []float64 }

// walk orders the prompts by expected gain. Prompts that are expected to gain
// the same go in no order: each counts for the mean gain among them.
func walk(outcomes []Outcome, predictions []map[string]float64, best, cheapest string) path {
	type step struct{ expected, gain float64 }
	var steps []step
	base := 0.0
	for i, o := range outcomes {
		high, ok1 := o.Scores[best]
		low, ok2 := o.Scores[cheapest]
		if ok1 && ok2 {
			steps = append(steps, step{predictions[i][best] - predictions[i][cheapest], high - low})
			base += low
		}
	}
	slices.SortStableFunc(steps, func(a, b step) int { return cmp.Compare(b.expected, a.expected) })
	p := path{at: []float64{base}}
	for from := 0; from < len(steps); {
		to, sum := from, 0.0
		for ; to < len(steps) && steps[to].expected == steps[from].expected; to++ {
			sum += steps[to].gain
		}
		for n := float64(to - from); from < to; from++ {
			base += sum / n
			p.at = append(p.at, base)
		}
	}
	return p
}

func (p path) prompts() int { return len(p.at) - 1 }

// quality is the mean quality when a share of the prompts goes to the best.
func (p path) quality(share float64) float64 {
	n := p.prompts()
	if n == 0 {
		return 0
	}
	x := share * float64(n)
	i := min(int(x), n-1)
	between := x - float64(i)
	return (p.at[i]*(1-between) + p.at[i+1]*between) / float64(n)
}

// recovered is the share of the gap that is recovered after i prompts.
func (p path) recovered(i int) float64 {
	gap := p.at[len(p.at)-1] - p.at[0]
	if gap == 0 {
		return 1
	}
	return (p.at[i] - p.at[0]) / gap
}

// area is the mean of PGR over all shares.
func (p path) area() float64 {
	sum := 0.0
	for i := range p.prompts() {
		sum += (p.recovered(i) + p.recovered(i+1)) / 2
	}
	return sum / float64(p.prompts())
}

// reach is the least share that recovers so much of the gap.
func (p path) reach(recovered float64) float64 {
	for i := range p.at {
		if got := p.recovered(i); got >= recovered-1e-12 {
			if i == 0 {
				return 0
			}
			before := p.recovered(i - 1)
			return (float64(i-1) + min(1, (recovered-before)/(got-before))) / float64(p.prompts())
		}
	}
	return 1
}

// calibrationGroups is how many groups of prompts are looked at per model.
const calibrationGroups = 10

// calibrationError compares what was expected with what was reached.
func calibrationError(outcomes []Outcome, predictions []map[string]float64) float64 {
	type one struct{ expected, reached float64 }
	byModel := map[string][]one{}
	total := 0
	for i, o := range outcomes {
		for name, s := range o.Scores {
			if expected, ok := predictions[i][name]; ok {
				byModel[name] = append(byModel[name], one{expected, s})
				total++
			}
		}
	}
	sum := 0.0
	for _, list := range byModel {
		slices.SortStableFunc(list, func(a, b one) int { return cmp.Compare(a.expected, b.expected) })
		for g := range calibrationGroups {
			gap := 0.0
			for _, o := range list[g*len(list)/calibrationGroups : (g+1)*len(list)/calibrationGroups] {
				gap += o.expected - o.reached
			}
			sum += math.Abs(gap)
		}
	}
	return sum / float64(max(total, 1))
}

// CrossValidate predicts every outcome by a model that was trained on the
// other folds, so that nothing is measured on what it was learnt from.
func CrossValidate(outcomes []Outcome, config Config) ([]map[string]float64, error) {
	parts := config.Folds
	if parts < 2 {
		parts = defaultFolds
	}
	predictions := make([]map[string]float64, len(outcomes))
	for held, part := range folds(len(outcomes), parts, config.Seed) {
		inPart := map[int]bool{}
		for _, i := range part {
			inPart[i] = true
		}
		var rest []Outcome
		for i, o := range outcomes {
			if !inPart[i] {
				rest = append(rest, o)
			}
		}
		m, err := Train(rest, Config{Folds: parts, Seed: config.Seed + uint64(held) + 1})
		if err != nil {
			return nil, err
		}
		for _, i := range part {
			predictions[i] = m.Predict(outcomes[i].Text, outcomes[i].Vector)
		}
	}
	return predictions, nil
}
