package classify

import (
	"context"
	"math/rand/v2"
)

// masked is the logit of a route that took no part in the training.
const masked = -1e30

// observe gathers the evidence on examples that weights were not trained on,
// into to[example]. The routes in hidden do not lead.
func (t *trainer) observe(weights []float32, examples []int, to []evidence, hidden []bool) {
	z := make([]float32, t.problem.stride)
	var sims []float32
	for _, i := range examples {
		clear(z)
		t.problem.score(z, weights, i)
		for r, hide := range hidden {
			if hide {
				z[r] = masked
			}
		}
		t.weigh(&to[i], i, z[:t.problem.routes], &sims)
	}
}

// weigh fills the evidence on example i, given its logits: the leading routes
// and their nearest utterances, itself left out.
func (t *trainer) weigh(e *evidence, i int, logits []float32, sims *[]float32) {
	var leaders [Leaders]Leader
	e.n, e.nearestNone, e.nearestForeign, e.place = 0, -1, -1, int32(i)
	if t.examples.Labels[i] != None { // none: examples are not measured against themselves
		e.nearestNone = t.none.nearest(t.examples.Vectors[i], make([]float32, t.none.count()))
	}
	for _, l := range leaders[:lead(&leaders, logits)] {
		if l.Logit == masked {
			break
		}
		near := t.groups.find(l.Route, t.examples.Vectors[i], t.groups.place[i], sims)
		e.set(e.n, l, &near)
		e.n++
	}
}

// maxLeft bounds the examples looked at for one set of left-out routes.
const maxLeft = 1500

// leftOut names the sets of routes to leave out of a training: each route of
// few, two random quarters of many, none of two.
func leftOut(routes int, seed uint64) [][]int {
	if routes < 3 {
		return nil
	}
	if routes < Leaders {
		sets := make([][]int, routes)
		for r := range sets {
			sets[r] = []int{r}
		}
		return sets
	}
	perm := rand.New(rand.NewPCG(seed, 0x1ef7)).Perm(routes)
	return [][]int{perm[:routes/4], perm[routes/4 : routes/2]}
}

// observeLeftOut trains without some routes and gathers the evidence on their
// examples: prompts that belong to no route the weights know.
func (t *trainer) observeLeftOut(ctx context.Context, out []int, s settings) ([]evidence, error) {
	hidden := make([]bool, len(t.examples.Routes))
	for _, r := range out {
		hidden[r] = true
	}
	keep := t.trainingOrder(func(i int) bool { return !hidden[t.examples.Labels[i]] })
	weights, err := train(ctx, t.problem, keep, s.c, t.config.Seed)
	if err != nil {
		return nil, err
	}
	hiddenExamples := subsample(t.trainingOrder(func(i int) bool { return i < t.real && hidden[t.examples.Labels[i]] }), maxLeft)
	all := make([]evidence, t.real)
	t.observe(weights, hiddenExamples, all, hidden)
	list := make([]evidence, len(hiddenExamples))
	for k, i := range hiddenExamples {
		list[k] = all[i]
	}
	return list, nil
}
