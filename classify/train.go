package classify

import (
	"context"
	"math/rand/v2"
)

// Bounds that keep training within a gigabyte.
const (
	maxWeights = 48 << 20  // numbers in one weight matrix
	maxDuals   = 100 << 20 // examples × routes; beyond, prototypes take over
	maxFits    = 160 << 20 // numbers in all fits that run at once
	rareAllBut = 3000      // above so many texts an n-gram must be in two of them
)

// trainer carries what the stages of one training share.
type trainer struct {
	examples *Examples // utterances, then the names of the routes
	real     int       // how many of them are utterances
	config   Config
	mean     []float32
	vocab    *vocabulary
	problem  *problem
	fold     []int
	groups   *groups
	none     strangers
	foreign  strangers // of the background
	light    bool      // prototypes instead of a trained head
}

// Train learns a Model, on all workers; 15,000 utterances of 150 routes take about
// 10 s of processor time. ctx stops it early. The error is
// ErrNoExamples, ErrBadExamples or ctx's.
func Train(ctx context.Context, e Examples, c Config) (*Model, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := e.check(); err != nil {
		return nil, err
	}
	t := newTrainer(e, c)
	if t.light {
		return t.prototypes(ctx)
	}
	s, err := t.choose(ctx)
	if err != nil {
		return nil, err
	}
	t.problem = t.problem.scaled(s.scale)
	return t.learn(ctx, s)
}

func newTrainer(e Examples, c Config) *trainer {
	n, k := len(e.Texts), len(e.Routes)
	if c.Folds == 0 {
		c.Folds = foldsFor(n)
	}
	t := &trainer{real: n, config: c, light: n*k > maxDuals}
	t.mean = meanOf(e.Vectors)
	t.fold = assignFolds(e.Labels, k, c.Folds, c.Seed)
	t.groups = newGroups(&e, rand.New(rand.NewPCG(c.Seed, 0x96009)).Perm(n))
	t.none = newNoneExamples(&e)
	t.examples = withNames(e)
	for range len(t.examples.Texts) - n {
		t.fold = append(t.fold, always)
	}
	room := maxWeights/columns(k) - len(t.mean) - 1
	if t.light || room < 0 {
		t.light, room = true, 0
	}
	rare := 1
	if n > rareAllBut {
		rare = 2
	}
	t.vocab = newVocabulary(t.examples.Texts, rare, room)
	t.problem = newProblem(t.examples, t.vocab, t.mean)
	perFit := len(t.problem.labels)*k + t.problem.rows*t.problem.stride
	t.config.Workers = max(1, min(c.Workers, maxFits/perFit))
	return t
}

// withNames adds the name of each route as one more utterance.
func withNames(e Examples) *Examples {
	n := len(e.Texts)
	e.Texts, e.Labels, e.Vectors = e.Texts[:n:n], e.Labels[:n:n], e.Vectors[:n:n]
	for r, v := range e.NameVectors {
		if words := Words(e.Routes[r]); words != "" {
			e.Texts = append(e.Texts, words)
			e.Labels = append(e.Labels, int32(r))
			e.Vectors = append(e.Vectors, v)
		}
	}
	return &e
}

// run reports progress while it does the tasks of a stage.
func (t *trainer) run(ctx context.Context, stage string, tasks []task) error {
	done := 0
	return run(ctx, t.config.Workers, tasks, func() {
		done++
		t.config.Progress(stage, float64(done)/float64(len(tasks)))
	})
}

// trainingOrder lists the examples with a route that keep wants.
func (t *trainer) trainingOrder(keep func(i int) bool) []int {
	var order []int
	for i, r := range t.examples.Labels {
		if r != None && keep(i) {
			order = append(order, i)
		}
	}
	return order
}

// heldOrder lists the examples that fold f holds out.
func (t *trainer) heldOrder(f int) []int {
	var order []int
	for i, own := range t.fold {
		if own == f {
			order = append(order, i)
		}
	}
	return order
}

// learn fits everything with the settings chosen: the head, the folds, and the
// heads that lack some routes, all at once, for they are independent.
func (t *trainer) learn(ctx context.Context, s settings) (*Model, error) {
	var weights []float32
	n := t.real
	held, given := make([]evidence, n), make([]evidence, n)
	var beside []evidence
	sets := leftOut(len(t.examples.Routes), t.config.Seed)
	left := make([][]evidence, len(sets))
	tasks := []task{func(ctx context.Context) (err error) {
		weights, err = train(ctx, t.problem, t.trainingOrder(func(int) bool { return true }), s.c, t.config.Seed)
		if err == nil {
			t.observe(weights, t.without(None), given, nil)
			beside = t.observeBackground(weights, s)
		}
		return err
	}}
	for f := range t.config.Folds {
		tasks = append(tasks, func(ctx context.Context) error {
			w, err := train(ctx, t.problem, t.trainingOrder(func(i int) bool { return t.fold[i] != f }), s.c, t.config.Seed)
			if err == nil {
				t.observe(w, t.heldOrder(f), held, nil)
			}
			return err
		})
	}
	for k, out := range sets {
		tasks = append(tasks, func(ctx context.Context) (err error) {
			left[k], err = t.observeLeftOut(ctx, out, s)
			return err
		})
	}
	if err := t.run(ctx, "training", tasks); err != nil {
		return nil, err
	}
	beside = t.notResembling(held, beside)
	t.compareWith(beside)
	for _, list := range append(left, held, given) {
		t.compare(list, t.examples.Vectors, nil)
	}
	m := newModel(t, weights, s)
	m.fitHeldOut(t, observed{held, given, left, beside}, len(sets)+len(beside) > 0)
	return m, nil
}

// without lists the utterances of a label that no fold trains on.
func (t *trainer) without(label int32) []int {
	var list []int
	for i, r := range t.examples.Labels[:t.real] {
		if r == label {
			list = append(list, i)
		}
	}
	return list
}
