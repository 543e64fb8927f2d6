package quality

import (
	"fmt"
	"math"
	"math/rand/v2"
)

const (
	defaultFolds = 5
	// leastOutcomes is how many outcomes there must be to learn from.
	leastOutcomes = 20
)

// enough is how much more loss than the least a stronger hold may have: the
// loss hardly differs around its least, and a stronger hold errs less elsewhere.
const enough = 1.005

// strengths are how strongly the regressions may be held back, strongest
// first; cross-validation takes the best.
var strengths = []float64{640, 320, 160, 80, 40, 20, 10}

// Config says how to train; the zero value is good.
type Config struct {
	// Folds (5) is the number of parts for cross-validation, at least 2.
	Folds int
	// Seed decides which outcome is in which part.
	Seed uint64
}

// training is what is learnt from.
type training struct {
	names []string
	rows  []description
	// scores[m][i] is model m's score on row i, given only where known[m][i].
	scores [][]float64
	known  [][]bool
	vector int
}

// Train learns from outcomes. All models that have a score on at least half of
// leastOutcomes prompts are learnt; there must be at least leastOutcomes.
func Train(outcomes []Outcome, config Config) (*Model, error) {
	t, err := prepare(outcomes)
	if err != nil {
		return nil, err
	}
	if config.Folds < 2 {
		config.Folds = defaultFolds
	}
	strength, unseen := t.choose(config)
	m := &Model{names: t.names, Scaler: fitScaler(t.rows, t.vector), Strength: strength, Models: map[string]*estimate{}}
	scaled := t.scaled(m.Scaler, all(len(t.rows)))
	lines := t.calibrate(unseen)
	for i, name := range t.names {
		m.Models[name] = &estimate{
			Weights:     *t.fit(scaled, m.Scaler.GramMean, all(len(t.rows)), i, strength, nil),
			Calibration: lines[i],
		}
	}
	return m, nil
}

func prepare(outcomes []Outcome) (*training, error) {
	if len(outcomes) < leastOutcomes {
		return nil, fmt.Errorf("%w: %d outcomes are too few to learn from, %d are needed", ErrOutcomes, len(outcomes), leastOutcomes)
	}
	names, err := usable(outcomes)
	if err != nil {
		return nil, err
	}
	t := &training{vector: len(outcomes[0].Vector)}
	for _, o := range outcomes {
		t.rows = append(t.rows, describe(o.Text, o.Vector))
	}
	for _, name := range names {
		scores, known, n := make([]float64, len(outcomes)), make([]bool, len(outcomes)), 0
		for i, o := range outcomes {
			if scores[i], known[i] = o.Scores[name]; known[i] {
				n++
			}
		}
		if n >= leastOutcomes/2 {
			t.names = append(t.names, name)
			t.scores, t.known = append(t.scores, scores), append(t.known, known)
		}
	}
	if len(t.names) == 0 {
		return nil, fmt.Errorf("%w: no model has a score on %d prompts", ErrOutcomes, leastOutcomes/2)
	}
	return t, nil
}

func all(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// folds deals n rows into parts.
func folds(n, parts int, seed uint64) [][]int {
	order := rand.New(rand.NewPCG(seed, 0x5eed)).Perm(n)
	out := make([][]int, parts)
	for i, row := range order {
		out[i%parts] = append(out[i%parts], row)
	}
	return out
}

// scaled are the rows with these numbers, scaled.
func (t *training) scaled(s scaler, rows []int) []description {
	out := make([]description, len(rows))
	for i, row := range rows {
		out[i] = s.apply(t.rows[row].clone())
	}
	return out
}

// fit is the regression of one model over scaled rows; rows are their numbers.
func (t *training) fit(scaled []description, gramMean []float64, rows []int, model int, strength float64, from *weights) *weights {
	p := problem{gramMean: gramMean, strength: strength}
	var targets []float64
	for i, row := range rows {
		if t.known[model][row] {
			p.rows = append(p.rows, scaled[i])
			targets = append(targets, t.scores[model][row])
		}
	}
	if len(targets) == 0 {
		return newWeights(len(t.rows[0].dense))
	}
	return p.solve(targets, from)
}

// choose finds the strength with the least error on unseen prompts, and gives
// every model's predictions for them.
func (t *training) choose(config Config) (float64, [][]float64) {
	predictions := make([][][]float64, len(strengths)) // strength, model, row
	for s := range strengths {
		predictions[s] = make([][]float64, len(t.names))
		for m := range t.names {
			predictions[s][m] = make([]float64, len(t.rows))
		}
	}
	parts := folds(len(t.rows), config.Folds, config.Seed)
	for held := range parts {
		var rest []int
		for i, part := range parts {
			if i != held {
				rest = append(rest, part...)
			}
		}
		t.predictHeld(rest, parts[held], predictions)
	}
	best := t.strongest(predictions)
	return strengths[best], predictions[best]
}

// strongest is the strongest strength whose loss is about the least.
func (t *training) strongest(predictions [][][]float64) int {
	losses := make([]float64, len(predictions))
	least := math.Inf(1)
	for s := range predictions {
		losses[s] = t.loss(predictions[s])
		least = min(least, losses[s])
	}
	for s, loss := range losses {
		if loss <= least*enough {
			return s
		}
	}
	return len(losses) - 1
}

// predictHeld learns from the rest and predicts what was held back.
func (t *training) predictHeld(rest, held []int, predictions [][][]float64) {
	learnt := make([]description, 0, len(rest))
	for _, row := range rest {
		learnt = append(learnt, t.rows[row])
	}
	s := fitScaler(learnt, t.vector)
	known, unseen := t.scaled(s, rest), t.scaled(s, held)
	for m := range t.names {
		var w *weights
		for i, strength := range strengths {
			w = t.fit(known, s.GramMean, rest, m, strength, w)
			for j, row := range held {
				predictions[i][m][row] = w.at(unseen[j])
			}
		}
	}
}

// loss is the squared error of what a choice between models depends on: how
// far each is from the mean of all. A single model is taken as it is.
func (t *training) loss(predictions [][]float64) float64 {
	sum := 0.0
	for row := range t.rows {
		var want, got []float64
		meanWant, meanGot := 0.0, 0.0
		for m := range t.names {
			if t.known[m][row] {
				want, got = append(want, t.scores[m][row]), append(got, predictions[m][row])
				meanWant, meanGot = meanWant+t.scores[m][row], meanGot+predictions[m][row]
			}
		}
		n := float64(len(want))
		if len(want) == 1 {
			meanWant, meanGot = 0, 0
		}
		for i := range want {
			miss := (want[i] - meanWant/n) - (got[i] - meanGot/n)
			sum += miss * miss
		}
	}
	return sum
}
